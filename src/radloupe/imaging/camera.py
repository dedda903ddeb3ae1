"""Projection geometry: X-ray source, flat detector and C-arm. The only owner of detector geometry.

Everything is in DICOM patient coordinates (LPS: +x left, +y posterior, +z head) and millimetres. A pixel index is (row, column) and
names the centre of the pixel. `Image.affine` is RAS; `geometry.LPS_TO_RAS` turns it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from radloupe.core.errors import InputError, UsageError
from radloupe.core.limits import check_shape
from radloupe.imaging import geometry
from radloupe.imaging.image import Image

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
"""C-arm angles of the standard views. AP is displayed like PA, with the patient's left on the right, and is therefore mirrored."""


@dataclass(frozen=True)
class View:
    """Projection geometry of one exposure: a flat detector and the rays that reach it.

    Cone beam: rays start at `source`. Parallel beam: `source` is None and rays run along `direction`, a unit vector.
    """

    shape: tuple[int, int]
    """Rows and columns of the detector."""
    origin: Point
    """Centre of pixel (0, 0)."""
    u: Point
    """Step in mm from a pixel to its neighbour in the next column."""
    v: Point
    """Step in mm from a pixel to its neighbour in the next row."""
    source: Point | None = None
    direction: Point | None = None
    angles: tuple[float, float, float] | None = None
    """C-arm angles in degrees (primary, secondary, roll); None for a view of other origin."""
    isocentre: Point | None = None
    """Isocentre of the C-arm in LPS mm; None for a view of other origin."""

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


@dataclass(frozen=True)
class CArm:
    """C-arm: an X-ray source and a flat detector that rotate together about an isocentre. `view` gives the geometry at given angles.

    Raises `UsageError` for impossible geometry, `InputError` or `LimitError` for a detector without pixels or with too many.

    >>> CArm(isocentre=(0, 0, 100), size=(3, 3)).view("LLAT").direction.round().astype(int).tolist()
    [1, 0, 0]
    >>> CArm(sdd=1500, sid=1000).view((30, 0, 0)).source.round().astype(int).tolist()
    [-500, 866, 0]
    """

    beam: str | None = None
    """`cone` or `parallel`; without it a cone beam where a distance is given, and a parallel beam otherwise."""
    sdd: float | None = None
    """Source-to-detector distance in mm (1020 if only `sid` is given). The detector of a parallel beam goes through the isocentre."""
    sid: float | None = None
    """Source-to-isocentre distance in mm (530 if only `sdd` is given)."""
    isocentre: Sequence[float] | Point | None = None
    """LPS mm; without it the centre of the CT, or the origin."""
    size: tuple[int, int] = (512, 512)
    """Rows and columns of the detector."""
    pixel: float | tuple[float, float] | None = None
    """Pixel pitch on the detector in mm, or (dy, dx); without it the CT's spacing, magnified from the isocentre, or 1 mm."""
    offset: tuple[float, float] = (0.0, 0.0)
    """Shift of the detector in mm (down, right)."""
    mirror: bool = False
    """Whether the columns are mirrored."""

    def __post_init__(self) -> None:
        cone_distances(self.beam, self.sdd, self.sid)
        check_numbers((0.0, 0.0, 0.0), self.isocentre, self.pixel, self.offset)
        check_shape(self.size, what="the detector")

    def view(self, angles: Sequence[float] | str = (0.0, 0.0, 0.0), ct: Image | None = None) -> View:
        """View at positioner angles in degrees; an isocentre or pixel pitch that is not set follows from the `ct`.

        Angles are DICOM's (PS3.3 C.8.7.5.1.2): primary, + where the detector moves to the patient's left (LAO); secondary, + towards the
        head (cranial); and a roll of the detector about the central ray, + clockwise as shown. At (0, 0, 0) the patient faces the detector
        and the patient's left is shown on the right. A name from `VIEWS` stands for its angles. Raises `UsageError`.
        """
        mirror = self.mirror
        if isinstance(angles, str):
            mirror ^= angles == "AP"
            angles = named_angles(angles)
        check_numbers(angles)
        distances, step = cone_distances(self.beam, self.sdd, self.sid), self.pitch(ct)
        primary, secondary, roll = (float(angle) for angle in angles)
        u, v, away = detector_axes((primary, secondary, roll))
        u, v, isocentre = (-u if mirror else u) * step[1], v * step[0], self.centre(ct)
        middle = isocentre + (distances[0] - distances[1]) * away if distances else isocentre
        middle = middle + self.offset[0] / step[0] * v + self.offset[1] / step[1] * u
        origin = middle - (self.size[0] - 1) / 2 * v - (self.size[1] - 1) / 2 * u
        beam: dict[str, Point] = {"direction": away} if distances is None else {"source": isocentre - distances[1] * away}
        return View(self.size, origin, u, v, angles=(primary, secondary, roll), isocentre=isocentre, **beam)

    def centre(self, ct: Image | None = None) -> Point:
        """The isocentre in LPS mm."""
        if self.isocentre is not None:
            return np.asarray(self.isocentre, float)
        return np.zeros(3) if ct is None else volume_centre(ct)

    def pitch(self, ct: Image | None = None) -> Float[np.ndarray, "2"]:
        """The pixel pitch (dy, dx) in mm. A pixel that is left open covers the median of the CT's three spacings at the isocentre."""
        if self.pixel is not None:
            return np.broadcast_to(np.asarray(self.pixel, float), 2)
        distances = cone_distances(self.beam, self.sdd, self.sid)
        pitch = 1.0 if ct is None else float(np.median(ct.spacing)) * (distances[0] / distances[1] if distances else 1)
        check_numbers(pixel=pitch)
        return np.full(2, pitch)


def volume_centre(image: Image) -> Point:
    """The centre of a volume in LPS mm."""
    return geometry.LPS_TO_RAS[:3, :3] @ geometry.centre(image.affine, image.shape)


def detector_axes(angles: Angles) -> tuple[Point, Point, Point]:
    """Unit vectors of a C-arm: along a row, down a column, and from the source to the detector."""
    primary, secondary, roll = (math.radians(angle) for angle in angles)
    (sa, ca), (sb, cb), (sr, cr) = ((math.sin(x), math.cos(x)) for x in (primary, secondary, roll))
    u, v = np.array([ca, sa, 0.0]), np.array([sa * sb, -ca * sb, -cb])
    return cr * u + sr * v, cr * v - sr * u, np.array([sa * cb, -ca * cb, sb])


def named_angles(name: str) -> Angles:
    """The angles of a view's name."""
    if name not in VIEWS:
        raise UsageError(f"Expected a view among {', '.join(VIEWS)} or three angles in degrees, found {name!r}.")
    return VIEWS[name]


def cone_distances(beam: str | None, sdd: float | None, sid: float | None) -> tuple[float, float] | None:
    """The distances in mm from the source to the detector and to the isocentre; None for a parallel beam.

    A beam that is not named is a cone where a distance is given, and parallel otherwise. Raises `UsageError`.
    """
    if beam not in (None, "cone", "parallel"):
        raise UsageError(f"Expected a cone or a parallel beam, found {beam!r}.")
    if beam == "parallel" or (beam is None and sdd is None and sid is None):
        if sdd is not None or sid is not None:
            raise UsageError("A parallel beam has no source and no distances. Leave out `sdd` and `sid`, or choose a cone beam.")
        return None
    distances = (SDD_MM if sdd is None else float(sdd), SID_MM if sid is None else float(sid))
    if not (all(DISTANCE_MM[0] <= d <= DISTANCE_MM[1] for d in distances) and distances[0] > distances[1]):
        raise UsageError(
            f"Expected distances between {DISTANCE_MM[0]:g} and {DISTANCE_MM[1]:g} mm with the detector behind the isocentre (sdd > sid), "
            f"found sdd {distances[0]:g} and sid {distances[1]:g}."
        )
    return distances


def check_numbers(
    angles: Sequence[float] = (0.0, 0.0, 0.0),
    isocentre: Sequence[float] | Point | None = None,
    pixel: float | tuple[float, float] | None = None,
    offset: Sequence[float] = (0.0, 0.0),
) -> None:
    """Raise `UsageError` for angles, positions and pitches that are not finite or out of range."""
    if not (len(angles) == 3 and all(abs(a) <= 360 for a in angles)):
        raise UsageError(f"Expected three angles between -360 and 360 degrees, found {', '.join(f'{a:g}' for a in angles)}.")
    dy, dx = np.broadcast_to(np.asarray(1.0 if pixel is None else pixel, float), 2).tolist()
    if not all(PITCH_MM[0] <= pitch <= PITCH_MM[1] for pitch in (dy, dx)):
        raise UsageError(f"Expected a pixel pitch between {PITCH_MM[0]:g} and {PITCH_MM[1]:g} mm, found {dy:g} x {dx:g}.")
    position = (0.0, 0.0, 0.0) if isocentre is None else isocentre
    if not (len(position) == 3 and len(offset) == 2 and all(abs(x) <= DISTANCE_MM[1] for x in (*position, *offset))):
        found = f"{', '.join(f'{x:g}' for x in position)} and {', '.join(f'{x:g}' for x in offset)}"
        raise UsageError(f"Expected an isocentre (x, y, z) and an offset (down, right) within {DISTANCE_MM[1]:g} mm, found {found}.")
