"""Means with an interval."""

import math
from collections.abc import Sequence

import numpy as np

from radloupe import seeds

DRAWS = 10_000


def mean_and_interval(values: Sequence[float]) -> tuple[float, tuple[float, float] | None]:
    """The mean of finite values and its 95 % percentile bootstrap interval (seeded); no interval for fewer than two values.

    A value that is not finite (the PSNR of identical images) makes the mean what it is and leaves no interval.
    """
    mean = float(np.mean(values))
    if len(values) < 2 or not math.isfinite(mean):
        return mean, None
    picks = seeds.generator(0, "bootstrap").integers(len(values), size=(DRAWS, len(values)))
    low, high = np.quantile(np.asarray(values)[picks].mean(1), (0.025, 0.975)).tolist()
    return mean, (low, high)
