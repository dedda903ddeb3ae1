"""Lower resolution as an MR scanner makes it: the centre of k-space."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Complex, Float, Real
from torch import Tensor

from radloupe.degradation.step import Step

Align = Literal["grid", "centre"]
Window = Literal["none", "hamming", "fermi"]

FERMI_RADIUS, FERMI_WIDTH = 0.9, 0.05  # of the largest frequency that is kept


def frequencies(count: int) -> np.ndarray:
    """Whole numbers of periods over the image, in the order of the FFT."""
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
    """The turn that moves low samples from the first high sample that they cover to the middle of all of them."""
    half = (scale - 1) / 2 if align == "centre" else 0.0
    return np.exp(2j * np.pi * half * frequencies(count) / (count * scale))


@dataclass(frozen=True)
class KSpaceCrop(Step):
    """Keep the central 1/scale of k-space along both axes; the magnitude, with the mean intensity kept.

    `align="grid"` leaves low sample j on high sample scale*j, as cropping alone does; `"centre"` moves low pixels to the centres of
    the scale x scale high pixels they cover. Odd sizes lose their last rows and columns first. `window` softens the edge of what is kept.
    `partial` is the share of the rows of k-space that are acquired, 0.5 to 1; the others are zero. A constant stays constant.
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
        """What the kept part of the spectrum is multiplied with."""
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
    """A slice enlarged by zeros around its k-space: the magnitude, or the real part where the slice has values below zero.

    `align` is the grid of the low pixels, as in `Kspace`; what it moved is moved back. A constant stays constant.
    """
    height, width = plane.shape
    turned = np.outer(*(phase(n, scale, align).conj() for n in plane.shape))
    wide = np.zeros((height * scale, width * scale), complex)
    wide[frequencies(height)[:, None], frequencies(width)] = np.fft.fft2(plane) * turned * scale**2
    enlarged = np.fft.ifft2(wide)
    return enlarged.real if plane.min() < 0 else np.abs(enlarged)
