"""Random numbers as presets draw them: plain and short, so that a history can name them."""

import numpy as np

Shape = tuple[int, int]


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between two, to four decimals."""
    return round(float(rng.uniform(low, high)), 4)


def quality(rng: np.random.Generator, between: tuple[int, int]) -> int:
    """A whole number between two, both included."""
    return int(rng.integers(between[0], between[1] + 1))


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Whether something of this probability happens."""
    return bool(rng.random() < probability)


def seed(rng: np.random.Generator) -> int:
    """The seed of one field of noise."""
    return int(rng.integers(2**31))
