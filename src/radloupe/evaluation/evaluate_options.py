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
    """Options of an evaluation, with the defaults of all callers."""

    degrade: str = option(REQUIRED, "Degradation to low-resolution images", PRESETS)
    scale: int = option(REQUIRED, "Enlargement in plane.")
    protocol: str = option("plain", "Protocol of the metrics", PROTOCOLS)
    seed: int = option(0, "Seed of the degradation, the intervals and the tests.")
    weights: Path | None = option(None, "Folder of the weights of LPIPS.")
    modality: str | None = option(None, "Modality of the images, for formats that do not store it; it replaces the guess.", MODALITIES)
