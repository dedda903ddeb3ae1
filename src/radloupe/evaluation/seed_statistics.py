"""Statistics over patients and training runs: a single run says nothing about the variance between seeds."""

import math

import numpy as np
from jaxtyping import Float
from scipy import stats

from radloupe.metrics.statistics import FEWEST, Interval, mean_and_interval

OVER_SEEDS = "over patients and training runs (crossed random effects, Satterthwaite's degrees of freedom) where there are several runs"
"""Caption of intervals of `mean_over_seeds`."""


def mean_over_seeds(values: Float[np.ndarray, "patients seeds"], seed: int = 0) -> tuple[float, Interval]:
    """Mean over patients and training runs with its 95 % interval, for new patients and new runs.

    Both are crossed random effects. With the mean squares P of patients, S of seeds and E of the residual in the two-way table, the
    variance of the mean is (P + S - E) / (patients * seeds), but not less than P or S alone over that number; the degrees of freedom are
    Satterthwaite's (1946, Biometrics Bulletin 2, 110).

    Args:
        values: One value for each patient and training run.
        seed: Seed of the bootstrap for 20 or more patients with a single run; see `metrics.statistics.mean_and_interval`.

    Returns:
        The mean and its interval: None for fewer than 5 patients, and for values that are not all finite.

    >>> round(mean_over_seeds(np.array([[1.0, 1.2], [2.0, 2.2], [3.0, 3.2], [4.0, 4.2], [5.0, 5.2]]))[0], 6)
    3.1

    """
    patients, runs = values.shape
    mean = float(np.mean(values))
    if runs == 1:
        return mean_and_interval(values[:, 0].tolist(), seed)
    if patients < FEWEST or not np.isfinite(values).all():
        return mean, None
    by_patient, by_seed = values.mean(1) - mean, values.mean(0) - mean
    residual = values - mean - by_patient[:, None] - by_seed
    freedom = np.array([patients - 1, runs - 1, (patients - 1) * (runs - 1)], float)
    squares = np.array([runs * (by_patient**2).sum(), patients * (by_seed**2).sum(), (residual**2).sum()]) / freedom
    variance, degrees = of_mean(squares, freedom)
    half_width = float(stats.t.ppf(0.975, degrees)) * math.sqrt(variance / values.size)
    return mean, (mean - half_width, mean + half_width)


def of_mean(squares: Float[np.ndarray, "3"], freedom: Float[np.ndarray, "3"]) -> tuple[float, float]:
    """Variance of the mean times the number of values, and its degrees of freedom, from mean squares of patients, seeds and residual."""
    both = float(squares @ (1, 1, -1))
    larger = int(np.argmax(squares[:2]))
    if both <= squares[larger]:
        return float(squares[larger]), float(freedom[larger])
    return both, both**2 / float((squares**2 / freedom).sum())
