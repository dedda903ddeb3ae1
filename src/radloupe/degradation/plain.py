"""Deterministic presets: interpolation, k-space crop, pyramid."""

import math
from dataclasses import dataclass

import numpy as np

from radloupe.core.errors import UsageError
from radloupe.core.settings import validated, within
from radloupe.degradation import draw
from radloupe.degradation.degradation_preset import Preset
from radloupe.degradation.kspace import Align, KSpaceCrop, Window
from radloupe.degradation.noise import PoissonNoise, Rician
from radloupe.degradation.pyramid import PyramidReduce
from radloupe.degradation.resample import Method, Resize
from radloupe.degradation.step import Chain


@dataclass(frozen=True)
class Interpolation:
    """Settings of a resampling."""

    method: Method = "bicubic"


def interpolation(settings: Interpolation, shape: draw.Shape, scale: int, rng: np.random.Generator) -> Chain:
    """Resampling to 1/scale."""
    return [to_low(shape, scale, settings.method)]


def to_low(shape: draw.Shape, scale: int, method: Method) -> Resize:
    """The resampling to 1/scale of a shape."""
    return Resize(shape[0] // scale, shape[1] // scale, method)


@validated
class Crop:
    """Settings of a k-space crop."""

    align: Align = "grid"
    window: Window = "none"
    partial: float = within(1.0, 0.5, 1.0)
    """The share of the rows of k-space that are acquired."""
    sigma: float = within(0.0, 0.0, math.inf)
    """Standard deviation of Rician noise, in the image's unit."""


def crop(settings: Crop, shape: draw.Shape, scale: int, rng: np.random.Generator) -> Chain:
    """K-space crop, and Rician noise where its standard deviation is above zero."""
    step = KSpaceCrop(scale, settings.align, settings.window, settings.partial)
    return [step, Rician(settings.sigma, draw.seed(rng))] if settings.sigma else [step]


@validated
class Photons:
    """Photon noise alone."""

    photons: int = within(0, 0, 10**9)
    """At white; 0 for as many as there are grey levels, raised to a power of two."""


def photons(settings: Photons, shape: draw.Shape, scale: int, rng: np.random.Generator) -> Chain:
    """Bicubic downsampling where the scale is above 1, and photon noise."""
    noise = PoissonNoise(settings.photons, draw.seed(rng))
    return [to_low(shape, scale, "bicubic"), noise] if scale > 1 else [noise]


@dataclass(frozen=True)
class Pyramid:
    """Settings of a pyramid of halvings with a five-tap kernel."""

    align: Align = "grid"


def pyramid(settings: Pyramid, shape: draw.Shape, scale: int, rng: np.random.Generator) -> Chain:
    """The halvings of a scale; raises `UsageError` unless it is a power of two."""
    if scale & (scale - 1):
        raise UsageError(f"Expected a scale of 2, 4, 8 and so on for a pyramid, found {scale}. Choose such a scale, or another preset.")
    return [PyramidReduce(settings.align)] * (scale.bit_length() - 1)


BICUBIC = Preset(interpolation, Interpolation("bicubic"), receptive_field_radius=2, drawn=False)
BICUBIC_CV = Preset(interpolation, Interpolation("bicubic-cv"), receptive_field_radius=2, drawn=False)
AREA = Preset(interpolation, Interpolation("area"), receptive_field_radius=1, drawn=False)
KSPACE = Preset(crop, Crop("grid"), drawn=False)
KSPACE_CENTRED = Preset(crop, Crop("centre"), drawn=False)
PHOTON_NOISE = Preset(photons, Photons())
PYRAMID = Preset(pyramid, Pyramid(), receptive_field_radius=3, drawn=False)
PYRAMID_CENTRED = Preset(pyramid, Pyramid("centre"), receptive_field_radius=3, drawn=False)
