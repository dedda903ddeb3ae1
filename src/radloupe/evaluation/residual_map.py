"""Maps of where a super-resolved slice departs from its low-resolution image; no truth is needed."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Real
from scipy.ndimage import find_objects, label, maximum_filter, minimum_filter

from radloupe import degradation

VISIBLE = 5.0
"""Standard deviations of the input's errors: smaller residuals are noise."""
LARGEST = 0.999
"""Quantile of an image's own residuals that a flagged one exceeds as well: networks that degrade with little error differ in it."""
WINDOW = 5
"""Side of the neighbourhood of low pixels that an output pixel is compared with."""
BEYOND = 0.05
"""Of the range of the low image: how far beyond its neighbourhood an output pixel is counted."""

Plane = Real[np.ndarray, "y x"]
LowPlane = Real[np.ndarray, "low_y low_x"]


@dataclass(frozen=True)
class ResidualMap:
    """Residual of a slice: its low-resolution image less the result degraded again."""

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

    def places(self) -> list[tuple[int, int, float]]:
        """Row, column and score of the highest of each group of flagged low pixels that touch, the highest first."""
        scores, groups = self.scores, label(self.flagged, np.ones((3, 3)))[0]
        found = []
        for number, (down, across) in enumerate(find_objects(groups), 1):
            inside = np.where(groups[down, across] == number, scores[down, across], 0)
            y, x = np.unravel_index(int(inside.argmax()), inside.shape)
            found.append((int(y) + down.start, int(x) + across.start, float(inside.max())))
        return sorted(found, key=lambda place: -place[2])


def residual_map(image: Plane, low: LowPlane, preset: str, scale: int, variance: float) -> ResidualMap:
    """The residual of a slice against its low-resolution image.

    What a network adds is seen here as far as the degradation keeps it: in pixels of the result, discs of more than about the scale. The
    rest lies in the null space (`degradation.null_space`).

    Args:
        image: The super-resolved slice.
        low: The slice that it was made from, in the same unit.
        preset: A degradation that draws nothing.
        scale: Factor between them.
        variance: Of the low slice's errors (`inference.data_consistency.correction.error_variance`).

    """
    return ResidualMap(low - degradation.shrink(image.astype(np.float64), scale, preset), float(np.sqrt(variance)))


def beyond_range(image: Plane, low: LowPlane, scale: int) -> Bool[np.ndarray, "y x"]:
    """Pixels of the result outside the range of the 5 x 5 low pixels around them, by more than a twentieth of the low image's range."""
    room, values = BEYOND * float(np.ptp(low)), low.astype(np.float64)
    least, greatest = (f(values, WINDOW, mode="nearest").repeat(scale, 0).repeat(scale, 1) for f in (minimum_filter, maximum_filter))
    return (image < least - room) | (image > greatest + room)
