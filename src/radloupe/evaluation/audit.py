"""Audit of a super-resolved image: rates of where it departs from its input, from the truth and from other results. No verdicts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float

from radloupe import degradation
from radloupe.degradation.null_space import has_null_space, null_space_part, null_space_share
from radloupe.evaluation.audit_inputs import AuditInputs
from radloupe.evaluation.residual_map import Plane, ResidualMap, beyond_range, residual_map
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import AIR_HU
from radloupe.inference.data_consistency.correction import error_variance
from radloupe.metrics.sfrc import SFRC_PRESETS, SFRCResult, SFRCSettings, sfrc

DIAMETERS = (2, 3, 4, 6, 8, 12)
"""Of the discs, in pixels of the result, that the null space is described by."""
LISTED = 20
"""Flagged places that are listed, the highest first."""
SOFT_TISSUE_HU = 2686.0
"""Span of the authors' CT above air, for leaving out patches without content."""


@dataclass
class Energy:
    """Root mean square and largest value of a difference, added up over slices."""

    squares: float = 0.0
    pixels: int = 0
    largest: float = 0.0

    def add(self, values: Float[np.ndarray, "y x"]) -> None:
        """One more slice."""
        self.squares += float(np.square(values).sum())
        self.pixels += values.size
        self.largest = max(self.largest, float(np.abs(values).max()))

    @property
    def rms(self) -> float:
        """Root mean square."""
        return math.sqrt(self.squares / self.pixels)


@dataclass
class Audit:
    """The audit of an image: maps of its slices, and sums over them."""

    inputs: AuditInputs
    settings: SFRCSettings
    maps: list[ResidualMap] = field(default_factory=list)
    patches: list[SFRCResult] = field(default_factory=list)
    energies: dict[str, Energy] = field(default_factory=dict)
    beyond: dict[str, int] = field(default_factory=dict)

    def note(self, name: str, values: Float[np.ndarray, "y x"]) -> None:
        """Add a slice of a difference."""
        self.energies.setdefault(name, Energy()).add(values)

    @property
    def sfrc(self) -> dict[str, Any] | None:
        """Patches that look unlike the truth; None without a truth."""
        if not self.patches:
            return None
        labelled = sum(int(one.labelled.sum()) for one in self.patches)
        candidates = sum(int(one.candidates.sum()) for one in self.patches)
        patches = sum(one.candidates.size for one in self.patches)
        share = labelled / candidates if candidates else None
        how = {"window": self.settings.window, "patch": self.settings.patch, "frequency": self.settings.frequency}
        return {"labelled": labelled, "candidates": candidates, "patches": patches, "share": share} | how

    @property
    def residual(self) -> dict[str, Any] | None:
        """Agreement with the input, place by place; None without a low-resolution image."""
        if not self.maps:
            return None
        scale = self.inputs.scale
        offset = (scale - 1) / 2 if degradation.centred(self.inputs.preset, scale) else 0.0
        places = [(n, y * scale + offset, x * scale + offset, score) for n, one in enumerate(self.maps) for y, x, score in one.places()]
        highest = sorted(places, key=lambda place: -place[3])[:LISTED]
        low = self.inputs.low
        span = float(np.ptp(low.pixels)) if low is not None else 0.0
        mean_square = float(np.mean([np.square(one.residual).mean() for one in self.maps]))
        variance = float(np.mean([one.sigma**2 for one in self.maps]))
        return {
            "consistency_db": decibels(span, mean_square),
            "ceiling_db": decibels(span, variance),
            "rms": math.sqrt(mean_square),
            "largest": max(float(np.abs(one.residual).max()) for one in self.maps),
            "input_error": math.sqrt(variance),
            "flagged": len(places),
            "flagged_share": sum(int(one.flagged.sum()) for one in self.maps) / sum(one.residual.size for one in self.maps),
            "places": [dict(zip(("slice", "y", "x", "score"), place, strict=True)) for place in highest],
        }

    @property
    def null_space(self) -> dict[str, Any] | None:
        """What no comparison with the input can see; None where the degradation is not linear or unknown."""
        preset, scale = self.inputs.preset, self.inputs.scale
        if not scale or not has_null_space(preset, scale):
            return None
        found: dict[str, Any] = {"detail_rms": self.energies["detail"].rms}
        if "unseen" in self.energies:
            error = self.energies["error"].squares
            found |= {"error_rms": self.energies["unseen"].rms, "error_share": self.energies["unseen"].squares / error if error else None}
        return found | {"disc_share": {str(d): null_space_share(d, preset, scale) for d in DIAMETERS}}

    @property
    def record(self) -> dict[str, Any]:
        """What `radloupe audit --json` prints, in the image's unit."""
        pixels = self.inputs.image.pixels.size
        shares = {f"{name}_share": count / pixels for name, count in self.beyond.items()}
        differences = {name: self.energies[name] for name in (*self.inputs.others, "error") if name in self.energies}
        return {
            "unit": self.inputs.image.info.unit,
            "scale": self.inputs.scale or None,
            "degradation": self.inputs.preset or None,
            "sfrc": self.sfrc,
            "residual": self.residual,
            "null_space": self.null_space,
            "beyond_range": shares or None,
            "difference": {name: {"rms": one.rms, "largest": one.largest} for name, one in differences.items()},
        }


def decibels(span: float, mean_square: float) -> float | None:
    """A range over an error; None where one of them is zero."""
    return 10 * math.log10(span**2 / mean_square) if span > 0 and mean_square > 0 else None


def audited(inputs: AuditInputs, settings: SFRCSettings = SFRC_PRESETS["paper"]) -> Audit:
    """The audit of a result, slice by slice."""
    found = Audit(inputs, settings)
    shown = {"image": inputs.image, "truth": inputs.truth, "low": inputs.low, **inputs.others}
    stacks = {name: list(image.slices()) for name, image in shown.items() if image is not None}
    for number in range(len(stacks["image"])):
        audit_slice(found, {name: planes[number] for name, planes in stacks.items()})
    return found


def audit_slice(found: Audit, planes: Mapping[str, Plane]) -> None:
    """Add one slice."""
    inputs, image = found.inputs, planes["image"]
    known = bool(inputs.scale) and has_null_space(inputs.preset, inputs.scale)
    for name in inputs.others:
        found.note(name, image.astype(np.float64) - planes[name])
    if inputs.low is not None:
        variance = error_variance(planes["low"], inputs.low.info, inputs.low.pixels.dtype)
        found.maps.append(residual_map(image, planes["low"], inputs.preset, inputs.scale, variance))
        for name in planes.keys() & {"image", "truth"}:
            found.beyond[name] = found.beyond.get(name, 0) + int(beyond_range(planes[name], planes["low"], inputs.scale).sum())
    if known:
        found.note("detail", null_space_part(image.astype(np.float64) - planes["bicubic"], inputs.preset, inputs.scale))
    if inputs.truth is not None:
        error = image.astype(np.float64) - planes["truth"]
        found.note("error", error)
        if known:
            found.note("unseen", null_space_part(error, inputs.preset, inputs.scale))
        found.patches.append(sfrc(image, planes["truth"], found.settings, brightness(inputs.truth)))


def brightness(truth: Image) -> tuple[float, float]:
    """The values that sFRC takes for black and white when it leaves out patches without content."""
    if truth.info.unit == "HU":
        return AIR_HU, AIR_HU + SOFT_TISSUE_HU
    return float(truth.pixels.min()), float(truth.pixels.max())
