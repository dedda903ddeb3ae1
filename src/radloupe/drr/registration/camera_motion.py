"""Rigid motion of a camera by six parameters: rotations about its axes and translations along them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from radloupe.drr.registration.levenberg_marquardt import Parameters
from radloupe.imaging.camera import Point, View
from radloupe.imaging.rigid_motion import camera_axes, move_view

UNIT_DEGREES, UNIT_MM, UNIT_DEPTH_MM = 1.0, 2.0, 4.0
"""What a parameter of 1 turns and shifts: in the image's plane, and along the central ray of a single view, where images change least."""


@dataclass(frozen=True)
class Motion:
    """Motion of a camera about a pivot; the axes are the detector's rows, its columns, and the direction away from the source."""

    pivot: Point
    axes: Float[np.ndarray, "3 3"]
    depth_mm: float
    """Translation in mm away from the source per unit of its parameter."""

    @classmethod
    def of(cls, views: tuple[View, ...], pivot: Point) -> "Motion":
        """The motion of several views as one camera, along the axes of the first."""
        return cls(pivot, camera_axes(views[0]), UNIT_DEPTH_MM if len(views) == 1 else UNIT_MM)

    @property
    def units_mm(self) -> Float[np.ndarray, "3"]:
        """Translation in mm along each axis per unit of its parameter."""
        return np.array([UNIT_MM, UNIT_MM, self.depth_mm])

    def parameters(self, degrees: float, mm: float) -> Parameters:
        """Parameters of a rotation by `degrees` about, and a translation by `mm` along, every axis."""
        return np.concatenate([np.full(3, degrees / UNIT_DEGREES), mm / self.units_mm])

    def degrees(self, parameters: Parameters) -> Float[np.ndarray, "3"]:
        """Rotations about the axes in degrees."""
        return parameters[:3] * UNIT_DEGREES

    def millimetres(self, parameters: Parameters) -> Float[np.ndarray, "3"]:
        """Translations along the axes in mm."""
        return parameters[3:] * self.units_mm

    def view(self, view: View, parameters: Parameters) -> View:
        """A view moved by the parameters."""
        turn = self.axes.T @ np.radians(self.degrees(parameters))
        return move_view(view, self.pivot, turn, self.axes.T @ self.millimetres(parameters))

    def displacements(self, point: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3 6"]:
        """First-order displacement of a point by each parameter; point (relative to the pivot) and displacement in mm along the axes."""
        x, y, z = point
        turns = np.radians(UNIT_DEGREES) * np.array([[0, z, -y], [-z, 0, x], [y, -x, 0]])
        return np.hstack([turns, np.diag(self.units_mm)])
