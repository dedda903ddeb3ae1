"""Blur by normalised kernels: moving average, Gaussian and its relatives, motion, sinc."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Real
from scipy import ndimage, special
from torch import Tensor

from radloupe.degradation.step import Pixels, Step, whole

Kernel = Float[np.ndarray, "ky kx"]


@dataclass(frozen=True)
class Blur(Step):
    """Convolution with a kernel of sum 1; beyond the border the image is mirrored at its last pixel (reflect-101)."""

    def kernel(self) -> Kernel:
        """Kernel of sum 1; for an even side the centre is the pixel after the middle, as in OpenCV."""
        raise NotImplementedError

    def _array(self, pixels: Real[np.ndarray, "... y x"]) -> Float[np.ndarray, "... y x"]:
        blurred = pixels.astype(np.float64)
        for kernel in factors(self.kernel()):
            blurred = ndimage.correlate(blurred, kernel[(None,) * (pixels.ndim - 2)], mode="mirror")
        return blurred

    def _tensor(self, pixels: Float[Tensor, "batch 1 y x"]) -> Float[Tensor, "batch 1 y x"]:
        kernel = self.kernel()
        blurred = mirrored(pixels, *kernel.shape)
        for factor in factors(kernel):
            blurred = shifted_sum(blurred, factor)
        return blurred


def factors(kernel: Kernel) -> list[np.ndarray]:
    """Factors of a separable kernel, a column and a row; else the kernel itself."""
    column, row = kernel.sum(1, keepdims=True), kernel.sum(0, keepdims=True)
    return [column, row] if np.allclose(column * row, kernel, rtol=0, atol=1e-15) else [kernel]  # float64 sums of parts of 1


def shifted_sum(pixels: Float[Tensor, "batch 1 y2 x2"], kernel: Kernel) -> Float[Tensor, "batch 1 y x"]:
    """Valid correlation, accumulated tap by tap, which for a single channel is faster than a convolution."""
    height, width = (n - k + 1 for n, k in zip(pixels.shape[-2:], kernel.shape, strict=True))
    (y, x), *others = np.argwhere(kernel)
    total = pixels[..., y : y + height, x : x + width] * float(kernel[y, x])
    for y, x in others:
        total.add_(pixels[..., y : y + height, x : x + width], alpha=float(kernel[y, x]))
    return total


def mirrored(pixels: Float[Tensor, "batch 1 y x"], height: int, width: int) -> Float[Tensor, "batch 1 y2 x2"]:
    """Pixels padded for a kernel of this size by reflection at the last pixel (reflect-101), repeated where the kernel is larger."""
    pads = [(size // 2, size - 1 - size // 2) for size in (height, width)]
    if max(pads[0]) < pixels.shape[-2] and max(pads[1]) < pixels.shape[-1]:
        return F.pad(pixels, (*pads[1], *pads[0]), mode="reflect")
    for axis, (before, after) in zip((-2, -1), pads, strict=True):
        index = np.pad(np.arange(pixels.shape[axis]), (before, after), mode="reflect")
        pixels = pixels.index_select(axis, torch.from_numpy(index).to(pixels.device))
    return pixels


def grid(height: int, width: int) -> tuple[Kernel, Kernel]:
    """Offsets (y, x) of a kernel's taps from its centre."""
    y, x = np.mgrid[:height, :width].astype(float)
    return y - height // 2, x - width // 2


@dataclass(frozen=True)
class BoxBlur(Blur):
    """Moving average over k x k pixels, optionally rounded to whole grey levels as on 8-bit images."""

    k: int
    rounded: bool = False

    def kernel(self) -> Kernel:
        """Equal weights."""
        return np.full((self.k, self.k), 1 / self.k**2)

    def __call__(self, pixels: Pixels) -> Pixels:
        """Blurred, and rounded if `rounded`."""
        blurred = super().__call__(pixels)
        return whole(blurred) if self.rounded else blurred


@dataclass(frozen=True)
class GaussianBlur(Blur):
    """Anisotropic Gaussian blur with two standard deviations in pixels, rotated by `angle` degrees, or its generalised or plateau variant.

    With q the squared Mahalanobis distance, the generalised kernel is exp(-q**power / 2), the plateau kernel 1 / (1 + q**power)
    (Real-ESRGAN, Wang et al. 2021, section 3.1).

    >>> impulse = np.zeros((9, 9))
    >>> impulse[4, 4] = 1
    >>> blurred = GaussianBlur(7, 7, sigma_y=1.0, sigma_x=1.0)(impulse)
    >>> round(float(blurred.sum()), 6), round(float(blurred[4, 4]), 2)  # 1 / (2 pi)
    (1.0, 0.16)
    """

    height: int
    width: int
    sigma_y: float
    sigma_x: float
    angle: float = 0.0
    power: float = 1.0
    plateau: bool = False

    def kernel(self) -> Kernel:
        """The kernel's function of q, sampled at the taps."""
        y, x = grid(self.height, self.width)
        cosine, sine = np.cos(np.deg2rad(self.angle)), np.sin(np.deg2rad(self.angle))
        least = 1e-3  # a narrower kernel is a single pixel too
        along, aside = (cosine * x + sine * y) / max(self.sigma_x, least), (cosine * y - sine * x) / max(self.sigma_y, least)
        q = (along**2 + aside**2) ** self.power
        kernel = 1 / (1 + q) if self.plateau else np.exp(-q / 2)
        return kernel / kernel.sum()


@dataclass(frozen=True)
class MotionBlur(Blur):
    """Uniform linear motion over `length` pixels, `angle` degrees from x towards y: points one pixel apart, interpolated bilinearly."""

    length: int
    angle: float

    def kernel(self) -> Kernel:
        """The line of points along which the image moves, each distributed over its neighbouring pixels."""
        side = 2 * (self.length // 2 + 1) + 1
        y, x = grid(side, side)
        turn = np.deg2rad(self.angle)
        kernel = np.zeros((side, side))
        for t in np.arange(self.length) - (self.length - 1) / 2:
            kernel += np.clip(1 - np.abs(y - t * np.sin(turn)), 0, None) * np.clip(1 - np.abs(x - t * np.cos(turn)), 0, None)
        return kernel / kernel.sum()


@dataclass(frozen=True)
class SincBlur(Blur):
    """Truncated ideal circular low-pass filter (a sinc filter, which rings) with `cutoff` in radians per pixel; pi is Nyquist."""

    size: int
    cutoff: float

    def kernel(self) -> Kernel:
        """Impulse response J1(cutoff r) cutoff / (2 pi r)."""
        y, x = grid(self.size, self.size)
        r = np.hypot(y, x)
        r[self.size // 2, self.size // 2] = 1
        kernel = self.cutoff * special.j1(self.cutoff * r) / (2 * np.pi * r)
        kernel[self.size // 2, self.size // 2] = self.cutoff**2 / (4 * np.pi)  # the limit at r = 0
        return kernel / kernel.sum()
