"""Random parameters of presets, rounded so that they are recorded in an image's history without loss."""

import numpy as np

Shape = tuple[int, int]


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Uniform number between `low` and `high`, rounded to four decimals."""
    return round(float(rng.uniform(low, high)), 4)


def quality(rng: np.random.Generator, between: tuple[int, int]) -> int:
    """Uniform integer of a closed range."""
    return int(rng.integers(between[0], between[1] + 1))


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Bernoulli draw: True with this probability."""
    return bool(rng.random() < probability)


def seed(rng: np.random.Generator) -> int:
    """The seed of one field of noise."""
    return int(rng.integers(2**31))
