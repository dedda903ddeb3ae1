"""Rigid motion of views: joint rotation and translation of source and detector, and the resulting C-arm angles."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from radloupe.imaging.camera import Angles, Point, View, detector_axes

Axes = Float[np.ndarray, "3 3"]


def rotation_matrix(vector: Point) -> Axes:
    """The rotation about a vector by its length in radians (Rodrigues' formula).

    >>> rotation_matrix(np.array([0, 0, np.pi / 2])).round(6)[:, 0].tolist()
    [0.0, 1.0, 0.0]
    """
    angle = float(np.linalg.norm(vector))
    x, y, z = vector / angle if angle else vector
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def camera_axes(view: View) -> Axes:
    """Unit vectors of a view as rows: along the detector's rows, down its columns, and along its normal away from the source."""
    u = view.u / np.linalg.norm(view.u)
    v = np.cross(view.normal, u)
    return np.stack([u, v * np.sign(v @ view.v), view.normal])


def move_view(view: View, pivot: Point, turn: Point, shift: Point) -> View:
    """View of a camera rotated about a pivot (rotation vector in radians) and then translated, all in LPS (mm).

    The pivot is the isocentre of the new view, and its angles are those of a C-arm in that position.
    """
    rotation = rotation_matrix(turn)
    origin = rotation @ (view.origin - pivot) + pivot + shift
    source = None if view.source is None else rotation @ (view.source - pivot) + pivot + shift
    direction = None if view.direction is None else rotation @ view.direction
    moved = replace(view, origin=origin, u=rotation @ view.u, v=rotation @ view.v, source=source, direction=direction)
    return replace(moved, angles=find_angles(moved), isocentre=pivot)


def distances(view: View, isocentre: Point) -> tuple[float, float] | None:
    """Millimetres from the source to the detector's plane, and to the isocentre along the same ray; None for a parallel beam."""
    if view.source is None:
        return None
    return float((view.origin - view.source) @ view.normal), float((isocentre - view.source) @ view.normal)


def find_angles(view: View) -> Angles:
    """The angles of a C-arm in degrees (primary, secondary, roll), from a view's detector: the inverse of `CArm.view`."""
    away = view.normal
    primary = float(np.degrees(np.arctan2(away[0], -away[1]))) + 0.0
    secondary = float(np.degrees(np.arcsin(np.clip(away[2], -1, 1)))) + 0.0
    level, upright, _ = detector_axes((primary, secondary, 0.0))
    across = view.u * np.sign(np.cross(view.u, view.v) @ -away)  # rows of a mirrored image are reversed
    return primary, secondary, float(np.degrees(np.arctan2(across @ upright, across @ level))) + 0.0
