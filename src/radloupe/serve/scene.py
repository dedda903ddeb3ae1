"""The images of the live page: a pose in, grey levels out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from radloupe.imaging.camera import CArm, Point, View
from radloupe.serve.pose import Pose

LineIntegrals = Float[np.ndarray, "rows columns"]
Render = Callable[[View, float, bool], LineIntegrals]
"""Line integrals of a view at a tube voltage in kV; from half the voxels where it may be rough."""


@dataclass(frozen=True)
class Scene:
    """A CT that is ready to be projected, and what the page must know of it."""

    render: Render
    isocentre: Point
    radius: float
    """Millimetres from the isocentre to the volume's furthest corner: no source may come nearer."""
    kvp: tuple[float, float] | None = None
    """Lowest and highest tube voltage in kV; None for a fixed energy."""
    gap: float = 490.0
    """Millimetres from the isocentre to the detector, which stays where it is."""

    @property
    def nearest(self) -> float:
        """The smallest distance in mm from the source to the isocentre: outside the volume from every side."""
        return float(np.ceil(self.radius)) + 10.0

    @property
    def usual(self) -> float:
        """The distance that the page begins with: a C-arm's, or twice the radius of a large volume."""
        return float(max(530.0, np.ceil(2 * self.radius)))

    def view(self, pose: Pose, side: int) -> View:
        """A square detector of `side` pixels that shows the whole volume at the usual distance; nearer, it is magnified."""
        width = 2 * self.radius * (self.usual + self.gap) / self.usual * 0.75  # corners of a box seldom hold anything
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
        """Black and white that suit the views from the front and from the side."""
        sides = [Pose(primary, sid=self.usual) for primary in (0.0, 90.0)]
        return 0.0, max(float(np.percentile(self.line_integrals(pose, 64), 99.9)) for pose in sides) or 1.0
