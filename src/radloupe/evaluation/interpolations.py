"""Interpolation of slices: functions of the slice, the scale, and whether the grids share pixel centres (`degradation.centred`)."""

import numpy as np
from jaxtyping import Float, Real
from PIL import Image as PILImage

from radloupe.degradation.kspace import zero_filled
from radloupe.degradation.resample import bicubic


def nearest(plane: Real[np.ndarray, "y x"], scale: int, centred: bool = True) -> Real[np.ndarray, "sy sx"]:
    """Nearest-neighbour interpolation; unless `centred`, around the position of the first high pixel."""
    down, across = ((np.arange(n * scale) + (0 if centred else scale // 2)) // scale for n in plane.shape)
    return plane[np.minimum(down, plane.shape[0] - 1)][:, np.minimum(across, plane.shape[1] - 1)]


def cubic(plane: Real[np.ndarray, "y x"], scale: int, centred: bool = True) -> Float[np.ndarray, "sy sx"]:
    """Cubic convolution (Keys, a = -1/2) with edge replication."""
    return bicubic(plane, scale, "edge", centred)


def lanczos(plane: Real[np.ndarray, "y x"], scale: int, centred: bool = True) -> Float[np.ndarray, "sy sx"]:
    """Lanczos interpolation with three lobes as in Pillow: float32, weights at the border normalised over the pixels inside."""
    height, width = plane.shape
    first = 0 if centred else (scale - 1) / (2 * scale)
    pil_image = PILImage.fromarray(np.pad(plane.astype(np.float32), (0, 0 if centred else 1), mode="edge"))
    size, box = (width * scale, height * scale), (first, first, first + width, first + height)
    return np.asarray(pil_image.resize(size, PILImage.Resampling.LANCZOS, box))


def zero_filling(plane: Real[np.ndarray, "y x"], scale: int, centred: bool = True) -> Float[np.ndarray, "sy sx"]:
    """Zero-filling of k-space, as on MR scanners (`degradation.kspace.zero_filled`)."""
    return zero_filled(plane, scale, "centre" if centred else "grid")
