"""Residual map of a super-resolved slice: its data consistency with the low-resolution image, pixel by pixel, without a truth."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Real
from scipy.ndimage import find_objects, label, maximum_filter, minimum_filter

from radloupe import degradation

VISIBLE = 5.0
"""Smallest flagged residual in standard deviations of the input's errors."""
LARGEST = 0.999
"""Quantile of an image's own residuals that a flagged one also exceeds: networks differ in how consistent they are."""
WINDOW = 5
"""Side of the neighbourhood of low pixels that an output pixel is compared with."""
BEYOND = 0.05
"""Excess beyond the range of the neighbourhood from which an output pixel is counted, relative to the low image's range."""

Plane = Real[np.ndarray, "y x"]
LowPlane = Real[np.ndarray, "low_y low_x"]


@dataclass(frozen=True)
class ResidualMap:
    """Residual of a slice: its low-resolution image minus the degraded result."""

    residual: Float[np.ndarray, "y x"]
    """In the image's unit."""
    sigma: float
    """Standard deviation of the input's errors, in that unit; 0 where it has none."""

    @property
    def scores(self) -> Float[np.ndarray, "y x"]:
        """Absolute residuals in standard deviations of the input's errors."""
        least = np.finfo(np.float32).eps * float(np.abs(self.residual).max()) or 1.0
        return np.abs(self.residual) / max(self.sigma, least)

    @property
    def limit(self) -> float:
        """The score that flagged pixels exceed: five standard deviations, and all but a thousandth of the slice's own scores."""
        return max(VISIBLE, float(np.quantile(self.scores, LARGEST)))

    @property
    def flagged(self) -> Bool[np.ndarray, "y x"]:
        """Low pixels above the limit."""
        return self.scores > self.limit

    def positions(self) -> list[tuple[int, int, float]]:
        """Row, column and score of the peak of each connected group of flagged low pixels, in descending order of score."""
        scores, groups = self.scores, label(self.flagged, np.ones((3, 3)))[0]
        found = []
        for number, (down, across) in enumerate(find_objects(groups), 1):
            inside = np.where(groups[down, across] == number, scores[down, across], 0)
            y, x = np.unravel_index(int(inside.argmax()), inside.shape)
            found.append((int(y) + down.start, int(x) + across.start, float(inside.max())))
        return sorted(found, key=lambda position: -position[2])


def residual_map(image: Plane, low: LowPlane, preset: str, scale: int, variance: float) -> ResidualMap:
    """The residual of a slice against its low-resolution image.

    It shows added structure as far as the degradation preserves it: discs of a diameter above about `scale` pixels of the result. The
    rest lies in the null space (`degradation.null_space`).

    Args:
        image: The super-resolved slice.
        low: The low-resolution slice, in the same unit.
        preset: A deterministic degradation.
        scale: Factor between them.
        variance: Error variance of the low slice (`inference.data_consistency.correction.error_variance`).

    """
    return ResidualMap(low - degradation.shrink(image.astype(np.float64), scale, preset), float(np.sqrt(variance)))


def beyond_range(image: Plane, low: LowPlane, scale: int) -> Bool[np.ndarray, "y x"]:
    """Pixels of the result that leave the range of their 5 x 5 low pixels by more than a twentieth of the low image's range."""
    room, values = BEYOND * float(np.ptp(low)), low.astype(np.float64)
    least, greatest = (f(values, WINDOW, mode="nearest").repeat(scale, 0).repeat(scale, 1) for f in (minimum_filter, maximum_filter))
    return (image < least - room) | (image > greatest + room)
