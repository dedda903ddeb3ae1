"""Lower resolution as an MR scanner makes it: the centre of k-space."""

from typing import Literal

import numpy as np
from jaxtyping import Float, Real

Align = Literal["grid", "centre"]


def kspace_crop(pixels: Real[np.ndarray, "... y x"], scale: int, align: Align = "centre") -> Float[np.ndarray, "... y2 x2"]:
    """Keep the central 1/scale of k-space along both axes and return the magnitude, with the mean intensity kept.

    `align="grid"` leaves low sample j on high sample scale*j, as cropping alone does; `"centre"` moves low pixels to the centres of
    the scale x scale high pixels they cover. Odd sizes lose their last rows and columns first. A constant stays constant.
    """
    height, width = (n // scale for n in pixels.shape[-2:])
    spectrum = np.fft.fft2(pixels[..., : height * scale, : width * scale])
    down, across = np.fft.fftfreq(height, 1 / height).astype(int), np.fft.fftfreq(width, 1 / width).astype(int)
    kept = spectrum[..., down[:, None], across]
    if align == "centre":
        half = (scale - 1) / 2
        kept = kept * np.exp(2j * np.pi * half * (down[:, None] / (height * scale) + across / (width * scale)))
    return np.abs(np.fft.ifft2(kept)) / scale**2
