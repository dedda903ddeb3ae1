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
"""Side of the patch around a lesion and the distance of lesions, in pixels of the truth: no patch holds another lesion."""
JITTER = 2
"""Pixels that a lesion lies off its grid point at most, so that all positions on the low-resolution grid occur up to x5."""
CORE = 32
"""Side of the part of the patch whose standard deviation is the unit of contrast."""
INSIDE = 0.9
"""Least part of that core that shows the patient."""
LEAST_SD = 1e-3
"""Of the image's range: flatter places have nothing that a lesion could be lost in."""


@dataclass(frozen=True)
class Lesion:
    """A disc in a slice."""

    y: int
    x: int
    diameter: float
    """In pixels of the truth."""
    cnr: float
    """Contrast over the standard deviation around it."""
    contrast: float
    """In the image's unit, negative for dark lesions."""

    @property
    def patch(self) -> tuple[slice, slice]:
        """The part of a slice around it, the lesion at pixel `SIDE // 2`."""
        half = SIDE // 2
        return slice(self.y - half, self.y + half), slice(self.x - half, self.x + half)


def lesions(
    plane: Real[np.ndarray, "y x"], mask: Bool[np.ndarray, "y x"], kinds: Sequence[tuple[float, float]], seed: int, number: int
) -> list[Lesion]:
    """Lesions for a slice of a truth, one at each grid point that shows the patient.

    Args:
        plane: The slice.
        mask: Where it shows the patient.
        kinds: Diameters and contrast-to-noise ratios; they take turns.
        seed: Of positions, kinds and signs.
        number: Of the slice, from 0.

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
    for place in rng.permutation(len(points)).tolist():
        y, x = (int(n) + int(rng.integers(-JITTER, JITTER + 1)) for n in points[place])
        core = slice(y - CORE // 2, y + CORE // 2), slice(x - CORE // 2, x + CORE // 2)
        spread = float(plane[core].std(dtype=np.float64))
        if mask[core].mean() < INSIDE or spread <= LEAST_SD * (high - low):
            continue
        diameter, cnr = kinds[(number + len(found)) % len(kinds)]
        middle = float(plane[y - 2 : y + 3, x - 2 : x + 3].mean(dtype=np.float64))
        sign = 1.0 if rng.random() < 0.5 else -1.0
        if not low <= middle + sign * cnr * spread <= high:
            sign = -sign  # what the file's range would clip is no lesion of that contrast
        found.append(Lesion(y, x, diameter, cnr, sign * cnr * spread))
    return found


def planted(image: Image, found: Sequence[Lesion]) -> Image:
    """An image of one slice with lesions, in its own type."""
    pixels = image.pixels.astype(np.float64)
    for one in found:
        pixels[0, 0][one.patch] += one.contrast * disc((SIDE, SIDE), (SIDE // 2, SIDE // 2), one.diameter)
    return replace(image, pixels=pixel_info.quantise(pixels, image.info, image.pixels.dtype))


def patches(plane: Real[np.ndarray, "y x"], found: Sequence[Lesion]) -> Float[np.ndarray, "lesion side side"]:
    """The patches around lesions, in units of the standard deviation there, bright where the lesion is."""
    return np.stack([plane[one.patch].astype(np.float64) * (one.cnr / one.contrast) for one in found])


def contrast_kept(difference: Float[np.ndarray, "lesion side side"], diameter: float, cnr: float) -> Float[np.ndarray, " lesion"]:
    """Contrast of lesions of one kind in the difference of an image with and without them, as a share of what was planted."""
    shape = disc((SIDE, SIDE), (SIDE // 2, SIDE // 2), diameter)
    return np.asarray((difference * shape).sum((1, 2)) / np.square(shape).sum() / cnr)


def single_slices(images: Sequence[Image], seed: int) -> Iterator[Image]:
    """The slices of all images in random order, each an image."""
    every = [(image, c, z) for image in images for c in range(image.pixels.shape[0]) for z in range(image.shape[0])]
    for place in seeds.generator(seed, "slices").permutation(len(every)).tolist():
        image, c, z = every[place]
        yield replace(image, pixels=image.pixels[c : c + 1, z : z + 1], source=None)
