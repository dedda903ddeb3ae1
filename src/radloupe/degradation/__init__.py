"""Degradations: presets and steps that turn high-resolution images into low-resolution ones.

A preset draws a chain of steps from a seed (`sample`); the steps hold their parameters and draw nothing themselves.
"""

from typing import TYPE_CHECKING, Any

from radloupe.core.lazy import lazy_attribute

PUBLIC = {
    "JPEG": "radloupe.degradation.compress",
    "JPEG2000": "radloupe.degradation.compress",
    "PRESETS": "radloupe.degradation.presets",
    "SIDE": "radloupe.degradation.apply",
    "BinomialBlur": "radloupe.degradation.pyramid",
    "BoxBlur": "radloupe.degradation.blur",
    "Chain": "radloupe.degradation.step",
    "Compose": "radloupe.degradation.step",
    "ContrastStretch": "radloupe.degradation.aid",
    "CorrelatedNoise": "radloupe.degradation.noise",
    "GaussianBlur": "radloupe.degradation.blur",
    "GaussianNoise": "radloupe.degradation.noise",
    "KSpaceCrop": "radloupe.degradation.kspace",
    "MotionBlur": "radloupe.degradation.blur",
    "PoissonNoise": "radloupe.degradation.noise",
    "Preset": "radloupe.degradation.degradation_preset",
    "PyramidReduce": "radloupe.degradation.pyramid",
    "Resize": "radloupe.degradation.resample",
    "Rician": "radloupe.degradation.noise",
    "SincBlur": "radloupe.degradation.blur",
    "Step": "radloupe.degradation.step",
    "bsrgan": "radloupe.degradation.apply",
    "centred": "radloupe.degradation.apply",
    "cropped": "radloupe.degradation.apply",
    "degrade": "radloupe.degradation.apply",
    "degrade_batch": "radloupe.degradation.apply",
    "described": "radloupe.degradation.apply",
    "example": "radloupe.degradation.apply",
    "grey_levels": "radloupe.degradation.apply",
    "nth": "radloupe.degradation.step",
    "preset": "radloupe.degradation.presets",
    "real_esrgan": "radloupe.degradation.apply",
    "run": "radloupe.degradation.step",
    "sample": "radloupe.degradation.apply",
    "shrink": "radloupe.degradation.apply",
}
"""Public names and their modules; each is imported when first used."""

if TYPE_CHECKING:
    from radloupe.degradation.aid import ContrastStretch
    from radloupe.degradation.apply import (
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
    from radloupe.degradation.blur import BoxBlur, GaussianBlur, MotionBlur, SincBlur
    from radloupe.degradation.compress import JPEG, JPEG2000
    from radloupe.degradation.degradation_preset import Preset
    from radloupe.degradation.kspace import KSpaceCrop
    from radloupe.degradation.noise import CorrelatedNoise, GaussianNoise, PoissonNoise, Rician
    from radloupe.degradation.presets import PRESETS, preset
    from radloupe.degradation.pyramid import BinomialBlur, PyramidReduce
    from radloupe.degradation.resample import Resize
    from radloupe.degradation.step import Chain, Compose, Step, nth, run

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
    "CorrelatedNoise",
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


def __getattr__(name: str) -> Any:
    return lazy_attribute(__name__, PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(__all__)
