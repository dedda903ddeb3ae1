"""The degradation of XPGAN: moving average and bicubic, in either order."""

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
    """What can be chosen."""

    k: int = within(0, 0, 512)
    """Side of the moving average in pixels; 0 draws it from 1 to `largest` for each image."""
    largest: int = within(40, 1, 512)
    blur: Literal["high", "low"] = "high"
    """Which image is blurred: the high one, as the released code does it, or the low one, as the paper writes."""
    rounded: bool = True
    """Whether the moving average gives whole grey levels, as it does on 8-bit images."""


def xpgan(settings: Xpgan, shape: draw.Shape, scale: int, rng: np.random.Generator) -> Chain:
    """Moving average of a side from 1 to 40, and antialiased bicubic."""
    mean = BoxBlur(settings.k or draw.quality(rng, (1, settings.largest)), settings.rounded)
    small = to_low(shape, scale, "bicubic")
    return [mean, small] if settings.blur == "high" else [small, mean]


RELEASED = Preset(xpgan, Xpgan(blur="high"))
PAPER = Preset(xpgan, Xpgan(blur="low"))
