"""Means with an interval."""

import math
from collections.abc import Sequence

import numpy as np

from radloupe import seeds

DRAWS = 10_000
AT_ONCE = 2**23
"""Drawn values in memory at a time."""


def mean_and_interval(values: Sequence[float], seed: int = 0) -> tuple[float, tuple[float, float] | None]:
    """The mean of finite values and its 95 % percentile bootstrap interval (seeded); no interval for fewer than two values.

    A value that is not finite (the PSNR of identical images) makes the mean what it is and leaves no interval.
    """
    mean = float(np.mean(values))
    if len(values) < 2 or not math.isfinite(mean):
        return mean, None
    rng, sample, step = seeds.generator(seed, "bootstrap"), np.asarray(values), max(1, AT_ONCE // len(values))
    draws = [(min(step, DRAWS - done), len(values)) for done in range(0, DRAWS, step)]
    means = np.concatenate([sample[rng.integers(len(values), size=size)].mean(1) for size in draws])
    low, high = np.quantile(means, (0.025, 0.975)).tolist()
    return mean, (low, high)
