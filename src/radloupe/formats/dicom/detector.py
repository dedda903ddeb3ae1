"""Conversion between `View` and DICOM attributes: distances, positioner angles, first pixel."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from pydicom import Dataset

from radloupe.core.errors import InputError
from radloupe.core.limits import LIMITS, Limits
from radloupe.formats.dicom.frames import frame
from radloupe.formats.dicom.guard import reading
from radloupe.formats.dicom.header import check_pixels, load, numbers
from radloupe.formats.dicom.series import directions
from radloupe.imaging.camera import CArm, Point, View, detector_axes

Along = Float[np.ndarray, "3"]


def first_pixel(view: View) -> tuple[float, float]:
    """Centre of pixel (0, 0) in mm from the source's perpendicular on the detector, along rows (x) and columns (y)."""
    dy, dx = view.spacing
    away = view.origin - view.source
    return float(away @ view.u) / dx, float(away @ view.v) / dy


def positioner(away: Along) -> tuple[float, float]:
    """The primary and secondary angle in degrees of a C-arm that looks along a unit vector, from its source to its detector."""
    return float(np.degrees(np.arctan2(away[0], -away[1]))) + 0.0, float(np.degrees(np.arcsin(np.clip(away[2], -1, 1)))) + 0.0


def view_of(path: Path | str, limits: Limits = LIMITS) -> View:
    """The view that an X-ray image in DICOM was taken from, in the patient's frame of reference (LPS mm).

    From the detector's position where the file has one (as those projected here), else from the C-arm's angles and distances about the
    isocentre of an RT image, or about the origin. Raises `InputError` where attributes are missing.
    """
    with reading(Path(path)):
        header = load(Path(path), limits)
        check_pixels(header, Path(path), limits)
        plane = frame(header, header, header, header, header)
        shape = int(header.Rows), int(header.Columns)
        if plane.position is None or plane.orientation is None:
            return positioned(header, shape, plane.spacing)
        cosines = directions(np.array(plane.orientation))
        u, v = cosines[:, 0] * plane.spacing[0], cosines[:, 1] * plane.spacing[1]
        return placed(header, shape, np.array(plane.position), u, v)


@dataclass(frozen=True)
class Exposure:
    """What the header of an X-ray image says of its exposure; None for what it leaves out."""

    sdd: float | None
    """Source-to-detector distance in mm."""
    sid: float | None
    """Source-to-isocentre distance in mm (Distance Source to Patient)."""
    angles: tuple[float, float, float] | None
    """Of the C-arm, in degrees."""
    pixel: tuple[float, float] | None
    """Pixel pitch on the detector (dy, dx) in mm."""
    view: View | None
    """Where the detector stands in the patient, of images that say it."""


def exposure_of(header: Dataset) -> Exposure:
    """The exposure that a header describes, as far as it goes."""
    plane, shape = frame(header, header, header, header, header), (int(header.Rows), int(header.Columns))
    sid = numbers(header, "DistanceSourceToPatient", 1) or numbers(header, "RadiationMachineSAD", 1)
    primary, secondary = (numbers(header, f"Positioner{name}Angle", 1) for name in ("Primary", "Secondary"))
    angles = None if primary is None or secondary is None else (primary[0], secondary[0], 0.0)
    pitch = numbers(header, "ImagerPixelSpacing", 2) or numbers(header, "ImagePlanePixelSpacing", 2)
    view = None
    if plane.position is not None and plane.orientation is not None:
        cosines = directions(np.array(plane.orientation))
        view = placed(header, shape, np.array(plane.position), cosines[:, 0] * plane.spacing[0], cosines[:, 1] * plane.spacing[1])
    return Exposure(distance(header), sid[0] if sid else None, angles, (pitch[0], pitch[1]) if pitch else None, view)


def placed(header: Dataset, shape: tuple[int, int], origin: Point, u: Along, v: Along) -> View:
    """The view of a detector from its position and orientation."""
    centre = origin + (shape[0] - 1) / 2 * v + (shape[1] - 1) / 2 * u
    away = np.cross(u, v) / np.linalg.norm(np.cross(u, v))
    away *= np.sign(away @ facing(header, centre)) or 1.0
    primary, secondary = positioner(away)
    level, upright, _ = detector_axes((primary, secondary, 0.0))
    across = u * np.sign(np.cross(u, v) @ -away)  # of a mirrored image rows run the other way
    angles = primary, secondary, float(np.degrees(np.arctan2(across @ upright, across @ level)))
    sdd = distance(header)
    if sdd is None:
        return View(shape, origin, u, v, direction=away, angles=angles)
    corner = numbers(header, "RTImagePosition", 2)
    if corner is None:
        return View(shape, origin, u, v, source=centre - sdd * away, angles=angles)
    foot = origin - corner[0] * u / np.linalg.norm(u) + corner[1] * v / np.linalg.norm(v)
    return View(shape, origin, u, v, source=foot - sdd * away, angles=angles)


def facing(header: Dataset, centre: Point) -> Along:
    """Approximate beam direction, from the positioner's angles or from isocentre to detector."""
    isocentre = numbers(header, "IsocenterPosition", 3)
    if isocentre is not None:
        return centre - np.array(isocentre)
    return detector_axes((*positioner_angles(header), 0.0))[2]


def positioned(header: Dataset, shape: tuple[int, int], spacing: tuple[float, float]) -> View:
    """The C-arm's view from angles and distances alone."""
    sdd = distance(header)
    sid = numbers(header, "DistanceSourceToPatient", 1) or numbers(header, "RadiationMachineSAD", 1)
    if sdd is None or sid is None:
        raise InputError("Expected the distances from the source to the detector and to the isocentre, found none. Repair the header.")
    isocentre = numbers(header, "IsocenterPosition", 3) or (0.0, 0.0, 0.0)
    gantry = numbers(header, "GantryAngle", 1)
    primary, secondary = positioner_angles(header) if gantry is None else ((gantry[0] - 180) % 360, 0.0)
    settings: dict[str, Any] = {"sdd": sdd, "sid": sid[0], "isocentre": isocentre, "size": shape, "pixel": spacing[::-1]}
    return CArm(beam="cone", mirror=gantry is not None, **settings).view((primary, secondary, 0.0))


def distance(header: Dataset) -> float | None:
    """Source-to-detector distance in mm; None where the file has none."""
    found = numbers(header, "RTImageSID", 1) or numbers(header, "DistanceSourceToDetector", 1)
    return found[0] if found else None


def positioner_angles(header: Dataset) -> tuple[float, float]:
    """The positioner's angles; raises `InputError` where there are none."""
    primary, secondary = (numbers(header, f"Positioner{name}Angle", 1) for name in ("Primary", "Secondary"))
    if primary is None or secondary is None:
        raise InputError("Expected the angles that an X-ray image was taken at, found none. Only projections and C-arm images say them.")
    return primary[0], secondary[0]
