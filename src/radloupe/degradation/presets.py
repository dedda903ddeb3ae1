"""Table of degradation presets. It imports no torch, which keeps `--help` fast."""

from typing import TYPE_CHECKING

from radloupe.core.tables import Table

if TYPE_CHECKING:
    from radloupe.degradation.degradation_preset import Preset

PRESETS = Table(
    "degradation",
    {
        "bicubic": "radloupe.degradation.plain:BICUBIC",
        "bicubic-cv": "radloupe.degradation.plain:BICUBIC_CV",
        "area": "radloupe.degradation.plain:AREA",
        "xpgan": "radloupe.degradation.xpgan:RELEASED",
        "xpgan-text": "radloupe.degradation.xpgan:PAPER",
        "aid-paper": "radloupe.degradation.aid:PAPER",
        "aid-released": "radloupe.degradation.aid:RELEASED",
        "aid-mini": "radloupe.degradation.aid:MINI",
        "aid-plus": "radloupe.degradation.aid:PLUS",
        "kspace": "radloupe.degradation.plain:KSPACE",
        "kspace-centred": "radloupe.degradation.plain:KSPACE_CENTRED",
        "photon-noise": "radloupe.degradation.plain:PHOTON_NOISE",
        "pyramid": "radloupe.degradation.plain:PYRAMID",
        "pyramid-centred": "radloupe.degradation.plain:PYRAMID_CENTRED",
        "bsrgan": "radloupe.degradation.bsrgan_chain:BSRGAN",
        "real-esrgan": "radloupe.degradation.realesrgan:REAL_ESRGAN",
        "mixed": "radloupe.degradation.mixed:MIXED",
        "mixed-mri": "radloupe.degradation.mixed:MIXED_MRI",
    },
)
"""Rows are `degradation_preset.Preset`."""


def preset(name: str) -> "Preset":
    """The degradation called `name`; raises `UsageError` for an unknown one."""
    found: Preset = PRESETS[name]
    return found
