"""Clinical CT simulated from micro-CT: the same tissue as two scanners would show it, for the first stage of the two to learn.

Where micro-CT and clinical CT show different tissue, a translator between them can do without any change of look. Here the domains differ
as scanners do (grid, point spread function, contrast curve, noise), come from separate slices, and the truth of the translation is known.
"""

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float, Real, UInt

from radloupe.core import seeds
from radloupe.core.errors import InputError, RadloupeWarning
from radloupe.core.settings import validated, within
from radloupe.data.builder import Builder, Piece
from radloupe.data.collections import STACKS, read, volumes
from radloupe.degradation.blur import GaussianBlur
from radloupe.degradation.noise import CorrelatedNoise
from radloupe.degradation.pyramid import PyramidReduce
from radloupe.papers.ct_uct.ct_uct_patches import corners, to_16_bits

LAYOUT = "the folder micro with one volume of micro-CT"
MICRO_BANDS = {"train": (0.0, 0.35), "validation": (0.75, 0.8), "test": (0.87, 1.0)}
CLINICAL_BANDS = {"train": (0.37, 0.72), "validation": (0.8, 0.85), "test": (0.87, 1.0)}
"""Shares of the slices: no slice that is trained on is in both domains."""
HALVINGS = 3
Plane = Float[np.ndarray, "y x"]


@validated
class SimulatedScanner:
    """What can be chosen."""

    patches: int = within(400, 1, 10**6)
    """Of each domain and part."""
    side: int = within(128, 16, 4096)
    """Of micro-CT patches; an eighth of it for the clinical ones."""
    width: float = within(0.8, 0.0, 10.0)
    """Standard deviation of the clinical point spread function in clinical pixels, beside that of the grid."""
    exponent: float = within(0.6, 0.1, 10.0)
    """Of the contrast curve: the power of values 0 to 1."""
    floor: float = within(0.15, 0.0, 0.5)
    """Where black lies then, and how far below one white does."""
    noise: float = within(0.03, 0.0, 1.0)
    """Standard deviation of the noise, which is correlated over a pixel."""


def scanned(micro: Plane, settings: SimulatedScanner, seed: int) -> Float[np.ndarray, "v u"]:
    """A slice of micro-CT (values 0 to 1, sides a multiple of 8) as the clinical scanner shows it: 1/8 of each side, values 0 to 1."""
    low = micro
    for _ in range(HALVINGS):
        low = PyramidReduce("centre")(low)
    low = GaussianBlur(7, 7, settings.width, settings.width)(low) if settings.width else low
    curved = settings.floor + (1 - 2 * settings.floor) * np.clip(low, 0, 1) ** settings.exponent
    noisy: np.ndarray = CorrelatedNoise(settings.noise, 0.7, seed)(curved) if settings.noise else curved
    return np.clip(noisy, 0, 1)


def make(source: Path, settings: SimulatedScanner, seed: int) -> Iterator[Piece]:
    """Unpaired patches of both domains; test patches of micro-CT come with their clinical form as the low image."""
    found = volumes(source / "micro", f"{LAYOUT}; the volume of micro", STACKS)
    text = "Clinical CT is simulated from micro-CT of one specimen, and parts are split by slices: metrics hold for other slices of it."
    warnings.warn(text, RadloupeWarning, stacklevel=2)
    values = read(found[0]).pixels[0]
    if min(values.shape[1:]) < settings.side:
        raise InputError(f"Expected slices of at least {settings.side} pixels a side in {found[0]}, found {values.shape[1:]}. Set side.")
    low, high = float(values.min()), float(values.max())
    for domain, bands in (("micro", MICRO_BANDS), ("clinical", CLINICAL_BANDS)):
        for part, (first, last) in bands.items():
            rng = seeds.generator(seed, "simulated", domain, part)
            band = range(*(round(end * len(values)) for end in (first, last)))
            for z, y, x in corners((len(band), *values.shape[1:]), settings.side, None, settings.patches, rng):
                patch = values[band[z], y : y + settings.side, x : x + settings.side]
                images = of_patch(unit_range(patch, low, high), domain, part, settings, int(rng.integers(2**31)))
                about = {"domain": domain, "corner": [band[z], y, x], "range": [low, high], "unit": "grey", "shared_patient": True}
                yield Piece(domain, part, images, about)


def of_patch(micro: Plane, domain: str, part: str, settings: SimulatedScanner, seed: int) -> dict[str, UInt[np.ndarray, "_y _x"]]:
    """The images of a patch: as its domain shows it, and both where methods are tested."""
    clinical = to_16_bits(scanned(micro, settings, seed), 0, 1)
    if domain == "clinical":
        return {"image": clinical}
    return {"image": to_16_bits(micro, 0, 1)} | ({"low": clinical} if part == "test" else {})


def unit_range(values: Real[np.ndarray, "y x"], low: float, high: float) -> Plane:
    """Values from `low` to `high` as 0 to 1."""
    return (values.astype(np.float64) - low) / ((high - low) or 1)


SIMULATED_SCANNER = Builder(make, SimulatedScanner(), LAYOUT, "after the micro-CT paper, section 2.1: domains of two scanners")
