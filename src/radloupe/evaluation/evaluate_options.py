"""The options of evaluation, each declared once with its default, help and choices. It imports no torch: `--help` is quick."""

# ruff: noqa: RUF009  calls that make fields, not values that instances share

from dataclasses import dataclass
from pathlib import Path

from radloupe.core.keywords import REQUIRED, option
from radloupe.core.tables import Table
from radloupe.degradation.presets import PRESETS
from radloupe.imaging.modality import MODALITIES
from radloupe.metrics.protocol_settings import PROTOCOLS

INTERPOLATIONS = Table(
    "interpolation",
    {
        "nearest": "radloupe.evaluation.interpolations:nearest",
        "bicubic": "radloupe.evaluation.interpolations:cubic",
        "lanczos": "radloupe.evaluation.interpolations:lanczos",
        "zero-filling": "radloupe.evaluation.interpolations:zero_filling",
    },
)
"""Functions of a slice, the scale, and whether low and high grid share pixel centres (`degradation.centred`)."""


@dataclass(frozen=True)
class EvaluateOptions:
    """How images are degraded and scored. The defaults are those of every caller."""

    degrade: str = option(REQUIRED, "How low-resolution images are made", PRESETS)
    scale: int = option(REQUIRED, "Enlargement in plane.")
    protocol: str = option("plain", "How images are scored", PROTOCOLS)
    seed: int = option(0, "Of the degradation, the intervals and the tests.")
    weights: Path | None = option(None, "Folder of the weights of LPIPS.")
    modality: str | None = option(None, "What the images show, for formats that cannot say; it replaces what is guessed.", MODALITIES)
