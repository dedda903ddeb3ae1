"""Means over patients with 95 % confidence intervals."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from radloupe.core import seeds

FEWEST, MANY = 5, 20
"""Fewest patients for an interval, and fewest for the bootstrap instead of Student's t."""
INTERVALS = "95 % over patients: none below 5, Student's t below 20, percentile bootstrap from 20 on"
"""Description printed beside the intervals."""
DRAWS = 10_000
AT_ONCE = 2**23
"""Drawn values in memory at a time."""

Interval = tuple[float, float] | None


def mean_and_interval(values: Sequence[float], seed: int = 0) -> tuple[float, Interval]:
    """The mean of one finite value a patient and its 95 % interval: none for fewer than 5 patients, Student's t below 20, and from 20 on
    a percentile bootstrap (seeded).

    Below 20 the bootstrap is too narrow: of normal values it covers the mean in 85 % of the samples of 5, in 90 % of those of 10. A value
    that is not finite (the PSNR of identical images) propagates to the mean and gives no interval.
    """
    mean = float(np.mean(values))
    if len(values) < FEWEST or not math.isfinite(mean):
        return mean, None
    return mean, drawn(np.asarray(values), seed) if len(values) >= MANY else student(np.asarray(values), mean)


def student(sample: np.ndarray, mean: float) -> tuple[float, float]:
    """Student's t interval."""
    half_width = float(stats.t.ppf(0.975, len(sample) - 1) * stats.sem(sample))
    return mean - half_width, mean + half_width


def drawn(sample: np.ndarray, seed: int) -> tuple[float, float]:
    """The percentile bootstrap interval."""
    rng, step = seeds.generator(seed, "bootstrap"), max(1, AT_ONCE // len(sample))
    draws = [(min(step, DRAWS - done), len(sample)) for done in range(0, DRAWS, step)]
    means = np.concatenate([sample[rng.integers(len(sample), size=size)].mean(1) for size in draws])
    low, high = np.quantile(means, (0.025, 0.975)).tolist()
    return low, high
