"""Low-resolution MR images by cropping k-space to its centre."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Complex, Float, Real
from torch import Tensor

from radloupe.degradation.step import Step

Align = Literal["grid", "centre"]
Window = Literal["none", "hamming", "fermi"]

FERMI_RADIUS, FERMI_WIDTH = 0.9, 0.05  # relative to the largest frequency that is kept


def frequencies(count: int) -> np.ndarray:
    """Integer frequencies (periods over the image) in FFT order."""
    return np.fft.fftfreq(count, 1 / count).astype(int)


def window_of(name: Window, count: int) -> Float[np.ndarray, " count"]:
    """Weights of the frequencies along one axis; 1 in the middle."""
    share = np.abs(frequencies(count)) / max(count / 2, 1)
    if name == "hamming":
        return 0.54 + 0.46 * np.cos(np.pi * share)
    if name == "fermi":
        return (1 + np.exp(-FERMI_RADIUS / FERMI_WIDTH)) / (1 + np.exp((share - FERMI_RADIUS) / FERMI_WIDTH))
    return np.ones(count)


def phase(count: int, scale: int, align: Align) -> Complex[np.ndarray, " count"]:
    """Linear phase that shifts low samples from the first high sample that they cover to the centre of those samples."""
    half = (scale - 1) / 2 if align == "centre" else 0.0
    return np.exp(2j * np.pi * half * frequencies(count) / (count * scale))


@dataclass(frozen=True)
class KSpaceCrop(Step):
    """Crop to the central 1/scale of k-space along both axes, and the magnitude of its inverse transform; the mean intensity is kept.

    `align="grid"` leaves low sample j on high sample scale*j, as cropping alone does; `"centre"` moves low pixels to the centres of
    the scale x scale high pixels they cover. Odd sizes lose their last rows and columns first. `window` apodises the cropped spectrum.
    `partial` is the share of the rows of k-space that are acquired, 0.5 to 1; the others are zero. A constant image stays constant.

    >>> KSpaceCrop(4)(np.full((16, 16), 7.0)).round(6).tolist() == [[7.0] * 4] * 4
    True
    """

    scale: int
    align: Align = "centre"
    window: Window = "none"
    partial: float = 1.0

    @property
    def centred(self) -> bool:
        """As `align` says."""
        return self.align == "centre" or self.scale == 1

    def weights(self, height: int, width: int) -> Complex[np.ndarray, "y2 x2"]:
        """Weights of the cropped spectrum: window, phase and partial acquisition."""
        down, across = (window_of(self.window, n) * phase(n, self.scale, self.align) for n in (height, width))
        acquired = frequencies(height) <= (self.partial - 0.5) * height
        return (down * acquired)[:, None] * across / self.scale**2

    def _array(self, pixels: Real[np.ndarray, "... y x"]) -> Float[np.ndarray, "... y2 x2"]:
        height, width = (n // self.scale for n in pixels.shape[-2:])
        spectrum = np.fft.fft2(pixels[..., : height * self.scale, : width * self.scale])
        kept = spectrum[..., frequencies(height)[:, None], frequencies(width)]
        return np.abs(np.fft.ifft2(kept * self.weights(height, width)))

    def _tensor(self, pixels: Float[Tensor, "batch 1 y x"]) -> Float[Tensor, "batch 1 y2 x2"]:
        height, width = (n // self.scale for n in pixels.shape[-2:])
        spectrum = torch.fft.fft2(pixels[..., : height * self.scale, : width * self.scale])
        kept = spectrum[..., frequencies(height)[:, None], frequencies(width)]
        return torch.fft.ifft2(kept * torch.from_numpy(self.weights(height, width)).to(kept)).abs()


def zero_filled(plane: Real[np.ndarray, "y x"], scale: int, align: Align = "centre") -> Float[np.ndarray, "sy sx"]:
    """A slice enlarged by zero-filling its k-space: the magnitude, or the real part where the slice has values below zero.

    `align` is the grid of the low pixels, as in `KSpaceCrop`; its shift is undone. A constant image stays constant.
    """
    height, width = plane.shape
    turned = np.outer(*(phase(n, scale, align).conj() for n in plane.shape))
    wide = np.zeros((height * scale, width * scale), complex)
    wide[frequencies(height)[:, None], frequencies(width)] = np.fft.fft2(plane) * turned * scale**2
    enlarged = np.fft.ifft2(wide)
    return enlarged.real if plane.min() < 0 else np.abs(enlarged)
