"""A view in DICOM's numbers: distances, angles, the first pixel; and a view from a file."""

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


def distances(view: View, isocentre: Point) -> tuple[float, float] | None:
    """Millimetres from the source to the detector's plane, and to the isocentre along the same ray; None for a parallel beam."""
    if view.source is None:
        return None
    return float((view.origin - view.source) @ view.normal), float((isocentre - view.source) @ view.normal)


def first_pixel(view: View) -> tuple[float, float]:
    """Where the centre of pixel (0, 0) lies in mm from the foot of the source, along rows (x) and down columns (y)."""
    dy, dx = view.spacing
    away = view.origin - view.source
    return float(away @ view.u) / dx, float(away @ view.v) / dy


def positioner(away: Along) -> tuple[float, float]:
    """The primary and secondary angle in degrees of a C-arm that looks along a unit vector, from its source to its detector."""
    return float(np.degrees(np.arctan2(away[0], -away[1]))) + 0.0, float(np.degrees(np.arcsin(np.clip(away[2], -1, 1)))) + 0.0


def view_of(path: Path | str, limits: Limits = LIMITS) -> View:
    """The view that an X-ray image in DICOM was taken from, in the patient's frame of reference (LPS mm).

    Images that say where their detector stands (those projected here) give that place; others give the C-arm's view about the isocentre
    of an RT image, or about the origin. Raises `InputError` where the file does not say enough.
    """
    with reading(Path(path)):
        header = load(Path(path), limits)
        check_pixels(header, Path(path), limits)
        place = frame(header, header, header, header, header)
        shape = int(header.Rows), int(header.Columns)
        if place.position is None or place.orientation is None:
            return positioned(header, shape, place.spacing)
        cosines = directions(np.array(place.orientation))
        u, v = cosines[:, 0] * place.spacing[0], cosines[:, 1] * place.spacing[1]
        return placed(header, shape, np.array(place.position), u, v)


def placed(header: Dataset, shape: tuple[int, int], origin: Point, u: Along, v: Along) -> View:
    """The view of a detector whose place is known."""
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
    """Roughly where X-rays go, by the positioner's angles or from the isocentre to the detector."""
    isocentre = numbers(header, "IsocenterPosition", 3)
    if isocentre is not None:
        return centre - np.array(isocentre)
    return detector_axes((*positioner_angles(header), 0.0))[2]


def positioned(header: Dataset, shape: tuple[int, int], spacing: tuple[float, float]) -> View:
    """The C-arm's view where only angles and distances are known."""
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
    """Millimetres from the source to the detector, where the file says."""
    found = numbers(header, "RTImageSID", 1) or numbers(header, "DistanceSourceToDetector", 1)
    return found[0] if found else None


def positioner_angles(header: Dataset) -> tuple[float, float]:
    """The positioner's angles; raises `InputError` where there are none."""
    primary, secondary = (numbers(header, f"Positioner{name}Angle", 1) for name in ("Primary", "Secondary"))
    if primary is None or secondary is None:
        raise InputError("Expected the angles that an X-ray image was taken at, found none. Only projections and C-arm images say them.")
    return primary[0], secondary[0]
