"""Parsing of the arguments of `radloupe project`: numbers, sizes and `name=value` pairs."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from radloupe.cli.degrade import assignment
from radloupe.core.errors import UsageError

if TYPE_CHECKING:
    from radloupe.drr.detector.flat_panel import Detector
    from radloupe.imaging.camera import View


def numbers(text: str, option: str, counts: Sequence[int]) -> tuple[float, ...]:
    """Comma-separated numbers; raises `UsageError` for other text or another count."""
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if len(found) not in counts or not all(map(math.isfinite, found)):
        raise UsageError(f"Expected {option}, found {text!r}.")
    return found


def pair(text: str, option: str) -> tuple[float, float]:
    """Two comma-separated numbers."""
    first, second = numbers(text, option, (2,))
    return first, second


def three_angles(text: str) -> tuple[float, ...]:
    """Angles in degrees; a missing third one (roll) is 0."""
    return (*numbers(text, "--angles AX,AY or AX,AY,AZ in degrees", (2, 3)), 0.0)[:3]


def start_angles(text: str) -> str | tuple[float, ...]:
    """Angles in degrees, or the name of a view."""
    return text if text.isalpha() else (*numbers(text, "--start AX,AY or AX,AY,AZ in degrees, or PA, AP, LLAT or RLAT", (2, 3)), 0.0)[:3]


def stored_view(text: str | None) -> "View | None":
    """View of a JSON file; None where the text is not the name of one."""
    if text is None or not text.lower().endswith(".json"):
        return None
    from radloupe.imaging.view_record import read_view

    return read_view(Path(text))


def rows_columns(text: str) -> tuple[int, int]:
    """Rows and columns from `512x256`, or from `512` for both."""
    parts = text.lower().split("x")
    if len(parts) not in (1, 2) or not all(re.fullmatch(r"[1-9]\d{0,5}", part) for part in parts):
        raise UsageError(f"Expected --size ROWSxCOLUMNS such as 512x512, found {text!r}.")
    return int(parts[0]), int(parts[-1])


def tissue_factors(texts: Sequence[str]) -> dict[str, float]:
    """Attenuation factors by tissue, from texts such as `bone=2`."""
    pairs = (assignment(text, "--tissue") for text in texts)
    return {name: numbers(value, f"--tissue {name}=NUMBER", (1,))[0] for name, value in pairs}


def beam(text: str | None) -> float | str | None:
    """A tube voltage in kV, or a beam's name."""
    return float(text) if text and text.replace(".", "", 1).isdecimal() else text


def detector(settings: Sequence[str], photons: float | None) -> "Detector | None":
    """Detector from `name=value` pairs; None without pairs."""
    from radloupe.core.settings import changed
    from radloupe.drr.detector.flat_panel import Detector

    if not settings:
        return None
    return changed(Detector() if photons is None else Detector(photons=photons), dict(map(assignment, settings)))
