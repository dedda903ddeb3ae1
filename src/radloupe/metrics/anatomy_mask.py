"""Mask of the pixels that show the patient, segmented in the truth alone, without air, shutters, burnt-in marks and the rim."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Bool, Float, Real
from scipy import ndimage

from radloupe.imaging.image import Image
from radloupe.metrics.exposure import exposed, largest

RIM = 16
"""Pixels left out along each side of a slice: at x4 the extrapolation beyond the edge affects 8 of them in the reduction and 8 more
in the enlargement. At most an eighth of the shorter side."""
SMALLEST = 64
"""Fewest pixels of the shorter side for segmentation."""
LEAST = 0.02
"""Smallest fraction of an image in a mask; below it the segmentation counts as failed."""
BODY_HU, LUNG_HU = -500.0, -930.0
"""Thresholds in HU: body tissue is above the first, half-way from air to water; lung cut off by the image's border is above the second."""
SHEET, GAP = 0.004, 0.015
"""Radii of the morphological opening, which removes table and blankets, and of the closing of gaps in an outline before it is filled, as
fractions of the shorter side."""
SMOOTH, LEVELS, BRIGHT = 1.5, 256, 90.0
"""For MR: sigma in pixels, bins of the histogram, and the percentile of the positive values at which they are clipped."""
SIDE_PART = 0.1
"""Connected components of at least this size relative to the largest are kept: two legs, two breasts."""

WHOLE = "No anatomy could be separated from the background"
"""Warning where `Anatomy.whole` is true."""

Mask = Bool[np.ndarray, "y x"]
Plane = Real[np.ndarray, "y x"]


@dataclass(frozen=True)
class Anatomy:
    """Mask of the pixels of an image that show the patient."""

    mask: Bool[np.ndarray, "c z y x"]
    whole: bool
    """True where segmentation failed and the mask is everything except the rim."""


def anatomy(truth: Image) -> Anatomy:
    """The pixels of an image that show the patient, by its modality; the same image gives the same mask, whatever is compared with it.

    Radiographs: the exposed field without shutters, clipped borders and burnt-in marks (`exposure.exposed`). CT: the body, the largest part
    of a slice above -500 HU once thin sheets such as the table are taken off, with its lungs. MR: head or body, what is above Otsu's
    threshold of the whole volume, closed and filled. Of all of them the outer `RIM` pixels of each slice are left out. Never empty: other
    modalities, slices of fewer than 64 pixels a side, and images in which less than 2 % is found keep all but the rim, and say so in
    `whole`. Slices without anatomy stay empty where others have some. One byte for each pixel; slices are looked at one by one.
    """
    inner = rim_free(truth.shape[1:])
    rule = rule_for(truth)
    if rule is not None:
        found = np.stack([rule(plane) & inner for plane in truth.slices()]).reshape(truth.pixels.shape)
        if found.mean() >= LEAST * inner.mean():
            return Anatomy(found, whole=False)
    return Anatomy(np.broadcast_to(inner, truth.pixels.shape), whole=True)


def rule_for(truth: Image) -> Callable[[Plane], Mask] | None:
    """The segmentation of a slice by the image's modality; None where there is none."""
    if min(truth.shape[1:]) < SMALLEST:
        return None
    if truth.info.unit == "HU":
        return body
    if truth.info.modality == "MR":
        return partial(foreground, threshold=otsu(truth))
    return exposed if truth.info.modality == "XR" else None


def rim_free(shape: tuple[int, ...]) -> Mask:
    """Mask of a slice without its rim."""
    rim = min(RIM, min(shape) // 8)
    inner = np.zeros(shape, bool)
    inner[rim : shape[0] - rim, rim : shape[1] - rim] = True
    return inner


def body(plane: Plane) -> Mask:
    """The body in a CT slice in HU: the largest part without its thin appendages, with the lungs, even where the image cuts them off."""
    side = min(plane.shape)
    core = largest(ndimage.binary_fill_holes(closed(opened(plane > BODY_HU, SHEET * side), GAP * side)))
    around, count = ndimage.label(~core)
    typical = ndimage.median(plane, around, np.arange(1, count + 1))
    return core | np.isin(around, 1 + np.flatnonzero(np.asarray(typical) > LUNG_HU))


def foreground(plane: Plane, threshold: float) -> Mask:
    """Head or body in an MR slice: the large parts of what is brighter than the threshold (`roots`), closed and filled."""
    gap = GAP * min(plane.shape)
    parts, _ = ndimage.label(opened(ndimage.binary_fill_holes(closed(roots(plane) > threshold, gap)), gap))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return np.isin(parts, np.flatnonzero(sizes >= max(1, SIDE_PART * sizes.max())))


def roots(plane: Plane) -> Float[np.ndarray, "y x"]:
    """Square roots of a smoothed slice, zero below zero: brings tissue far from the coil closer to other tissue than to air."""
    return np.sqrt(np.maximum(ndimage.gaussian_filter(plane.astype(np.float64), SMOOTH), 0))


def grown(mask: Mask, radius: float) -> Mask:
    """Dilation by a disc of `radius` pixels."""
    return ndimage.distance_transform_edt(~mask) <= radius if mask.any() else mask


def closed(mask: Mask, radius: float) -> Mask:
    """Closing by a disc of `radius` pixels, without effects of the image's border."""
    margin = int(radius) + 2
    wide = np.pad(mask, margin, mode="edge")
    return (~grown(~grown(wide, radius), radius) | wide)[margin:-margin, margin:-margin]


def opened(mask: Mask, radius: float) -> Mask:
    """Opening by a disc of `radius` pixels."""
    return ~closed(~mask, radius)


def otsu(truth: Image) -> float:
    """Otsu's threshold of the `roots` of a volume, with the brightest tenth clipped, so that fat and contrast medium do not raise it.

    Source: Otsu, IEEE Transactions on Systems, Man, and Cybernetics 9(1), 1979.
    """
    top = max((float(np.percentile(plane[plane > 0], BRIGHT)) for plane in truth.slices() if (plane > 0).any()), default=1.0) ** 0.5
    counts = np.zeros(LEVELS)
    for plane in truth.slices():
        counts += np.histogram(np.minimum(roots(plane), top), LEVELS, (0, top))[0]
    return split(counts) * top / LEVELS


def split(counts: Float[np.ndarray, " level"]) -> int:
    """The number of levels in the lower class at the largest variance between the classes."""
    levels = np.arange(len(counts)) + 0.5
    below, weighted = np.cumsum(counts)[:-1], np.cumsum(counts * levels)[:-1]
    above, rest = counts.sum() - below, (counts * levels).sum() - weighted
    both = np.maximum(below, 1) * np.maximum(above, 1)
    between = both * (weighted / np.maximum(below, 1) - rest / np.maximum(above, 1)) ** 2
    return 1 + int(np.argmax(between * (below > 0) * (above > 0)))
