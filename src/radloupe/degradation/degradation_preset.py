"""What a preset is: a degradation by a whole factor whose parameters are drawn from a seed."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from radloupe.degradation.draw import Shape
from radloupe.degradation.step import Chain


@dataclass(frozen=True)
class Preset:
    """A degradation by a whole factor."""

    sample: Callable[[Any, Shape, int, np.random.Generator], Chain]
    """From settings, the high shape (y, x; multiples of the scale), the scale and a generator: the chain, all its parameters drawn."""
    settings: Any
    """The settings' defaults, a frozen dataclass."""
    receptive_field_radius: float = math.inf
    """In low pixels: a low pixel depends on high pixels at most this far away."""
    drawn: bool = True
    """Whether parameters are drawn at random. Such presets are defined on 8-bit grey levels; the others on any unit."""
