"""Preset: a degradation by a whole factor whose parameters are drawn from a seed."""

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
    """Draws a chain from settings, high-resolution shape (y, x; multiples of the scale), scale and generator."""
    settings: Any
    """Default settings, a frozen dataclass."""
    receptive_field_radius: float = math.inf
    """Radius in low pixels: a low pixel depends on high pixels at most this far away."""
    drawn: bool = True
    """Whether parameters are drawn at random. Such presets are defined on 8-bit grey levels; the others on any unit."""
