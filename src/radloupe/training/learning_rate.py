"""The learning rate over the steps of a phase."""

import math
from itertools import pairwise

from radloupe.training.recipe import Rate


def share(rate: Rate, step: int, steps: int) -> float:
    """The share of the full rate at `step` of a phase of `steps`.

    >>> [share(Rate(milestones=(2,), factor=0.1), step, 4) for step in range(4)]
    [1.0, 1.0, 0.1, 0.1]
    """
    begin, end = next((a, b) for a, b in pairwise((0, *rate.restarts, steps)) if step < b or b == steps)
    value = min(1.0, (step - begin + 1) / rate.warmup) if rate.warmup else 1.0
    value *= rate.factor ** sum(step >= milestone for milestone in rate.milestones)
    if rate.linear_from is not None and step >= rate.linear_from:
        value *= (steps - step) / max(steps - rate.linear_from, 1)
    if rate.cosine:
        value *= (1 + math.cos(math.pi * (step - begin) / (end - begin))) / 2
    return value
