"""Statistics over patients, the independent units: images of one patient are correlated."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy import stats

from radloupe.core import seeds

FLIPS = 9_999
"""Largest number of sign flips: all of them up to 13 patients (8192), random ones above."""
AT_ONCE = 2**22
"""Number of flipped differences in memory at once."""
WORST = 0.1
"""Share of images of `worst_decile`."""


def patient_means(values: Float[np.ndarray, " images"], patients: Sequence[str]) -> Float[np.ndarray, " patients"]:
    """Mean over the images of each patient, in sorted order of the patients."""
    _, index = np.unique(np.asarray(patients), return_inverse=True)
    return np.bincount(index, values) / np.bincount(index)


def sign_flip(differences: Float[np.ndarray, "*tests patients"], seed: int = 0) -> Float[np.ndarray, "*tests"]:
    """Two-sided p-values of the sign-flip permutation test of paired differences.

    Under the null hypothesis, differences are symmetric about zero: models are exchangeable within each patient. NaN where a difference is
    not finite, or for a single patient. Exact up to 13 patients; n patients give no p-value below 2 / 2**n (Fisher 1935, The Design of
    Experiments, 21).

    >>> float(sign_flip(np.array([1.0, 2, 3, 4, 5, 6])))
    0.03125
    """
    usable = np.isfinite(differences).all(-1) & (differences.shape[-1] > 1)
    p_values = np.full(usable.shape, math.nan)
    if usable.any():
        rng = seeds.generator(seed, "sign-flip")
        kept = differences[usable] if usable.ndim else differences
        test = stats.permutation_test(
            (kept,),
            np.mean,
            permutation_type="samples",
            vectorized=True,
            n_resamples=FLIPS,
            batch=max(1, AT_ONCE // kept.size),
            axis=-1,
            rng=rng,
        )
        p_values[usable] = test.pvalue
    return p_values


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment of p-values (Holm 1979, Scand. J. Statist. 6); NaN stays NaN and does not count.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, float)
    order = np.argsort(p)  # NaN sorts last
    counts = np.isfinite(p).sum() - np.arange(len(p))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.maximum(counts, 1)), 1)
    return adjusted.tolist()


def worst_decile(values: Sequence[float], high_is_good: bool = True) -> float:
    """Mean of the worst tenth of the values, rounded up to whole images; NaN if any value is NaN."""
    ranked = np.sort(values) if high_is_good else np.sort(values)[::-1]
    return math.nan if np.isnan(ranked).any() else float(np.mean(ranked[: math.ceil(WORST * len(ranked))]))
