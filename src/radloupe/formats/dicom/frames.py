"""Position, spacing and rescale of each frame, from the header itself or from the functional groups of an enhanced object."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom import Dataset

from radloupe.core.errors import InputError
from radloupe.formats.dicom.header import number_of_frames, numbers, storage
from radloupe.imaging.pixel_info import Storage

SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "ImagePlanePixelSpacing", "NominalScannedPixelSpacing")
"""In order of precedence: all but the first are at the detector, the image plane or the scanned film, not in the patient."""

MACROS = ("PixelMeasuresSequence", "PlaneOrientationSequence", "PlanePositionSequence", "PixelValueTransformationSequence")

ONE_VALUED = {
    "stack": ("FrameContentSequence", "StackID"),
    "point in time": ("FrameContentSequence", "TemporalPositionIndex"),
    "echo": ("MREchoSequence", "EffectiveEchoTime"),
}
"""Functional groups that all frames of one volume share."""


@dataclass(frozen=True)
class Frame:
    """One slice, in LPS millimetres."""

    spacing: tuple[float, float]
    """Along x (columns) and y (rows)."""
    depth: float
    """Along z, for a slice that stands alone."""
    orientation: tuple[float, ...] | None
    position: tuple[float, ...] | None
    storage: Storage


def describe(headers: Sequence[Dataset]) -> list[Frame]:
    """The frames of a series, one a file, or those of a single enhanced file; in stored order."""
    if len(headers) == 1 and "PerFrameFunctionalGroupsSequence" in headers[0]:
        return grouped(headers[0])
    if any(number_of_frames(header) > 1 for header in headers):
        raise InputError(
            "Expected one slice in each file, or one enhanced multi-frame object, found several frames without a position of their own. "
            "Films and series of multi-frame objects must be split first."
        )
    return [frame(header, header, header, header, header) for header in headers]


def grouped(header: Dataset) -> list[Frame]:
    """The frames of an enhanced object; refuses several stacks, points in time or echoes."""
    groups = list(header.PerFrameFunctionalGroupsSequence)
    if len(groups) != number_of_frames(header):
        raise InputError(f"Expected {number_of_frames(header)} functional groups, found {len(groups)}. Repair the header.")
    shared = first(header, "SharedFunctionalGroupsSequence")
    for name, (sequence, keyword) in ONE_VALUED.items():
        found = {str(macro(shared, group, sequence).get(keyword)) for group in groups}
        if len(found) > 1:
            raise InputError(f"Expected frames of one {name}, found {len(found)} in one object. Split it into volumes first.")
    return [frame(header, *(macro(shared, group, sequence) for sequence in MACROS)) for group in groups]


def first(item: Dataset, sequence: str) -> Dataset:
    """The only item of a sequence, or an empty one where the sequence is absent or empty."""
    found: Dataset = (item.get(sequence) or [Dataset()])[0]
    return found


def macro(shared: Dataset, group: Dataset, sequence: str) -> Dataset:
    """A functional group of a frame: its own, else the shared one."""
    return first(group if sequence in group else shared, sequence)


def frame(header: Dataset, measures: Dataset, plane: Dataset, position: Dataset, values: Dataset) -> Frame:
    """A frame from the data sets that hold its attributes; for a plain image all of them are its header."""
    row, column = next((found for name in SPACINGS if (found := numbers(measures, name, 2))), (1.0, 1.0))
    if min(row, column) <= 0:
        raise InputError(f"Expected a pixel spacing above 0 mm, found {row:g} x {column:g}. Repair the header.")
    depth = numbers(measures, "SpacingBetweenSlices", 1) or numbers(measures, "SliceThickness", 1) or (1.0,)
    return Frame(
        (column, row),
        abs(depth[0]) or 1.0,  # 0 means "not known"; the sign is the scan's direction
        numbers(plane, "ImageOrientationPatient", 6),
        numbers(position, "ImagePositionPatient", 3),
        storage(header, rescale(header, values)),
    )


def check_spaced(headers: Sequence[Dataset]) -> None:
    """Raise `InputError` for headers without a pixel spacing in the patient."""
    for header in headers:
        shared = first(header, "SharedFunctionalGroupsSequence")
        groups = header.get("PerFrameFunctionalGroupsSequence") or [header]
        for group in groups:
            if not (numbers(header, "PixelSpacing", 2) or numbers(macro(shared, group, "PixelMeasuresSequence"), "PixelSpacing", 2)):
                raise InputError("Expected a CT with a pixel spacing, found slices without. Repair the header (PixelSpacing).")


def rescale(header: Dataset, values: Dataset) -> tuple[float, float]:
    """Rescale slope and intercept; mandatory for CT alone, whose unit depends on them."""
    slope, intercept = numbers(values, "RescaleSlope", 1), numbers(values, "RescaleIntercept", 1)
    if header.get("Modality") == "CT" and (slope is None or intercept is None):
        raise InputError("Expected a CT in Hounsfield units, found no rescale slope and intercept. Repair the header.")
    return slope[0] if slope else 1.0, intercept[0] if intercept else 0.0
