"""Conversion of projection geometry: matrices, RTK, plastimatch, nanodrr, DeepDRR, and gantry angles of radiotherapy.

All conversions describe the same rays exactly, in each program's parameters.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Real

from radloupe.core.errors import InputError
from radloupe.imaging.camera import Angles, CArm, Point, View
from radloupe.imaging.geometry import LPS_TO_RAS

SQUARE = 1e-6  # largest cosine between rows and columns that counts as a right angle


def to_matrix(view: View) -> Float[np.ndarray, "3 4"]:
    """The projection matrix P: P (x, y, z, 1) is proportional to (column, row, 1).

    The third number is 1 on the detector and 0 at the source; for a parallel beam it is 1 everywhere.
    """
    towards = view.direction if view.source is None else view.origin - view.source
    inverse = np.linalg.inv(np.array([view.u, view.v, towards]).T)
    if view.source is None:
        return np.vstack([np.c_[inverse[:2], -inverse[:2] @ view.origin], [0.0, 0.0, 0.0, 1.0]])
    return np.c_[inverse, -inverse @ view.source]


def from_matrix(projection: Real[np.ndarray, "3 4"], shape: tuple[int, int], sdd: float | None = None) -> View:
    """View of a 3x4 projection matrix from LPS mm to (column, row), the indices of a pixel's centre.

    A matrix determines source and rays, but not the detector's distance: that is `sdd` in mm, or follows from the matrix's own scale,
    which inverts `to_matrix`. Raises `InputError` for a matrix that is no projection.
    """
    p = np.asarray(projection, float)
    if not np.isfinite(p).all() or np.linalg.matrix_rank(p) < 3:
        raise InputError("Expected a 3x4 projection matrix of finite numbers and full rank.")
    if not p[2, :3].any():
        p = p[:2] / p[2, 3]
        u, v = np.linalg.pinv(p[:, :3]).T
        away = np.cross(v, u)
        return View(shape, -p[0, 3] * u - p[1, 3] * v, u, v, direction=away / np.linalg.norm(away))
    if np.linalg.matrix_rank(p[:, :3]) < 3:
        raise InputError("Expected a projection matrix with its source at a finite position, or a parallel one whose last row is 0 0 0 1.")
    u, v, first = np.linalg.inv(p[:, :3]).T * (1 if sdd is None else sdd * np.linalg.norm(p[2, :3]))
    source = -np.linalg.solve(p[:, :3], p[:, 3])
    return View(shape, source + first, u, v, source=source)


def gantry(angle: float, arm: CArm = CArm()) -> View:
    """The beam's-eye view at an IEC 61217 gantry angle in degrees of a patient lying head first and supine.

    At 0 the source is in front of the patient, at 90 on the patient's left. Machines have sad = sid = 1000 mm and often sdd = 1500 mm.
    """
    return replace(arm, mirror=True).view((180.0 - -angle % 360.0, 0.0, 0.0))


def swap_deepdrr(angles: Angles) -> Angles:
    """C-arm angles converted from or to DeepDRR's convention, in which RAO and caudal are positive."""
    return -angles[0], -angles[1], angles[2]


class RtkGeometry(NamedTuple):
    """The arguments of RTK's `AddProjection`, and the spacing and size (columns, rows) of its projection image, whose origin is 0."""

    source: Point
    detector: Point
    row: Point
    column: Point
    spacing: tuple[float, float]
    size: tuple[int, int]


def to_rtk(view: View) -> RtkGeometry:
    """A view for RTK; raises `InputError` for parallel beams and skewed detectors."""
    source, u, v = source_and_axes(view)
    rows, columns = view.shape
    return RtkGeometry(source, view.origin, u, v, view.spacing[::-1], (columns, rows))


def from_rtk(rtk: RtkGeometry) -> View:
    """The view of an RTK projection."""
    columns, rows = rtk.size
    return View((rows, columns), rtk.detector, rtk.row * rtk.spacing[0], rtk.column * rtk.spacing[1], source=rtk.source)


def to_plastimatch(view: View) -> list[str]:
    """The geometry arguments of `plastimatch drr`, with the point where the central ray meets the detector as its isocentre.

    plastimatch looks along the beam: its image has the view's columns in reverse order, unless the view is mirrored. Raises `InputError`
    for parallel beams and skewed detectors.
    """
    source, u, v = source_and_axes(view)
    normal, (row, column), distance = view.normal, *principal_point(view, source)
    rows, columns = view.shape
    if np.cross(u, v) @ normal < 0:
        column = columns - 1 - column
    dy, dx = view.spacing
    numbers: dict[str, Iterable[float]] = {
        "--nrm": -normal,
        "--vup": -v,
        "--isocenter": source + distance * normal,
        "--sad": (distance,),
        "--sid": (distance,),
        "--dim": (columns, rows),  # plastimatch's help says rows first; its images have columns first
        "--detector-size": (columns * dx, rows * dy),
        "--image-center": (column, row),
    }
    return [text for flag, values in numbers.items() for text in (flag, " ".join(f"{x:.10g}" for x in values))]


class NanodrrCamera(NamedTuple):
    """Arguments of nanodrr's renderer: the inverse intrinsic and the camera-to-world matrix in RAS mm, the distance, height and width."""

    k_inv: Float[np.ndarray, "3 3"]
    rt_inv: Float[np.ndarray, "4 4"]
    sdd: float
    height: int
    width: int


def to_nanodrr(view: View) -> NanodrrCamera:
    """A view for nanodrr, which counts pixels from their corners; raises `InputError` for parallel beams and skewed detectors."""
    source, u, v = source_and_axes(view)
    (row, column), distance = principal_point(view, source)
    dy, dx = view.spacing
    k_inv = np.array([[dx, 0.0, -(column + 0.5) * dx], [0.0, dy, -(row + 0.5) * dy], [0.0, 0.0, distance]]) / distance
    pose = np.eye(4)
    pose[:3] = np.array([u, v, view.normal, source]).T
    return NanodrrCamera(k_inv, LPS_TO_RAS @ pose, distance, *view.shape)


def from_nanodrr(camera: NanodrrCamera) -> View:
    """The view of a nanodrr camera."""
    pose = LPS_TO_RAS @ camera.rt_inv
    u, v, corner = camera.sdd * (pose[:3, :3] @ camera.k_inv).T
    return View((camera.height, camera.width), pose[:3, 3] + corner + (u + v) / 2, u, v, source=pose[:3, 3])


def source_and_axes(view: View) -> tuple[Point, Point, Point]:
    """The source and the unit vectors along rows and columns of a cone beam on a rectangular detector."""
    u, v = view.u / np.linalg.norm(view.u), view.v / np.linalg.norm(view.v)
    if view.source is None or abs(u @ v) > SQUARE:
        raise InputError(
            "Expected a cone beam and a detector with rows at right angles to columns, found a parallel beam or a skewed detector."
        )
    return view.source, u, v


def principal_point(view: View, source: Point) -> tuple[tuple[float, float], float]:
    """Row and column where the perpendicular from the source meets the detector, and its length in mm."""
    distance = float((view.origin - source) @ view.normal)
    column, row, _ = to_matrix(view) @ [*(source + distance * view.normal), 1.0]  # the third number is 1 on the detector
    return (float(row), float(column)), distance
