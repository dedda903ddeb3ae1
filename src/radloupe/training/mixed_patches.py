"""Training patches of robust models: high from a store of slices, low by a mixture of degradations, with their conditioning maps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter

from radloupe.core import seeds
from radloupe.data.patches import orientation, oriented
from radloupe.data.slice_store import Row, SliceStore
from radloupe.degradation import JPEG, GaussianBlur, KSpaceCrop, Resize, Step, run, sample
from radloupe.degradation.plain import to_low
from radloupe.degradation.resample import bicubic
from radloupe.inference.noise_level import noise_level, response

MIXTURES = {"XR": "mixed", "CT": "mixed", "MR": "mixed-mri"}
"""The preset of each modality; both work on grey levels, 0 to 255."""
GREY = 255.0
REDUCTIONS = (GaussianBlur, Resize, KSpaceCrop)
"""Downsampling steps of a mixture; noise and compression follow them."""
MASKED = 0.2
"""The share of patches whose dark parts become one value, as skull stripping and shutters leave them: a network that never saw such edges
rings around them."""
MARGIN = 3
"""Margin in low pixels that is degraded around a patch and cropped: the radius of bicubic downsampling and of most blurs."""
EMPTY, TRIES = 0.03, 5
"""A patch whose standard deviation is below this share of its slice's range is drawn again, up to `TRIES` times."""
ALREADY_CLEAN = 0.5
"""Share of clean patches with maps of zero; the others are conditioned on perturbed values, like estimates."""
UNKNOWING = 0.15
"""The share of patches with a random blur map, so that the network relies on the image more than on the map."""
BLUR_JITTER, NOISE_JITTER = 0.07, 0.15
"""Standard deviation of the maps around the true values: of the blur itself, and of the logarithm of the noise level."""
STORED_WHOLE = 0.75
"""Share of patches whose low pixels are quantised as in the image's file."""

Plane = Float[np.ndarray, "y x"]


@dataclass(frozen=True)
class MixedPatches:
    """A source of `training.batches`: `low`, `high` (1, y, x) and the maps `noise` and `blur` (1, 1, 1), all in network range."""

    stores: Sequence[SliceStore]
    side: int
    """Side of a patch in low pixels."""
    scale: int
    kept: dict[tuple[str, int], np.ndarray] = field(default_factory=dict, repr=False)
    """Cache of results for whole slices, by kind and number."""

    @cached_property
    def entries(self) -> list[tuple[SliceStore, Row]]:
        """Slices large enough for a patch and its margin."""
        least = (self.side + 2 * MARGIN) * self.scale
        return [(store, row) for store in self.stores for row in store.rows if min(row.height, row.width) >= least]

    def __len__(self) -> int:
        """Number of slices."""
        return len(self.entries)

    def item(self, index: int, rng: np.random.Generator | None) -> dict[str, np.ndarray]:
        """Patch of a slice with drawn position, orientation, degradation and maps; without `rng` a fixed one."""
        rng = rng or seeds.generator(0, "mixed", index)
        inner = square(MARGIN, MARGIN, self.side)
        store, row = self.entries[index]
        y, x = self.position(row, store, rng)
        wide = store.part(row, square(y, x, self.side + 2 * MARGIN, self.scale))
        chain = sample(MIXTURES[row.modality], (len(wide), len(wide)), self.scale, int(rng.integers(2**31)))
        reduction, noise, compression = (
            [step for step in chain if kind_of(step) == kind] for kind in ("reduction", "noise", "compression")
        )
        if isinstance(reduction[0], KSpaceCrop):
            low = reference = self.from_kspace(index)[square(y + MARGIN, x + MARGIN, self.side)]
        else:
            wide = masked(wide, row.offset, rng) if rng.random() < MASKED else wide
            low = run(reduction, wide * GREY)[inner] / GREY
            sharp = reduction == [to_low(wide.shape, self.scale, "bicubic")]
            reference = low if sharp else bicubic(wide, 1 / self.scale)[inner]
        noisy = run(noise, low * GREY) / GREY
        degraded = run(compression, noisy * GREY) / GREY
        if row.steps and rng.random() < STORED_WHOLE:
            degraded = np.rint(degraded * row.steps) / row.steps
        own = self.own_noise(index, isinstance(reduction[0], KSpaceCrop))
        maps = conditioning_maps(own, (reference, low, noisy), len(chain) == 1 and low is reference, rng)
        turn = orientation(rng)
        images = {"low": degraded, "high": wide[square(MARGIN, MARGIN, self.side, self.scale)]}
        return {name: oriented(one, turn)[None].astype(np.float32) for name, one in images.items()} | maps

    def position(self, row: Row, store: SliceStore, rng: np.random.Generator) -> tuple[int, int]:
        """First low row and column of a patch with its margin, drawn again for a nearly constant patch."""
        free = [n // self.scale - self.side - 2 * MARGIN for n in (row.height, row.width)]
        for _ in range(TRIES):
            y, x = (int(rng.integers(n + 1)) for n in free)
            if store.part(row, square(y, x, self.side + 2 * MARGIN, self.scale)).std() > EMPTY * row.span:
                break
        return y, x

    def from_kspace(self, index: int) -> Plane:
        """A whole slice downsampled by a k-space crop: a patch of the high slice would have another spectrum."""
        store, row = self.entries[index]
        if ("k-space", index) not in self.kept:
            self.kept["k-space", index] = KSpaceCrop(self.scale, "centre")(store.part(row)).astype(np.float32)
        return self.kept["k-space", index]

    def own_noise(self, index: int, from_kspace: bool) -> float:
        """Noise level that is estimated in a slice after downsampling; ringing after a k-space crop looks like noise."""
        store, row = self.entries[index]
        kind = f"noise {from_kspace}"
        if (kind, index) not in self.kept:
            low = self.from_kspace(index) if from_kspace else bicubic(store.part(row), 1 / self.scale)
            self.kept[kind, index] = np.array(noise_level(low))
        return float(self.kept[kind, index])


def kind_of(step: Step) -> str:
    """Kind of a step of a mixture."""
    return "reduction" if isinstance(step, REDUCTIONS) else "compression" if isinstance(step, JPEG) else "noise"


def masked(high: Plane, background: float, rng: np.random.Generator) -> Plane:
    """Patch whose smoothed values below a drawn quantile are set to the background."""
    smooth = gaussian_filter(high, 3.0)  # smooth outlines, like masks of anatomy
    return np.where(smooth < np.quantile(smooth, rng.uniform(0.1, 0.6)), background, high)


def square(y: int, x: int, side: int, scale: int = 1) -> tuple[slice, slice]:
    """A square of low pixels from row y and column x on, on the low grid or on one `scale` times finer."""
    return slice(y * scale, (y + side) * scale), slice(x * scale, (x + side) * scale)


def lost_detail(low: Plane, reference: Plane) -> float:
    """Blur of a low image, 0 to 1: relative loss of amplitude in its finest octave against a sharp downsampling."""
    found, sharp = (float(np.square(response(one.astype(np.float64), 1)).mean()) for one in (low, reference))
    return 1 - min(found / sharp, 1.0) ** 0.5 if sharp > 0 else 0.0


def conditioning_maps(own_noise: float, images: tuple[Plane, Plane, Plane], clean: bool, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Conditioning maps of a patch from its sharp, degraded and noisy low images; compression is not conditioned on."""
    reference, low, noisy = images
    noise, blur = np.hypot(np.std(noisy - low), own_noise), lost_detail(low, reference)
    if clean and rng.random() < ALREADY_CLEAN:
        noise = blur = 0.0
    else:
        noise *= np.exp(rng.normal(0, NOISE_JITTER))
        blur = rng.uniform() if rng.random() < UNKNOWING else blur + rng.normal(0, BLUR_JITTER)
    return {name: np.full((1, 1, 1), one, np.float32) for name, one in (("noise", noise), ("blur", np.clip(blur, 0, 1)))}
