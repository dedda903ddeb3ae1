"""Resampling to any size: bicubic (antialiased as in MATLAB, plain as in OpenCV and PyTorch), bilinear, area and nearest."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Real
from scipy import sparse
from torch import Tensor

from radloupe.degradation.step import Step
from radloupe.imaging.interpolation import cubic

Border = Literal["mirror", "edge"]
Method = Literal["bicubic", "bicubic-cv", "bilinear", "area", "nearest"]


class Sampling(NamedTuple):
    """Interpolation kernel of a method, with its antialiasing and border rule."""

    kernel: Callable[[np.ndarray, float], np.ndarray]
    """Weight as a function of the distance in input pixels and of the scale factor where that is below 1."""
    antialiased: bool
    border: Border
    native: str = ""
    """Equivalent mode of `torch.nn.functional.interpolate`; empty where there is none."""


def stretched_cubic(distance: np.ndarray, stretch: float) -> np.ndarray:
    """Keys' kernel, widened by 1/stretch."""
    return cubic(distance * stretch)


def overlap(distance: np.ndarray, stretch: float) -> np.ndarray:
    """Length of the overlap of a pixel at `distance` with a new pixel 1/stretch wide."""
    return np.clip(np.minimum(distance + 0.5, 0.5 / stretch) - np.maximum(distance - 0.5, -0.5 / stretch), 0, None)


METHODS: dict[Method, Sampling] = {
    "bicubic": Sampling(stretched_cubic, True, "mirror"),
    "bicubic-cv": Sampling(lambda distance, _: cubic(distance, -0.75), False, "edge", "bicubic"),
    "bilinear": Sampling(lambda distance, _: np.clip(1 - np.abs(distance), 0, None), False, "edge", "bilinear"),
    "area": Sampling(overlap, True, "edge"),
    "nearest": Sampling(lambda distance, _: ((distance >= -0.5) & (distance < 0.5)).astype(float), False, "edge"),
}


def weights(
    count: int, factor: float, border: Border | None = None, method: Method = "bicubic", centred: bool = True, out: int | None = None
) -> sparse.csr_array:
    """Sparse matrix that resamples `count` samples to `out`, by default `round(count * factor)`, over the same extent.

    Unless `centred`, the first samples of both grids coincide, and new sample k lies at old k / factor. Downsampling widens an antialiased
    kernel by 1/factor. Beyond the border samples are mirrored (MATLAB) or the edge sample is repeated.
    """
    new = np.arange(round(count * factor) if out is None else out)
    return weights_at((new + 0.5) / factor - 0.5 if centred else new / factor, count, factor, border, method)


def weights_at(
    positions: Float[np.ndarray, " out"], count: int, factor: float, border: Border | None = None, method: Method = "bicubic"
) -> sparse.csr_array:
    """Sparse matrix that interpolates `count` samples at `positions`, in samples from the first and 1/factor apart."""
    sampling, out = METHODS[method], len(positions)
    stretch = min(factor, 1.0) if sampling.antialiased else 1.0
    taps = np.arange(int(np.ceil(4 / stretch)) + 2)
    index = np.floor(positions - 2 / stretch).astype(int)[:, None] + taps
    values = sampling.kernel(positions[:, None] - index, stretch)
    values /= values.sum(1, keepdims=True)
    if (border or sampling.border) == "mirror":
        index %= 2 * count
        index = np.minimum(index, 2 * count - 1 - index)
    rows = np.repeat(np.arange(out), len(taps))
    return sparse.csr_array((values.ravel(), (rows, np.clip(index, 0, count - 1).ravel())), (out, count))


def along_both(pixels: np.ndarray, down: sparse.csr_array, across: sparse.csr_array) -> np.ndarray:
    """Slices (..., y, x) with a matrix applied along y and one along x; float64."""
    *rest, height, width = pixels.shape
    planes = [across @ (down @ plane).T for plane in pixels.reshape(-1, height, width).astype(np.float64)]
    return np.stack([plane.T for plane in planes]).reshape(*rest, down.shape[0], across.shape[0])


def bicubic(
    pixels: Real[np.ndarray, "... y x"], factor: float, border: Border = "mirror", centred: bool = True
) -> Float[np.ndarray, "... y2 x2"]:
    """Resize the last two axes by `factor` (below 1 shrinks, antialiased), as MATLAB's `imresize` does; float64, never clipped.

    Unless `centred`, the first samples of both grids coincide.

    >>> bicubic(np.ones((4, 6)), 0.5).shape
    (2, 3)
    """
    height, width = pixels.shape[-2:]
    down, across = (weights(count, factor, border, centred=centred) for count in (height, width))
    return along_both(pixels, down, across)


@dataclass(frozen=True)
class Resize(Step):
    """Resampling to another number of pixels over the same extent."""

    height: int
    width: int
    method: Method = "bicubic"

    def matrices(self, height: int, width: int) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Resampling matrices along y and along x."""
        one = partial(weights, method=self.method)
        return one(height, self.height / height), one(width, self.width / width)

    def _array(self, pixels: Real[np.ndarray, "... y x"]) -> Float[np.ndarray, "... y2 x2"]:
        return along_both(pixels, *self.matrices(*pixels.shape[-2:]))

    def _tensor(self, pixels: Float[Tensor, "batch 1 y x"]) -> Float[Tensor, "batch 1 y2 x2"]:
        if native := METHODS[self.method].native:
            return F.interpolate(pixels, (self.height, self.width), mode=native)
        down, across = (torch.from_numpy(matrix.toarray()).to(pixels) for matrix in self.matrices(*pixels.shape[-2:]))
        return down @ pixels @ across.T
