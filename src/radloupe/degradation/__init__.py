"""Degradations: presets and steps that turn high-resolution images into low-resolution ones.

A preset draws a chain of steps from a seed (`sample`); the steps hold their parameters and draw nothing themselves.
"""

from radloupe.degradation.aid import ContrastStretch
from radloupe.degradation.blur import BoxBlur, GaussianBlur, MotionBlur, SincBlur
from radloupe.degradation.compress import JPEG, JPEG2000
from radloupe.degradation.kspace import KSpaceCrop
from radloupe.degradation.noise import GaussianNoise, PoissonNoise, Rician
from radloupe.degradation.presets import PRESETS, Preset, preset
from radloupe.degradation.pyramid import BinomialBlur, PyramidReduce
from radloupe.degradation.resample import Resize
from radloupe.degradation.step import Chain, Compose, Step, nth, run

from radloupe.degradation.apply import (  # isort: skip  its functions bear the names of two modules above
    SIDE,
    bsrgan,
    centred,
    cropped,
    degrade,
    degrade_batch,
    described,
    example,
    grey_levels,
    real_esrgan,
    sample,
    shrink,
)

__all__ = [
    "JPEG",
    "JPEG2000",
    "PRESETS",
    "SIDE",
    "BinomialBlur",
    "BoxBlur",
    "Chain",
    "Compose",
    "ContrastStretch",
    "GaussianBlur",
    "GaussianNoise",
    "KSpaceCrop",
    "MotionBlur",
    "PoissonNoise",
    "Preset",
    "PyramidReduce",
    "Resize",
    "Rician",
    "SincBlur",
    "Step",
    "bsrgan",
    "centred",
    "cropped",
    "degrade",
    "degrade_batch",
    "described",
    "example",
    "grey_levels",
    "nth",
    "preset",
    "real_esrgan",
    "run",
    "sample",
    "shrink",
]
