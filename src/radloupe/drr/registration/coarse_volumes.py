"""Coarse copies of a CT for registration, and an estimate of the body beyond the CT's ends."""

import numpy as np
from jaxtyping import Bool
from scipy.ndimage import binary_dilation, binary_fill_holes

from radloupe.drr.volume import Volume
from radloupe.imaging import geometry

TISSUE = 0.005  # 1/mm, a quarter of water; lungs are below it, and are filled as holes
BEYOND_MM = 500.0  # assumed extent of the body beyond the CT's ends


def block_means(volume: Volume, mm: float) -> Volume:
    """Volume of the means of blocks about `mm` wide at the same position; incomplete blocks at the far ends are cropped."""
    spacing = geometry.spacing(volume.to_lps)
    sizes = volume.values.shape[::-1]
    factors = [max(1, min(round(mm / step), size // 2)) for step, size in zip(spacing, sizes, strict=True)]
    values = volume.values
    for axis, factor in enumerate(reversed(factors)):
        kept = values.shape[axis] // factor * factor
        parts = np.moveaxis(values, axis, 0)[:kept]
        values = np.moveaxis(parts.reshape(-1, factor, *parts.shape[1:]).mean(axis=1, dtype=np.float32), 0, axis)
    return Volume(np.ascontiguousarray(values), geometry.resample(volume.to_lps, [1 / factor for factor in factors]))


def beyond_ends(volume: Volume) -> Volume | None:
    """Body beyond the first and last slice, 1 per mm, with the largest outline in the CT; None where the body ends inside.

    A ray through it passes body that the CT does not contain: its line integral differs from that of the X-ray image.
    """
    body = np.stack([binary_fill_holes(plane > TISSUE) for plane in volume.values])
    outline = binary_dilation(body.any(axis=0))
    slices = round(BEYOND_MM / geometry.spacing(volume.to_lps)[2])
    cut = [goes_on(body[end]) for end in (0, -1)]
    if not any(cut):
        return None
    parts = [np.broadcast_to(outline & one, (slices, *outline.shape)) for one in cut]
    values = np.concatenate([parts[0], np.zeros_like(body), parts[1]]).astype(np.float32)
    return Volume(values, geometry.shift(volume.to_lps, (0, 0, -slices)))


def goes_on(plane: Bool[np.ndarray, "y x"]) -> bool:
    """Whether a body occupies more of an end slice than noise would."""
    return bool(plane.mean() > 0.01)
