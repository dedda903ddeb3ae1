"""Resampling by bicubic interpolation, antialiased when shrinking, as MATLAB's `imresize` does it."""

from typing import Literal

import numpy as np
from jaxtyping import Float, Real
from scipy import sparse

from radloupe.kernels import cubic

Border = Literal["mirror", "edge"]


def weights(count: int, factor: float, border: Border = "mirror") -> sparse.csr_array:
    """The sparse matrix that takes `count` samples to `round(count * factor)` over the same extent.

    Shrinking widens the kernel by 1/factor. Beyond the border samples are mirrored (MATLAB) or the edge goes on.
    """
    out = round(count * factor)
    stretch = min(factor, 1.0)
    centres = (np.arange(out) + 0.5) / factor - 0.5
    taps = np.arange(int(np.ceil(4 / stretch)) + 2)
    index = np.floor(centres - 2 / stretch).astype(int)[:, None] + taps
    values = cubic((centres[:, None] - index) * stretch)
    values /= values.sum(1, keepdims=True)
    if border == "mirror":
        index %= 2 * count
        index = np.minimum(index, 2 * count - 1 - index)
    rows = np.repeat(np.arange(out), len(taps))
    return sparse.csr_array((values.ravel(), (rows, np.clip(index, 0, count - 1).ravel())), (out, count))


def bicubic(pixels: Real[np.ndarray, "... y x"], factor: float, border: Border = "mirror") -> Float[np.ndarray, "... y2 x2"]:
    """Resize the last two axes by `factor` (below 1 shrinks, antialiased); float64, never clipped.

    >>> bicubic(np.ones((4, 6)), 0.5).shape
    (2, 3)
    """
    *rest, height, width = pixels.shape
    down, across = weights(height, factor, border), weights(width, factor, border)
    planes = [across @ (down @ plane).T for plane in pixels.reshape(-1, height, width).astype(np.float64)]
    return np.stack([plane.T for plane in planes]).reshape(*rest, down.shape[0], across.shape[0])


def antialiased_bicubic(pixels: Real[np.ndarray, "... y x"], scale: int) -> Float[np.ndarray, "... y2 x2"]:
    """Shrink by a whole scale, equal to MATLAB's `imresize(image, 1/scale)`."""
    return bicubic(pixels, 1 / scale)
