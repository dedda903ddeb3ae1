"""Does the enlarged image, degraded again, give the input back?"""

import math

import numpy as np

from radloupe import degradation


class Consistency:
    """Accumulates the squared error between input slices and their enlarged slices degraded again, strip by strip.

    A degradation of finite reach is applied to the strips as they come, with `reach` low rows of overlap; one without is applied to
    whole slices. One that draws its parameters or is not known cannot be repeated and has no figure.
    """

    def __init__(self, preset: str, scale: int) -> None:
        known = degradation.example(preset, scale) is not None
        self.preset, self.scale = preset, scale
        self.reach = degradation.preset(preset).reach if known else math.inf
        self.repeatable = known and not degradation.preset(preset).drawn
        self.squares, self.count, self.low, self.high = 0.0, 0, math.inf, -math.inf
        self.rows: list[np.ndarray] = []
        self.begin(np.zeros((0, 0)))

    def begin(self, low: np.ndarray) -> None:
        """Start with the next input slice (y, x)."""
        self.truth, self.rows, self.first, self.done = low, [], 0, 0

    def add(self, strip: np.ndarray) -> None:
        """Take the next rows of the enlarged slice."""
        if not self.repeatable:
            return
        self.rows.append(strip)
        have = self.first + sum(map(len, self.rows)) // self.scale
        ready = self.truth.shape[0] if have == self.truth.shape[0] else have - self.reach
        if ready <= self.done or (ready < self.truth.shape[0] and math.isinf(self.reach)):
            return
        self.compare(np.concatenate(self.rows), int(ready))

    def compare(self, rows: np.ndarray, ready: int) -> None:
        """Degrade the waiting rows and compare low rows `done:ready`; keep what the next ones still need."""
        again = degradation.shrink(rows, self.scale, self.preset)[self.done - self.first : ready - self.first]
        truth = self.truth[self.done : ready]
        self.squares += float(np.square(again - truth).sum())
        self.count += truth.size
        self.low, self.high = min(self.low, float(truth.min())), max(self.high, float(truth.max()))
        keep = max(ready - int(min(self.reach, ready)), 0)
        self.rows = [rows[(keep - self.first) * self.scale :].copy()]
        self.first, self.done = keep, ready

    def psnr(self) -> float | None:
        """The ratio in dB of the input's range to the error; None when they agree to the last digit or nothing was compared."""
        span = self.high - self.low
        if not self.count or not self.squares or not span > 0:
            return None
        return 10 * math.log10(span**2 * self.count / self.squares)
