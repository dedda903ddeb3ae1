"""Learning-rate schedules."""

import math
from itertools import pairwise

from radloupe.training.recipe import LearningRateSchedule


def schedule_factor(schedule: LearningRateSchedule, step: int, steps: int) -> float:
    """Factor on the learning rate at `step` of a phase of `steps`, 0 to 1.

    >>> [schedule_factor(LearningRateSchedule(milestones=(2,), factor=0.1), step, 4) for step in range(4)]
    [1.0, 1.0, 0.1, 0.1]
    """
    start, end = next((a, b) for a, b in pairwise((0, *schedule.restarts, steps)) if step < b or b == steps)
    value = min(1.0, (step - start + 1) / schedule.warmup) if schedule.warmup else 1.0
    value *= schedule.factor ** sum(step >= milestone for milestone in schedule.milestones)
    if schedule.linear_from is not None and step >= schedule.linear_from:
        value *= (steps - step) / max(steps - schedule.linear_from, 1)
    if schedule.cosine:
        value *= (1 + math.cos(math.pi * (step - start) / (end - start))) / 2
    return value
