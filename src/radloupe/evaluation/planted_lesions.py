"""Lesions of known size and contrast, planted into truths before they are degraded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Real

from radloupe.core import seeds
from radloupe.imaging import pixel_info
from radloupe.imaging.image import Image
from radloupe.imaging.synthetic_objects import disc

SIDE, STRIDE = 64, 48
"""Side of the patch around a lesion, and spacing of lesions, in pixels of the truth: no patch holds another lesion."""
JITTER = 2
"""Largest offset in pixels of a lesion from its grid point, so that all subpixel positions occur up to x5."""
CORE = 32
"""Side of the patch's core, whose standard deviation is the unit of contrast."""
INSIDE = 0.9
"""Smallest share of the core inside the patient."""
LEAST_SD = 1e-3
"""Smallest standard deviation of the core relative to the image's range; flatter positions have no background structure."""


@dataclass(frozen=True)
class Lesion:
    """A disc in a slice."""

    y: int
    x: int
    diameter: float
    """Diameter in pixels of the truth."""
    cnr: float
    """Contrast over the standard deviation around it."""
    contrast: float
    """Contrast in the image's unit, negative for dark lesions."""

    @property
    def patch(self) -> tuple[slice, slice]:
        """Patch of a slice around the lesion, whose centre is at pixel `SIDE // 2`."""
        half = SIDE // 2
        return slice(self.y - half, self.y + half), slice(self.x - half, self.x + half)


def lesions(
    plane: Real[np.ndarray, "y x"],
    mask: Bool[np.ndarray, "y x"],
    kinds: Sequence[tuple[float, float]],
    seed: int,
    number: int,
    turn: int = 0,
) -> list[Lesion]:
    """Lesions for a slice of a truth, one at each grid point inside the patient.

    Args:
        plane: The slice.
        mask: Mask of the patient.
        kinds: Diameters and contrast-to-noise ratios, used in turn.
        seed: Seed of positions, kinds and signs.
        number: Index of the slice, from 0.
        turn: Number of the turn; each turn puts another kind at the same positions.

    """
    rng = seeds.generator(seed, "lesions", number)
    low, high = float(plane.min()), float(plane.max())
    found: list[Lesion] = []
    half = SIDE // 2
    points = [
        (y, x)
        for y in range(half + JITTER, plane.shape[0] - half - JITTER, STRIDE)
        for x in range(half + JITTER, plane.shape[1] - half - JITTER, STRIDE)
    ]
    for index in rng.permutation(len(points)).tolist():
        y, x = (int(n) + int(rng.integers(-JITTER, JITTER + 1)) for n in points[index])
        core = slice(y - CORE // 2, y + CORE // 2), slice(x - CORE // 2, x + CORE // 2)
        spread = float(plane[core].std(dtype=np.float64))
        if mask[core].mean() < INSIDE or spread <= LEAST_SD * (high - low):
            continue
        diameter, cnr = kinds[(number + turn + len(found)) % len(kinds)]
        middle = float(plane[y - 2 : y + 3, x - 2 : x + 3].mean(dtype=np.float64))
        sign = 1.0 if rng.random() < 0.5 else -1.0
        if not low <= middle + sign * cnr * spread <= high:
            sign = -sign  # the file's range would clip this contrast
        found.append(Lesion(y, x, diameter, cnr, sign * cnr * spread))
    return found


def planted(image: Image, found: Sequence[Lesion]) -> Image:
    """A single-slice image with lesions added, in its own dtype."""
    pixels = image.pixels.astype(np.float64)
    for one in found:
        pixels[0, 0][one.patch] += one.contrast * disc((SIDE, SIDE), (SIDE // 2, SIDE // 2), one.diameter)
    return replace(image, pixels=pixel_info.quantise(pixels, image.info, image.pixels.dtype))


def patches(plane: Real[np.ndarray, "y x"], found: Sequence[Lesion]) -> Float[np.ndarray, "lesion side side"]:
    """Patches around lesions in units of their core's standard deviation, with sign such that lesions are bright."""
    return np.stack([plane[one.patch].astype(np.float64) * (one.cnr / one.contrast) for one in found])


def contrast_kept(difference: Float[np.ndarray, "lesion side side"], diameter: float, cnr: float) -> Float[np.ndarray, " lesion"]:
    """Share of the planted contrast of lesions of one kind that remains in the difference of results with and without them."""
    shape = disc((SIDE, SIDE), (SIDE // 2, SIDE // 2), diameter)
    return np.asarray((difference * shape).sum((1, 2)) / np.square(shape).sum() / cnr)


def single_slices(images: Sequence[Image], seed: int) -> Iterator[Image]:
    """Slices of all images in random order as single-slice images."""
    every = [(image, c, z) for image in images for c in range(image.pixels.shape[0]) for z in range(image.shape[0])]
    for index in seeds.generator(seed, "slices").permutation(len(every)).tolist():
        image, c, z = every[index]
        yield replace(image, pixels=image.pixels[c : c + 1, z : z + 1], source=None)
