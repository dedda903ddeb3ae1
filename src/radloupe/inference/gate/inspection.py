"""Inspection of an image before super-resolution."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from radloupe.imaging.image import Image
from radloupe.inference.gate.finding import Finding, GateReport
from radloupe.inference.gate.gate_checks import ANY_SIZE, GATE_CHECKS, KNOWN_MODALITY
from radloupe.inference.gate.sample import FEWEST, Sample

THRESHOLDS = Path(__file__).with_name("thresholds.json")
"""Thresholds by modality, written by `make gate`; those of `other` are the largest of all."""


def inspect_image(image: Image) -> GateReport:
    """Inspection of an image: results of the checks of `GATE_CHECKS` on its middle slice.

    Args:
        image: Image as returned by `rl.read`; its modality determines the thresholds.

    Returns:
        The finding of each check, and the most severe verdict.

    >>> import numpy as np
    >>> from radloupe.imaging.pixel_info import PixelInfo
    >>> exported = np.random.default_rng(0).integers(0, 256, (1, 1, 128, 128), dtype=np.uint8)
    >>> report = inspect_image(Image(exported, info=PixelInfo("HU", "CT")))
    >>> report.verdict, report.findings[0].name
    ('refuse', 'hounsfield')

    """
    sample = Sample(image, thresholds_of(image.info.modality))
    return GateReport([finding(name, sample) for name in GATE_CHECKS])


def finding(name: str, sample: Sample) -> Finding:
    """Finding of one check; skipped where the check does not apply."""
    if name not in ANY_SIZE and not sample.readable:
        return Finding(name, says=f"Not checked: less than {FEWEST} pixels a side, or no contrast.", skipped=True)
    if name in KNOWN_MODALITY and sample.image.info.modality == "other":
        return Finding(name, says="Not checked: the modality is not known.", skipped=True)
    found: Finding = GATE_CHECKS[name](sample)
    return found


def thresholds_of(modality: str) -> Mapping[str, Any]:
    """Thresholds of a modality, with the appearance statistics of all modalities."""
    stored = all_thresholds()
    shared = {"modalities": {name: {**one["appearance"], "thumbnail": one["thumbnail"]} for name, one in stored.items() if name != "other"}}
    return stored[modality] | shared


@cache
def all_thresholds() -> dict[str, dict[str, Any]]:
    """The thresholds of all modalities."""
    found: dict[str, dict[str, Any]] = json.loads(THRESHOLDS.read_text(encoding="utf-8"))
    return found
