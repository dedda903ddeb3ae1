"""Rendering of the live page: from a pose to grey levels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from radloupe.imaging.camera import CArm, Point, View
from radloupe.serve.pose import Pose

LineIntegrals = Float[np.ndarray, "rows columns"]
Render = Callable[[View, float, bool], LineIntegrals]
"""Function of view, tube voltage in kV and preview flag that returns line integrals; previews use half the voxels along each axis."""


@dataclass(frozen=True)
class Scene:
    """A CT prepared for projection, with the geometry that the page needs."""

    render: Render
    isocentre: Point
    radius: float
    """Millimetres from the isocentre to the volume's furthest corner; the source stays farther away."""
    kvp: tuple[float, float] | None = None
    """Lowest and highest tube voltage in kV; None for a fixed energy."""
    gap: float = 490.0
    """Millimetres from the isocentre to the detector, which is fixed."""

    @property
    def nearest(self) -> float:
        """Smallest distance in mm from the source to the isocentre, outside the volume at every angle."""
        return float(np.ceil(self.radius)) + 10.0

    @property
    def usual(self) -> float:
        """Initial distance in mm from the source to the isocentre: a C-arm's, or twice the radius of a large volume."""
        return float(max(530.0, np.ceil(2 * self.radius)))

    def view(self, pose: Pose, side: int) -> View:
        """View on a square detector of `side` pixels that covers the whole volume at the initial distance; a nearer source magnifies."""
        width = 2 * self.radius * (self.usual + self.gap) / self.usual * 0.75  # the corners of a volume are mostly air
        angles = pose.primary, pose.secondary, pose.roll
        return CArm(sdd=pose.sid + self.gap, sid=pose.sid, isocentre=self.isocentre, size=(side, side), pixel=width / side).view(angles)

    def line_integrals(self, pose: Pose, side: int) -> LineIntegrals:
        """The line integrals of a pose."""
        return self.render(self.view(pose, side), pose.kvp, bool(pose.rough))

    def frame(self, pose: Pose) -> UInt8[np.ndarray, "rows columns"]:
        """The grey levels of a pose."""
        shown = (self.line_integrals(pose, int(pose.size)) - np.float32(pose.black)) * np.float32(255 / (pose.white - pose.black))
        grey = np.clip(shown, 0, 255).astype(np.uint8)
        return 255 - grey if pose.inverted else grey

    def window(self) -> tuple[float, float]:
        """Display window (black, white) for the frontal and lateral views."""
        sides = [Pose(primary, sid=self.usual) for primary in (0.0, 90.0)]
        return 0.0, max(float(np.percentile(self.line_integrals(pose, 64), 99.9)) for pose in sides) or 1.0
