"""K-space correction for magnitude images: the acquired frequencies are replaced, with the phase of the estimate."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Real

from radloupe.degradation.kspace import KSpaceCrop, frequencies
from radloupe.inference.data_consistency.correction import Correction, Rows

BYTES_PER_PIXEL = 56
"""Peak bytes per pixel of a result's slice: its rows, the slice, its spectrum, the transform's copy, and the result."""
SMALLEST_GAIN = 0.05
"""Power gain of a window below which its inverse is damped: frequencies that it nearly removed are mostly noise."""


class KSpaceCorrection(Correction):
    """One step of error reduction: the low image's magnitude, with the phase of the estimate's kept frequencies.

    `D(x) = |C x|` is not linear: air and ringing have negative values before the magnitude is taken. Their sign follows from the estimate.
    It works on whole slices, which are buffered until complete; slices with values below zero, which are no magnitudes, are unchanged.

    Source: Gerchberg and Saxton, Optik 35, 1972; Fienup, Applied Optics 21, 1982 (error reduction).
    """

    def __init__(self, step: KSpaceCrop, shape: tuple[int, int], hard: bool = False) -> None:
        super().__init__(hard)
        self.step = step
        self.buffer_bytes = BYTES_PER_PIXEL * step.scale**2 * shape[0] * shape[1]

    def begin(self, low: Real[np.ndarray, "y x"], variance: float) -> None:
        """Start with the next low slice."""
        super().begin(low, variance)
        self.waiting: list[Rows] = []

    def add(self, values: Rows) -> Iterator[Rows]:
        """Take rows of the estimate; yields the slice once it is complete."""
        self.waiting.append(values)
        if sum(map(len, self.waiting)) < self.step.scale * len(self.low):
            return
        estimate = np.concatenate(self.waiting)
        self.waiting = []
        yield estimate if self.low.min() < 0 else self.corrected(estimate)

    def corrected(self, estimate: Float[np.ndarray, "sy sx"]) -> Float[np.ndarray, "sy sx"]:
        """The slice with its acquired frequencies moved towards the input's."""
        height, width = self.low.shape
        kept = (frequencies(height)[:, None], frequencies(width))
        gain = self.step.weights(height, width)
        spectrum = np.fft.fft2(estimate)
        shrunk = np.fft.ifft2(spectrum[kept] * gain)
        residual = self.low - np.abs(shrunk)
        weight = self.weight_for(float(np.mean(residual**2)))
        self.weights, self.rows = self.weights + weight * height, self.rows + height
        if weight == 0:
            return estimate
        power = np.abs(gain * self.step.scale**2) ** 2
        inverse = gain.conj() * self.step.scale**4 / np.maximum(power, SMALLEST_GAIN)
        spectrum[kept] += weight * np.fft.fft2(residual * np.exp(1j * np.angle(shrunk))) * inverse
        found: np.ndarray = np.fft.ifft2(spectrum).real
        self.note_change(found - estimate)
        return found
