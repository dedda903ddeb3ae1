"""The table of degradations."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from radloupe.core.tables import check_choice
from radloupe.degradation import aid, plain, realesrgan, xpgan
from radloupe.degradation.bsrgan import Bsrgan
from radloupe.degradation.bsrgan import bsrgan as bsrgan_chain
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


PRESETS = {
    "bicubic": Preset(plain.interpolation, plain.Interpolation("bicubic"), receptive_field_radius=2, drawn=False),
    "bicubic-cv": Preset(plain.interpolation, plain.Interpolation("bicubic-cv"), receptive_field_radius=2, drawn=False),
    "xpgan": Preset(xpgan.xpgan, xpgan.Xpgan(blur="high")),
    "xpgan-text": Preset(xpgan.xpgan, xpgan.Xpgan(blur="low")),
    "aid-paper": Preset(aid.paper, aid.Paper()),
    "aid-released": Preset(aid.released, aid.Released()),
    "aid-mini": Preset(aid.paper, aid.Paper(kernels=(1, 3, 5))),
    "aid-plus": Preset(aid.paper, aid.Paper(kernels=(7, 9, 11))),
    "kspace": Preset(plain.crop, plain.Crop("grid"), drawn=False),
    "kspace-centred": Preset(plain.crop, plain.Crop("centre"), drawn=False),
    "pyramid": Preset(plain.pyramid, plain.Pyramid(), receptive_field_radius=3, drawn=False),
    "pyramid-centred": Preset(plain.pyramid, plain.Pyramid("centre"), receptive_field_radius=3, drawn=False),
    "bsrgan": Preset(bsrgan_chain, Bsrgan()),
    "real-esrgan": Preset(realesrgan.real_esrgan, realesrgan.RealEsrgan()),
}


def preset(name: str) -> Preset:
    """The degradation called `name`; raises `UsageError` for an unknown one."""
    check_choice("degradation", name, PRESETS)
    return PRESETS[name]
