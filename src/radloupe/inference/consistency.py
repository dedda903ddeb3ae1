"""Data consistency: PSNR between the input and the re-degraded output."""

import math

import numpy as np

from radloupe import degradation


class Consistency:
    """Data-consistency check: accumulates the squared error between input slices and their enlarged slices degraded again, strip by strip.

    A degradation with a finite receptive field is applied to the strips as they come, overlapping by its `radius` in low rows; others are
    applied to whole slices. A degradation with random parameters, or an unknown one, cannot be repeated and gives no value.
    """

    def __init__(self, preset: str, scale: int) -> None:
        known = degradation.example(preset, scale) is not None
        self.preset, self.scale = preset, scale
        self.radius = degradation.preset(preset).receptive_field_radius if known else math.inf
        self.repeatable = known and not degradation.preset(preset).drawn
        self.squares, self.count, self.low, self.high = 0.0, 0, math.inf, -math.inf
        self.expected = 0.0
        self.rows: list[np.ndarray] = []
        self.begin(np.zeros((0, 0)))

    def begin(self, low: np.ndarray, variance: float = 0.0) -> None:
        """Start with the next input slice (y, x); `variance` is its error variance."""
        self.truth, self.rows, self.first, self.done = low, [], 0, 0
        self.expected += variance * low.size

    def add(self, strip: np.ndarray) -> None:
        """Take the next rows of the enlarged slice."""
        if not self.repeatable:
            return
        self.rows.append(strip)
        have = self.first + sum(map(len, self.rows)) // self.scale
        ready = self.truth.shape[0] if have == self.truth.shape[0] else have - self.radius
        if ready <= self.done or (ready < self.truth.shape[0] and math.isinf(self.radius)):
            return
        self.compare(np.concatenate(self.rows), int(ready))

    def compare(self, rows: np.ndarray, ready: int) -> None:
        """Degrade the waiting rows and compare low rows `done:ready`; keep what the next ones still need."""
        again = degradation.shrink(rows, self.scale, self.preset)[self.done - self.first : ready - self.first]
        truth = self.truth[self.done : ready]
        self.squares += float(np.square(again - truth).sum())
        self.count += truth.size
        self.low, self.high = min(self.low, float(truth.min())), max(self.high, float(truth.max()))
        keep = max(ready - int(min(self.radius, ready)), 0)
        self.rows = [rows[(keep - self.first) * self.scale :].copy()]
        self.first, self.done = keep, ready

    def psnr(self) -> float | None:
        """PSNR in dB over the input's range; None for exact agreement, or where nothing was compared."""
        return self.ratio(self.squares)

    def ceiling(self) -> float | None:
        """Expected PSNR of the true image, limited by the input's errors (noise, rounding); None for an input without errors.

        A result above it fits those errors, too.
        """
        return self.ratio(self.expected)

    def ratio(self, squares: float) -> float | None:
        """The ratio in dB of the input's range to the root mean square of an error."""
        span = self.high - self.low
        if not self.count or not squares or not span > 0:
            return None
        return 10 * math.log10(span**2 * self.count / squares)
