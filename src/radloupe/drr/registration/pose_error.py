"""Errors of a registration whose true pose is known."""

from typing import NamedTuple

import numpy as np

from radloupe.imaging.camera import Point, View
from radloupe.imaging.rigid_motion import camera_axes

PROBE_MM = 60.0
"""Half the side of the cube about the isocentre, in whose corners, edges, faces and middle errors are measured."""


class PoseError(NamedTuple):
    """Distances in mm between 27 points as seen from two cameras."""

    projected: float
    """Median distance of their shadows, scaled to the isocentre (pd)."""
    target: float
    """Mean distance in space: the mean target registration error (mTRE)."""
    in_plane: float
    """Its part across the central ray."""
    depth: float
    """Its part along the central ray."""


def pose_error(found: View, true: View, centre: Point) -> PoseError:
    """How far points around a centre (LPS mm) are from where a registered view says they are.

    E. B. van de Kraats et al., "Standardized evaluation methodology for 2-D-3-D registration", IEEE TMI 24(9), 2005.

    >>> view = View((9, 9), np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 0, -1.0]), source=np.array([0, -800.0, 0]))
    >>> pose_error(view, view, np.array([0, -300.0, 0]))
    PoseError(projected=0.0, target=0.0, in_plane=0.0, depth=0.0)
    """
    points = np.stack(np.meshgrid(*[(-PROBE_MM, 0.0, PROBE_MM)] * 3), -1).reshape(-1, 3) + centre
    here, there = ((points - view.source) @ camera_axes(view).T for view in (true, found))
    shadows = [seen[:, :2] / seen[:, 2:] * here[:, 2].mean() for seen in (here, there)]
    apart = here - there
    return PoseError(
        projected=float(np.median(np.linalg.norm(shadows[0] - shadows[1], axis=1))),
        target=float(np.linalg.norm(apart, axis=1).mean()),
        in_plane=float(np.linalg.norm(apart[:, :2], axis=1).mean()),
        depth=float(np.abs(apart[:, 2]).mean()),
    )
