"""Degradation of XPGAN: moving average and bicubic downsampling, in either order."""

from typing import Literal

import numpy as np

from radloupe.core.settings import validated, within
from radloupe.degradation import draw
from radloupe.degradation.blur import BoxBlur
from radloupe.degradation.degradation_preset import Preset
from radloupe.degradation.plain import to_low
from radloupe.degradation.step import Chain


@validated
class Xpgan:
    """Settings of the degradation."""

    k: int = within(0, 0, 512)
    """Side of the moving average in pixels; 0 draws it from 1 to `largest` for each image."""
    largest: int = within(40, 1, 512)
    blur: Literal["high", "low"] = "high"
    """Image that is blurred: the high one, as in the released code, or the low one, as in the paper."""
    rounded: bool = True
    """Whether the moving average is rounded to whole grey levels, as on 8-bit images."""


def xpgan(settings: Xpgan, shape: draw.Shape, scale: int, rng: np.random.Generator) -> Chain:
    """Draw a moving average of side 1 to `largest`, before or after antialiased bicubic downsampling."""
    mean = BoxBlur(settings.k or draw.quality(rng, (1, settings.largest)), settings.rounded)
    small = to_low(shape, scale, "bicubic")
    return [mean, small] if settings.blur == "high" else [small, mean]


RELEASED = Preset(xpgan, Xpgan(blur="high"))
PAPER = Preset(xpgan, Xpgan(blur="low"))
