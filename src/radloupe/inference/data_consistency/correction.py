"""Base class of data-consistency corrections, and the error variance by which they are weighted."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Real

from radloupe.imaging.pixel_info import PixelInfo
from radloupe.inference.noise_level import noise_level

SEEN = 1024
"""Side in pixels of the middle of a slice that the noise is estimated in; it bounds the memory of the estimate."""
Rows = Float[np.ndarray, "rows x"]


class Correction:
    """Leaves results as they are; `ImageSpaceCorrection` and `KSpaceCorrection` correct them.

    A correction adds `weight * P(low - D(x))` to an estimate x, where D is the degradation and P its pseudo-inverse. Weight 1 makes the
    estimate agree with the input. Unless it is `hard`, the weight is 1 - v / m, and no less than 0: v is the variance that errors of the
    input have (`error_variance`), m the mean square of the residual. What the input's noise explains is not pulled back.
    """

    buffer_bytes = 0
    """Memory of the rows that wait."""

    def __init__(self, hard: bool = False) -> None:
        self.hard = hard
        self.weights, self.rows = 0.0, 0
        self.largest_change = 0.0
        """Largest change of a pixel, in the unit of the image."""

    @property
    def weight(self) -> float:
        """Mean weight over the low rows that were corrected; 0 where nothing was."""
        return self.weights / self.rows if self.rows else 0.0

    def begin(self, low: Real[np.ndarray, "y x"], variance: float) -> None:
        """Start with the next low slice; `variance` is its error variance."""
        self.low, self.variance = low, variance

    def add(self, values: Rows) -> Iterator[Rows]:
        """Take the next rows of the estimate; yields the finished rows, in order."""
        yield values

    def weight_for(self, mean_square: float) -> float:
        """The weight for residuals of a mean square."""
        if self.hard:
            return 1.0
        return max(0.0, 1 - self.variance / mean_square) if mean_square > 0 else 0.0

    def note_change(self, change: Rows) -> None:
        """Update the largest change of a pixel."""
        if change.size:
            self.largest_change = max(self.largest_change, float(np.abs(change).max()))


def error_variance(low: Real[np.ndarray, "y x"], info: PixelInfo, dtype: np.dtype) -> float:
    """Error variance of a slice: that of its noise, or of quantisation (a twelfth of a squared step) if that is larger.

    Args:
        low: The slice in its unit.
        info: Storage, which determines the quantisation step.
        dtype: Dtype of the image's pixels; whole numbers have a step of one.

    >>> error_variance(np.add.outer(np.arange(64), np.arange(64)), PixelInfo(), np.dtype("uint8")) == 1 / 12
    True

    """
    rounded = 0.0 if np.dtype(info.storage.dtype).kind == "f" else abs(info.storage.slope)
    step = 1.0 if dtype.kind in "iu" else rounded
    middle = tuple(slice(max(n - SEEN, 0) // 2, max(n - SEEN, 0) // 2 + SEEN) for n in low.shape)
    return max(step**2 / 12, noise_level(low[middle]) ** 2)
