"""Result of a registration, with its expected error and the reasons to distrust it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from radloupe.drr.registration.camera_motion import Motion
from radloupe.drr.registration.matching import AGREES, Match
from radloupe.drr.registration.pose_error import PROBE_MM
from radloupe.imaging.camera import View
from radloupe.imaging.rigid_motion import distances
from radloupe.imaging.view_record import view_record

CORRELATED = 50.0
"""Pixels per independent sample: neighbours share their surroundings. Calibrated on simulated pairs of one CT (docs/registration.md)."""
DOUBTFUL_MM = 2.0
LITTLE = 0.25  # share of compared pixels below which agreement is unreliable


@dataclass(frozen=True)
class PoseResult:
    """Pose of X-ray images in the CT's coordinates, with its quality.

    `error_estimate_mm` is the root mean square distance between where points within 60 mm of the isocentre are and where they were found,
    expected from how sharply the similarity falls off; `in_plane_error_mm` is its part across the central ray.
    """

    views: tuple[View, ...]
    similarity: float
    """Mean local normalised cross-correlation, 1 for agreement up to shades and contrast."""
    error_estimate_mm: float | None
    """None where `sdd`, and therefore depth, is unknown."""
    in_plane_error_mm: float
    reasons: tuple[str, ...]
    """Reasons to distrust the pose; empty for a trusted one."""
    used: float
    """Share of the pixels that were compared."""
    inverted: bool
    """Whether the image shows bone dark."""
    turn_degrees: tuple[float, ...]
    """Rotation from the start about the detector's rows, its columns, and the central ray."""
    shift_mm: tuple[float, ...]
    """Translation from the start, to the right and down in the image, and away from the source."""
    iterations: int
    starts: int
    seconds: float = 0.0

    @property
    def view(self) -> View:
        """The first X-ray image's view."""
        return self.views[0]

    @property
    def flagged(self) -> bool:
        """Whether there is a reason to distrust the pose."""
        return bool(self.reasons)

    def record(self) -> dict[str, Any]:
        """JSON record of the result, as `radloupe register --json` prints it."""
        views = [placed_record(view) for view in self.views]
        return {
            "view": views[0],
            **({"views": views} if len(views) > 1 else {}),
            "similarity": round(self.similarity, 4),
            "error_estimate_mm": None if self.error_estimate_mm is None else round(self.error_estimate_mm, 3),
            "in_plane_error_mm": round(self.in_plane_error_mm, 3),
            "flagged": self.flagged,
            "reasons": list(self.reasons),
            "used": round(self.used, 3),
            "inverted": self.inverted,
            "turn_degrees": [round(one, 4) for one in self.turn_degrees],
            "shift_mm": [round(one, 4) for one in self.shift_mm],
            "iterations": self.iterations,
            "starts": self.starts,
            "seconds": round(self.seconds, 3),
        }


def placed_record(view: View) -> dict[str, Any]:
    """JSON record of a view, with its distances in mm."""
    found = None if view.isocentre is None else distances(view, view.isocentre)
    sdd, sid = found or (None, None)
    return view_record(view) | {"sdd": sdd, "sid": sid}


def to_result(match: Match, motion: Motion, views: tuple[View, ...], depth_known: bool, seconds: float) -> PoseResult:
    """The result of a match."""
    whole, across = expected_errors(match, motion)
    reasons = []
    if 1 - match.similarity > AGREES:
        reasons.append(f"the images agree too little: similarity {match.similarity:.2f}, expected {1 - AGREES:.2f}")
    if match.used < LITTLE:
        reasons.append(f"only {match.used:.0%} of the pixels show what the CT shows")
    if across > DOUBTFUL_MM:
        reasons.append(f"the similarity is too flat: an error of {across:.1f} mm in the image's plane is expected")
    return PoseResult(
        views=tuple(motion.view(view, match.fit.parameters) for view in views),
        similarity=match.similarity,
        error_estimate_mm=whole if depth_known else None,
        in_plane_error_mm=across,
        reasons=tuple(reasons),
        used=match.used,
        inverted=match.polarity < 0,
        turn_degrees=tuple(motion.degrees(match.fit.parameters).tolist()),
        shift_mm=tuple(motion.millimetres(match.fit.parameters).tolist()),
        iterations=match.fit.iterations,
        starts=match.starts,
        seconds=seconds,
    )


def expected_errors(match: Match, motion: Motion) -> tuple[float, float]:
    """Expected distances in mm of points around the isocentre from where they are: in space, and across the first view's central ray.

    From the covariance of the parameters, s^2 (J^T J)^-1, with the residuals' variance s^2 over independent pixels.
    """
    independent = max(match.pixels / CORRELATED - 6, 1.0)
    covariance = np.linalg.pinv(match.fit.normal) * 2 * match.fit.cost / independent
    corners = np.stack(np.meshgrid(*[(-PROBE_MM, PROBE_MM)] * 3), axis=-1).reshape(-1, 3)
    spreads = [np.diag(jacobian @ covariance @ jacobian.T) for jacobian in (motion.displacements(corner) for corner in corners)]
    across, down, depth = np.mean(spreads, axis=0)
    return float(np.sqrt(across + down + depth)), float(np.sqrt(across + down))
