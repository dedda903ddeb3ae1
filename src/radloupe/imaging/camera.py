"""Where an X-ray picture is taken from: the one owner of detector geometry.

Everything is in DICOM patient coordinates (LPS: +x left, +y posterior, +z head) and millimetres. A pixel index is (row, column) and
names the centre of the pixel. `Image.affine` is RAS; `geometry.LPS_TO_RAS` turns it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Real

from radloupe.core.errors import InputError, UsageError
from radloupe.core.limits import check_shape

Point = Float[np.ndarray, "3"]
Angles = tuple[float, float, float]

SDD_MM, SID_MM = 1020.0, 530.0  # source to detector and to isocentre of a mobile C-arm, as in DeepDRR's description of one
DISTANCE_MM = (1.0, 100_000.0)
PITCH_MM = (0.001, 100.0)

VIEWS: dict[str, tuple[float, float, float]] = {
    "PA": (0.0, 0.0, 0.0),
    "AP": (180.0, 0.0, 0.0),
    "LLAT": (90.0, 0.0, 0.0),
    "RLAT": (-90.0, 0.0, 0.0),
}
"""The C-arm angles of the usual views. AP is shown as PA is, the patient's left on the right, and therefore mirrored."""


@dataclass(frozen=True)
class View:
    """A flat detector and the rays that reach it.

    Cone beam: rays start at `source`. Parallel beam: `source` is None and rays run along `direction`, a unit vector.
    """

    shape: tuple[int, int]
    """Rows and columns of the detector."""
    origin: Point
    """Centre of pixel (0, 0)."""
    u: Point
    """From a pixel to its neighbour in the next column."""
    v: Point
    """From a pixel to its neighbour in the next row."""
    source: Point | None = None
    direction: Point | None = None
    angles: tuple[float, float, float] | None = None
    """The C-arm angles in degrees that made the view (primary, secondary, roll); None where it came from elsewhere."""

    def __post_init__(self) -> None:
        if (self.source is None) == (self.direction is None):
            raise InputError("Expected a view with a source (cone beam) or a direction (parallel beam), found both or neither.")

    @property
    def spacing(self) -> tuple[float, float]:
        """Distances in mm between pixel centres along rows (dy) and columns (dx)."""
        return float(np.linalg.norm(self.v)), float(np.linalg.norm(self.u))

    @property
    def normal(self) -> Point:
        """The unit normal of the detector that points away from the source."""
        normal = np.cross(self.u, self.v)
        towards = self.direction if self.source is None else self.origin - self.source
        return normal * (np.sign(normal @ towards) / np.linalg.norm(normal))

    def pixels(self) -> Float[np.ndarray, "rows columns 3"]:
        """The centres of all pixels."""
        rows, columns = (np.arange(n) for n in self.shape)
        return self.origin + rows[:, None, None] * self.v + columns[None, :, None] * self.u


def c_arm(
    angles: Sequence[float] | str = (0.0, 0.0, 0.0),
    *,
    beam: str | None = None,
    sdd: float | None = None,
    sid: float | None = None,
    isocentre: Sequence[float] | Point = (0.0, 0.0, 0.0),
    shape: tuple[int, int] = (512, 512),
    pixel: float | tuple[float, float] = 1.0,
    offset: tuple[float, float] = (0.0, 0.0),
    mirror: bool = False,
) -> View:
    """The view of a C-arm whose detector is centred on the ray through the isocentre.

    `angles` in degrees are DICOM's positioner angles (PS3.3 C.8.7.5.1.2): primary, + where the detector moves to the patient's left
    (LAO); secondary, + towards the head (cranial); and a roll of the detector about the ray, + clockwise as shown. At (0, 0, 0) the
    patient faces the detector and the patient's left is shown on the right. A name from `VIEWS` stands for its angles.

    `sdd` and `sid` in mm are from the source to the detector and to the isocentre; `shape` rows and columns; `pixel` their distance on the
    detector in mm, or (dy, dx); `offset` shifts the detector by mm (down, right); `mirror` turns the columns round. `beam` is `cone` or
    `parallel`, or left to the distances (see `cone`); the detector of a parallel beam goes through the isocentre. Raises `UsageError` for
    what no C-arm can do.

    >>> c_arm("LLAT", isocentre=(0, 0, 100), shape=(3, 3)).direction.round(6).tolist()
    [1.0, 0.0, 0.0]
    """
    if isinstance(angles, str):
        mirror ^= angles == "AP"
        angles = named(angles)
    distances = cone(beam, sdd, sid)
    step = np.broadcast_to(np.asarray(pixel, float), 2)
    check_numbers(angles, isocentre, step, offset)
    check_shape(shape, what="the detector")
    primary, secondary, roll = (float(angle) for angle in angles)
    u, v, away = axes((primary, secondary, roll))
    if mirror:
        u = -u
    u, v, iso = u * step[1], v * step[0], np.asarray(isocentre, float)
    middle = iso + (distances[0] - distances[1]) * away if distances else iso
    middle = middle + offset[0] / step[0] * v + offset[1] / step[1] * u
    origin = middle - (shape[0] - 1) / 2 * v - (shape[1] - 1) / 2 * u
    if distances is None:
        return View(shape, origin, u, v, direction=away, angles=(primary, secondary, roll))
    return View(shape, origin, u, v, source=iso - distances[1] * away, angles=(primary, secondary, roll))


def axes(angles: Angles) -> tuple[Point, Point, Point]:
    """Unit vectors of a C-arm: along a row, down a column, and from the source to the detector."""
    primary, secondary, roll = (math.radians(angle) for angle in angles)
    (sa, ca), (sb, cb), (sr, cr) = ((math.sin(x), math.cos(x)) for x in (primary, secondary, roll))
    u, v = np.array([ca, sa, 0.0]), np.array([sa * sb, -ca * sb, -cb])
    return cr * u + sr * v, cr * v - sr * u, np.array([sa * cb, -ca * cb, sb])


def named(name: str) -> Angles:
    """The angles of a view's name."""
    if name not in VIEWS:
        raise UsageError(f"Expected a view among {', '.join(VIEWS)} or three angles in degrees, found {name!r}.")
    return VIEWS[name]


def cone(beam: str | None, sdd: float | None, sid: float | None) -> tuple[float, float] | None:
    """The distances in mm from the source to the detector and to the isocentre; None for a parallel beam.

    A beam that is not named is a cone where a distance is given, and parallel otherwise. Raises `UsageError`.
    """
    if beam not in (None, "cone", "parallel"):
        raise UsageError(f"Expected a cone or a parallel beam, found {beam!r}.")
    if beam == "parallel" or (beam is None and sdd is None and sid is None):
        if sdd is not None or sid is not None:
            raise UsageError("A parallel beam has no source and no distances. Leave out sdd and sid, or choose a cone beam.")
        return None
    distances = (SDD_MM if sdd is None else float(sdd), SID_MM if sid is None else float(sid))
    if not (all(DISTANCE_MM[0] <= d <= DISTANCE_MM[1] for d in distances) and distances[0] > distances[1]):
        raise UsageError(
            f"Expected distances between {DISTANCE_MM[0]:g} and {DISTANCE_MM[1]:g} mm with the detector behind the isocentre (sdd > sid), "
            f"found sdd {distances[0]:g} and sid {distances[1]:g}."
        )
    return distances


def check_numbers(
    angles: Sequence[float], isocentre: Sequence[float] | Point, step: Real[np.ndarray, "2"], offset: Sequence[float]
) -> None:
    """Refuse angles, places and pitches that are not numbers or beyond sense (`UsageError`)."""
    if not (len(angles) == 3 and all(abs(a) <= 360 for a in angles)):
        raise UsageError(f"Expected three angles between -360 and 360 degrees, found {', '.join(f'{a:g}' for a in angles)}.")
    if not (PITCH_MM[0] <= step.min() and step.max() <= PITCH_MM[1]):
        raise UsageError(f"Expected a pixel pitch between {PITCH_MM[0]:g} and {PITCH_MM[1]:g} mm, found {step[0]:g} x {step[1]:g}.")
    if not (len(isocentre) == 3 and len(offset) == 2 and all(abs(x) <= DISTANCE_MM[1] for x in (*isocentre, *offset))):
        raise UsageError(f"Expected an isocentre (x, y, z) and an offset (down, right) within {DISTANCE_MM[1]:g} mm, found something else.")
