"""Degradations: how a low-resolution image comes from a high-resolution one."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from radloupe import geometry, intensity
from radloupe.degradation.kspace import kspace_crop
from radloupe.degradation.resample import antialiased_bicubic
from radloupe.errors import InputError, UsageError
from radloupe.image import Image
from radloupe.tables import suggest

__all__ = ["PRESETS", "Preset", "degrade", "preset", "shrink"]


@dataclass(frozen=True)
class Preset:
    """A degradation by a whole factor."""

    apply: Callable[[np.ndarray, int], np.ndarray]
    """Slices (..., y, x) whose sides are multiples of the scale, and the scale, to float64 slices of 1/scale of the size."""
    reach: float
    """How many low pixels away a high pixel still matters."""
    centred: bool = True
    """Whether a low pixel lies at the centre of the high pixels it covers, or on the first of them."""


PRESETS = {
    "bicubic": Preset(antialiased_bicubic, reach=2),
    "kspace": Preset(partial(kspace_crop, align="grid"), reach=math.inf, centred=False),
    "kspace-centred": Preset(partial(kspace_crop, align="centre"), reach=math.inf),
}


def preset(name: str) -> Preset:
    """The degradation called `name`; raises `UsageError` for an unknown one."""
    if name not in PRESETS:
        raise UsageError(f"Unknown degradation {name!r}.{suggest(name, list(PRESETS))}")
    return PRESETS[name]


def shrink(planes: np.ndarray, scale: int, name: str) -> np.ndarray:
    """Degrade slices (..., y, x) to 1/scale of their size by a preset; float64 in the unit of the input.

    Rows and columns beyond a multiple of `scale` are dropped. Raises `UsageError` for an unknown preset, `InputError` for slices smaller
    than one low pixel.
    """
    height, width = (n // scale * scale for n in planes.shape[-2:])
    if not height or not width:
        found = f"{planes.shape[-1]}x{planes.shape[-2]}"
        raise InputError(f"Expected slices of at least {scale}x{scale} pixels to degrade by {scale}, found {found}.")
    return preset(name).apply(planes[..., :height, :width], scale)


def degrade(image: Image, name: str, scale: int) -> Image:
    """An image at 1/scale of its in-plane resolution, in the same unit and type, with the geometry that follows."""
    planes = np.stack([intensity.quantise(shrink(p, scale, name), image.meaning, image.pixels.dtype) for p in image.slices()])
    pixels = planes.reshape(*image.pixels.shape[:2], *planes.shape[-2:])
    low = image.resampled(pixels, (1 / scale, 1 / scale, 1), f"degraded to 1/{scale} by {name}")
    if preset(name).centred:
        return low
    return replace(low, affine=geometry.shift(low.affine, [-(scale - 1) / (2 * scale)] * 2 + [0]))
