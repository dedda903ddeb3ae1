"""Slices of one series in order of their position in the patient, and the affine of their grid."""

from collections.abc import Sequence

import numpy as np
from pydicom import Dataset

from radloupe.core.errors import InputError
from radloupe.core.limits import Limits
from radloupe.formats.dicom.frames import Frame
from radloupe.imaging import geometry

SAME = (
    *("SOPClassUID", "Modality", "FrameOfReferenceUID", "Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "RescaleType"),
)

UNIT_LENGTH = 1e-2  # direction cosines with two decimals, as in 0.71\0.71\0, are 0.4 % too long
SAME_GEOMETRY = 1e-4  # largest difference of cosines, and relative one of spacings, between slices: scanners write 4 to 6 digits
GAP = 0.02  # part of the median: positions with two decimals put 0.01 mm, 1.6 %, into the 0.625 mm of a CT; a lost slice is 100 %
SIDEWAYS = 0.1  # largest sideways shift of a slice from the line of the others, in pixels: neither visible nor relevant to interpolation


def check_same(headers: Sequence[Dataset]) -> None:
    """Raise `InputError` for slices of several series, or with different values of the attributes `SAME`."""
    series = {str(header.get("SeriesInstanceUID")) for header in headers}
    if len(series) > 1:
        raise InputError(f"Expected the slices of one series, found {len(series)} series. Read them one by one.")
    for keyword in SAME:
        if len(values := {str(header.get(keyword)) for header in headers}) > 1:
            raise InputError(f"Expected slices of one kind, found {len(values)} values of {keyword} in one series. Split it first.")


def arrange(frames: Sequence[Frame], limits: Limits) -> tuple[list[int], geometry.Affine]:
    """The order of frames along the slice normal and the affine of their grid.

    The slice spacing follows from positions, never from SliceThickness. Raises `InputError` for slices without a position, of different
    orientation or spacing, at equal positions, with gaps, or shifted sideways.
    """
    if len(frames) == 1:
        return [0], alone(frames[0])
    if any(f.orientation is None or f.position is None for f in frames):
        raise InputError(
            "Expected a position and orientation for every slice, "
            f"found {sum(f.orientation is None or f.position is None for f in frames)} slices without. Give single images one by one."
        )
    if not all(alike(frames[0], frame) for frame in frames):
        raise InputError(
            "Expected slices of one orientation and pixel spacing, "
            f"found {sum(not alike(frames[0], frame) for frame in frames)} slices unlike the first. Split the series first."
        )
    axes = directions(np.array(frames[0].orientation))
    positions = np.array([f.position for f in frames])
    order = np.argsort(positions @ axes[:, 2], kind="stable")
    along = positions[order] @ axes
    check_gaps(np.diff(along[:, 2]), limits)
    check_straight(along[:, :2], np.array(frames[0].spacing))
    step = (positions[order[-1]] - positions[order[0]]) / (len(frames) - 1)
    distance = float(np.linalg.norm(step))
    axes = np.column_stack([axes[:, :2], step / distance])
    return order.tolist(), geometry.from_lps(positions[order[0]].tolist(), axes, (*frames[0].spacing, distance))


def alike(one: Frame, other: Frame) -> bool:
    """Whether two frames that have an orientation share it, and the pixel spacing."""
    turned = any(abs(a - b) > SAME_GEOMETRY for a, b in zip(one.orientation or (), other.orientation or (), strict=True))
    return not turned and all(abs(a - b) <= SAME_GEOMETRY * b for a, b in zip(other.spacing, one.spacing, strict=True))


def alone(frame: Frame) -> geometry.Affine:
    """The affine of a single slice.

    Without a position, as for radiographs, the image's corner, not its first pixel centre, is at the origin. So an enlarged radiograph
    covers the same region as the original, though neither file stores where that is.
    """
    sizes = (*frame.spacing, frame.depth)
    if frame.orientation is None or frame.position is None:
        return geometry.from_lps((sizes[0] / 2, sizes[1] / 2, 0), np.eye(3), sizes)
    return geometry.from_lps(frame.position, directions(np.array(frame.orientation)), sizes)


def directions(orientation: np.ndarray) -> np.ndarray:
    """Direction cosines of x, y and the slice normal as columns (3x3), from an ImageOrientationPatient."""
    x, y = orientation.reshape(2, 3)
    lengths = np.linalg.norm(x), np.linalg.norm(y)
    if np.abs(np.array(lengths) - 1).max() > UNIT_LENGTH or abs(x @ y) > UNIT_LENGTH:
        raise InputError(
            f"Expected an orientation of two unit vectors at right angles, found {orientation.tolist()}. Repair ImageOrientationPatient."
        )
    x, y = x / lengths[0], y / lengths[1]
    return np.column_stack([x, y, np.cross(x, y)])


def check_gaps(gaps: np.ndarray, limits: Limits) -> None:
    """Raise `InputError` for slices at equal positions and for uneven spacing, with the number of slices that seem to be missing."""
    doubled = int((gaps < limits.spacing_mm[0]).sum())
    if doubled:
        raise InputError(
            f"Expected one slice at each position, found {doubled} on top of another. Split several stacks, echoes or points in time first."
        )
    usual = float(np.median(gaps))
    if np.abs(gaps - usual).max() > GAP * usual:
        missing = int(np.rint(gaps / usual - 1).clip(min=0).sum())
        seem = f"{missing} slice(s) seem to be missing" if missing else "the slices are uneven"
        raise InputError(
            f"Expected slices {usual:.4g} mm apart within {GAP:.0%}, found {gaps.min():.4g} to {gaps.max():.4g} mm: {seem}. "
            "Complete or resample the series."
        )


def check_straight(sideways: np.ndarray, spacing: np.ndarray) -> None:
    """Raise `InputError` for slice positions (n, 2: mm along x and y) that do not lie on one line."""
    line = np.linspace(sideways[0], sideways[-1], len(sideways))
    if (np.abs(sideways - line) > SIDEWAYS * np.abs(spacing)).any():
        raise InputError(
            f"Expected slices stacked in a straight line, found shifts of up to {np.abs(sideways - line).max():.3g} mm sideways. "
            "Resample the series first."
        )
