"""Detectability of lesions by model observers: non-prewhitening matched filter (NPW) and channelised Hotelling observer (CHO).

Sources: Barrett and Myers, Foundations of Image Science, 2004, chapters 13 and 14; channels after Abbey and Barrett, J. Opt. Soc. Am. A 18,
2001 (differences of Gaussians).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.stats import norm

from radloupe.core import seeds
from radloupe.core.errors import InputError
from radloupe.imaging.synthetic_objects import disc

CHANNELS, FIRST, RATIO = 6, 0.015, 1.67
"""Number of channels, width of the first in cycles per pixel, and of each next one relative to the last."""
FOLDS = 5
DRAWS = 2000
"""Of the bootstrap."""

Patches = Float[np.ndarray, "patch side side"]
Scores = Float[np.ndarray, " patch"]


@dataclass(frozen=True)
class Detection:
    """Scores of one observer on patches with a lesion and on the same patches without it."""

    present: Scores
    absent: Scores

    @property
    def auc(self) -> float:
        """Area under the receiver operating characteristic: the chance that a patch with the lesion scores higher than one without."""
        return float(self.wins.mean())

    @property
    def index(self) -> float:
        """Detectability index d': the difference of the mean scores over their root mean variance."""
        return float((self.present.mean() - self.absent.mean()) / np.sqrt((self.present.var(ddof=1) + self.absent.var(ddof=1)) / 2))

    @property
    def wins(self) -> Float[np.ndarray, "present absent"]:
        """1 for each pair in which the lesion scores higher, 1/2 where the scores are equal."""
        higher = self.present[:, None] > self.absent
        return higher + 0.5 * (self.present[:, None] == self.absent)


def npw(present: Patches, absent: Patches, diameter: float) -> Detection:
    """Non-prewhitening matched filter: the correlation with a disc of zero mean.

    Args:
        present: Patches with a disc at their centre.
        absent: The same patches without it.
        diameter: Of the disc in pixels.

    >>> rng = np.random.default_rng(0)
    >>> absent, signal = rng.normal(0, 1, (400, 24, 24)), disc((24, 24), (12, 12), 6)
    >>> found = npw(absent + 0.3 * signal, rng.normal(0, 1, (400, 24, 24)), 6)
    >>> bool(abs(found.index - 0.3 * np.linalg.norm(template(24, 6))) < 0.25)  # d' of white noise; its standard error is 0.08
    True

    """
    filtered = template(present.shape[-1], diameter)
    return Detection(*((patches * filtered).sum((1, 2)) for patches in (present, absent)))


def template(side: int, diameter: float) -> Float[np.ndarray, "side side"]:
    """A disc at the central pixel, its mean taken away."""
    found = disc((side, side), (side // 2, side // 2), diameter)
    return found - found.mean()


def cho(present: Patches, absent: Patches, seed: int = 0) -> Detection:
    """Channelised Hotelling observer, its weights from four fifths of the patches and its scores on the others.

    Args:
        present: Patches with a lesion at their centre, at least 10.
        absent: The same patches, in the same order, without it.
        seed: Of the folds.

    Raises:
        InputError: For fewer patches.

    """
    count = len(present)
    if count < 2 * FOLDS:
        raise InputError(f"Expected at least {2 * FOLDS} patches for the observer, found {count}. Give more images.")
    responses = channels(present.shape[-1])
    with_lesion, without = (patches.reshape(len(patches), -1) @ responses for patches in (present, absent))
    folds = seeds.generator(seed, "cho").permutation(count) % FOLDS
    scores = np.empty((2, count))
    for fold in range(FOLDS):
        train, test = folds != fold, folds == fold
        difference = with_lesion[train].mean(0) - without[train].mean(0)
        spread = np.cov(with_lesion[train].T) + np.cov(without[train].T)
        weights = np.linalg.lstsq(spread, difference, rcond=None)[0]
        offset = weights @ (with_lesion[train].mean(0) + without[train].mean(0)) / 2
        scale = np.sqrt(weights @ spread @ weights) or 1.0
        for row, values in zip(scores, (with_lesion, without), strict=True):
            row[test] = (values[test] @ weights - offset) / scale  # folds have weights of their own: their scores are made alike
    return Detection(scores[0], scores[1])


def channels(side: int) -> Float[np.ndarray, "pixel channel"]:
    """Channels in the image plane, centred on the central pixel: differences of Gaussians of the frequency."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    found = []
    for number in range(CHANNELS):
        width = FIRST * RATIO**number
        gain = np.exp(-0.5 * (frequency / (RATIO * width)) ** 2) - np.exp(-0.5 * (frequency / width) ** 2)
        found.append(np.roll(np.fft.ifft2(gain).real, (side // 2, side // 2), (0, 1)).ravel())
    return np.stack(found, 1)


def auc_interval(detections: Sequence[Detection], signs: Sequence[float] = (1.0,), seed: int = 0) -> tuple[float, float]:
    """Bootstrap 95 % interval, over lesions, of a sum of AUCs with signs; `(1, -1)` gives the interval of a paired difference.

    Args:
        detections: On the same patches in the same order.
        signs: One for each.
        seed: Of the draws.

    """
    count = len(detections[0].present)
    draws = seeds.generator(seed, "auc").multinomial(count, np.full(count, 1 / count), DRAWS)
    values = sum(sign * np.einsum("bi,bi->b", draws @ one.wins, draws) for sign, one in zip(signs, detections, strict=True))
    low, high = np.quantile(np.asarray(values) / count**2, (0.025, 0.975)).tolist()
    return low, high


def auc_of_index(index: float) -> float:
    """The AUC of an observer whose scores are normal, from its d'.

    >>> round(auc_of_index(1.0), 3)
    0.76

    """
    return float(norm.cdf(index / np.sqrt(2)))
