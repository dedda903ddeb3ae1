"""Audit of a super-resolved image: rates of its disagreement with its input, the truth and other results; no verdicts."""

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
"""Diameters, in pixels of the result, of the discs whose null-space shares are reported."""
LISTED = 20
"""Number of flagged positions that are listed, the highest first."""
SOFT_TISSUE_HU = 2686.0
"""Range above air of the authors' CT, by which patches without content are left out."""


@dataclass
class Energy:
    """Root mean square and largest value of a difference, accumulated over slices."""

    squares: float = 0.0
    pixels: int = 0
    largest: float = 0.0

    def add(self, values: Float[np.ndarray, "y x"]) -> None:
        """Add a slice."""
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
        """Residuals against the input with their flagged positions; None without a low-resolution image."""
        if not self.maps:
            return None
        scale = self.inputs.scale
        offset = (scale - 1) / 2 if degradation.centred(self.inputs.preset, scale) else 0.0
        found = [(n, y * scale + offset, x * scale + offset, score) for n, one in enumerate(self.maps) for y, x, score in one.positions()]
        highest = sorted(found, key=lambda position: -position[3])[:LISTED]
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
            "flagged": len(found),
            "flagged_share": sum(int(one.flagged.sum()) for one in self.maps) / sum(one.residual.size for one in self.maps),
            "positions": [dict(zip(("slice", "y", "x", "score"), position, strict=True)) for position in highest],
        }

    @property
    def null_space(self) -> dict[str, Any] | None:
        """Energy in the null space, which the input does not determine; None unless the degradation is known and linear."""
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
        """JSON record of `radloupe audit --json`, in the image's unit."""
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
    """Ratio of a range to a root-mean-square error in dB; None where one of them is zero."""
    return 10 * math.log10(span**2 / mean_square) if span > 0 and mean_square > 0 else None


def audited(inputs: AuditInputs, settings: SFRCSettings = SFRC_PRESETS["paper"]) -> Audit:
    """Audit of a result, computed slice by slice."""
    found = Audit(inputs, settings)
    shown = {"image": inputs.image, "truth": inputs.truth, "low": inputs.low, **inputs.others}
    stacks = {name: list(image.slices()) for name, image in shown.items() if image is not None}
    for number in range(len(stacks["image"])):
        audit_slice(found, {name: planes[number] for name, planes in stacks.items()})
    return found


def audit_slice(found: Audit, planes: Mapping[str, Plane]) -> None:
    """Add a slice to the audit."""
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
    """Values of black and white by which sFRC leaves out patches without content."""
    if truth.info.unit == "HU":
        return AIR_HU, AIR_HU + SOFT_TISSUE_HU
    return float(truth.pixels.min()), float(truth.pixels.max())
