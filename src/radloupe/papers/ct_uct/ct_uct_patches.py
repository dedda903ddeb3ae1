"""Unpaired patches of clinical CT and micro-CT (micro-CT paper, sections 2.1 and 3)."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Bool, Real, UInt

from radloupe.core import seeds
from radloupe.core.errors import InputError, RadloupeWarning
from radloupe.core.settings import validated, within
from radloupe.data.builder import Builder, Piece
from radloupe.data.collections import STACKS, by_part, patient_of, read, shortage, volumes
from radloupe.data.patients import split
from radloupe.imaging.pixel_info import SCANNER_HU
from radloupe.papers.ct_uct.lungs import lung_mask

LAYOUT = "the folders clinical and micro, each with volumes (a file, or a folder of DICOM files) or a folder for each patient"
HINT = "Fewer volumes can be split by slices with the setting split=slices; their metrics do not hold for new patients."
TOP = 65_535
TRIES = 50
"""Random corners tried for each patch inside the mask."""
BANDS = {"train": (0.0, 0.7), "validation": (0.75, 0.82), "test": (0.87, 1.0)}
"""Range of a volume's slices in each part, as fractions, for `split=slices`; slices between the ranges are unused."""


@validated
class CtUct:
    """Settings of the data set."""

    patches: int = within(2000, 1, 10**6)
    """Patches from each volume."""
    clinical_side: int = within(32, 4, 4096)
    micro_side: int = within(256, 4, 4096)
    """Sides of patches in pixels: 8 times as many for micro-CT."""
    mask: Literal["lung", "none"] = "lung"
    """Where clinical patches lie: wholly in the lungs, or anywhere."""
    clinical_range: tuple[float, float] = within(SCANNER_HU, -1e5, 1e5)
    """Hounsfield units that -1 and 1 stand for in every clinical volume; what lies beyond is cut off. A published model keeps them."""
    micro_top: float = within(0.0, 0.0, 1e9)
    """Micro-CT is cut to 0 and this first, as in the group's code (15000 of its scanner's units); 0 leaves it."""
    split: Literal["patients", "slices"] = "patients"
    """What separates the parts. `slices` is for fewer than three volumes of a domain and says so in every row."""
    tissue: str = "lung"
    """What the volumes show. Another word is written into every row, since the paper's metrics are of lungs."""


def make(source: Path, settings: CtUct, seed: int) -> Iterator[Piece]:
    """Random patches of each volume of both domains in 16 bits, which stand for -1 to 1: the settings' range of clinical CT, and the whole
    range of a micro-CT.
    """
    if settings.tissue != "lung":
        text = f"The volumes show {settings.tissue}, in place of lung: no metric is comparable with the paper's."
        warnings.warn(text, RadloupeWarning, stacklevel=2)
    if settings.split == "slices":
        text = "Parts are split by slices: one patient is in all of them, so metrics hold for other positions, not for other patients."
        warnings.warn(text, RadloupeWarning, stacklevel=2)
    both = {domain: volumes(source / domain, f"{LAYOUT}; the volumes of {domain}", STACKS) for domain in ("clinical", "micro")}
    for domain, found in both.items():
        patients = {path: f"{domain} {patient_of(path, source / domain)}" for path in found}
        shares = {"train": 6, "validation": 1, "test": 2}
        if settings.split == "slices":
            parts = dict.fromkeys(BANDS, found)
        else:
            parts = by_part(found, split(patients.values(), shares, seed, HINT), patients)
        for part, paths in parts.items():
            for number, path in enumerate(paths):
                yield from of_volume(path, patients[path], part, domain, settings, seeds.generator(seed, "patches", domain, part, number))


def of_volume(path: Path, patient: str, part: str, domain: str, settings: CtUct, rng: np.random.Generator) -> Iterator[Piece]:
    """Random patches of one volume."""
    image = read(path)
    values = image.pixels[0]
    clinical = domain == "clinical"
    mask = lung_mask(values, image.spacing) if clinical and settings.mask == "lung" else None
    if clinical or settings.micro_top:
        values = np.clip(values, *(settings.clinical_range if clinical else (0, settings.micro_top)))
    side = settings.clinical_side if clinical else settings.micro_side
    if min(values.shape[1:]) < side:
        text = f"Expected slices of at least {side}x{side} pixels in {path}, found {values.shape[2]}x{values.shape[1]}."
        raise InputError(f"{text} Choose smaller patches with the setting {domain}_side=N, the micro-CT ones 8 times as large.")
    low, high = settings.clinical_range if clinical else (float(values.min()), float(values.max()))
    shared = settings.split == "slices"
    first, last = (round(end * len(values)) for end in (BANDS[part] if shared else (0, 1)))
    made = 0
    for z, y, x in corners(values[first:last].shape, side, None if mask is None else mask[first:last], settings.patches, rng):
        patch = values[first + z, y : y + side, x : x + side]
        made += 1
        parameters = {
            "domain": domain,
            "tissue": settings.tissue,
            "corner": [first + z, y, x],
            "range": [low, high],
            "shared_patient": shared,
        }
        yield Piece(patient, part, {"image": to_16_bits(patch, low, high)}, parameters)
    shortage(settings.patches, made, f"patches of {side} x {side} inside the mask of a {domain} volume")


def corners(
    shape: tuple[int, ...], side: int, mask: Bool[np.ndarray, "z y x"] | None, count: int, rng: np.random.Generator
) -> Iterator[tuple[int, int, int]]:
    """Random corners (z, y, x) of patches, inside the mask where there is one; fewer where the mask has little room."""
    room = np.array([shape[0], shape[1] - side + 1, shape[2] - side + 1])
    left, tries = count, TRIES * count if room.all() else 0
    while left and tries:
        z, y, x = (int(n) for n in rng.integers(room))
        tries -= 1
        if mask is None or mask[z, y : y + side, x : x + side].all():
            left -= 1
            yield z, y, x


def to_16_bits(values: Real[np.ndarray, "y x"], low: float, high: float) -> UInt[np.ndarray, "y x"]:
    """Values from `low` to `high` as 0 to 65535."""
    return np.rint((values.astype(np.float64) - low) * (TOP / ((high - low) or 1))).astype(np.uint16)


CT_UCT = Builder(make, CtUct(), LAYOUT, "unsupervised clinical CT to micro-CT, sections 2.1 and 3")
