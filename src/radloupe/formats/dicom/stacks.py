"""Grouping of a folder's DICOM files into stacks of slices, each readable as one image, and files that are set aside.

A series is one stack where its slices are consistent. Otherwise it is split: by the attributes that all slices of a volume share, by
echo, point in time and the like where several slices are at one position, and at gaps. No slice is moved, and none is lost.
"""

import hashlib
import io
import struct
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from pydicom import Dataset, uid

from radloupe.core.errors import InputError, RadloupeError
from radloupe.core.limits import LIMITS, Limits
from radloupe.formats.dicom.frames import Frame, describe
from radloupe.formats.dicom.guard import reading
from radloupe.formats.dicom.header import check_pixels, load, number_of_frames, syntax
from radloupe.formats.dicom.pixels import check_syntax
from radloupe.formats.dicom.series import GAP, SAME, SIDEWAYS, alike, arrange, directions
from radloupe.formats.found import Aside, Found
from radloupe.formats.table import FORMATS

APART = (
    *("ImageType", "SliceThickness", "ConvolutionKernel", "EchoNumbers", "EchoTime", "InversionTime", "DiffusionBValue"),
    *("DiffusionGradientOrientation", "TemporalPositionIdentifier", "TriggerTime", "AcquisitionNumber", "AcquisitionTime"),
)
"""Attributes that separate slices at the same position, in the order in which they are tried."""

HASH_DIGITS = 8  # 32 bits: of a million folders with a hundred series, one has two that share a hash
LENGTH_AT = {False: 8, True: 4}  # bytes from an element's start to its length, with a value representation in between and without
UNDEFINED = 0xFFFFFFFF
DELIMITER = b"\xfe\xff\xdd\xe0"  # of compressed frames: PS3.5, A.4
MOST_ITEMS = 100_000  # that are checked; an incomplete file with more is refused when it is read

FARTHEST_MM = 1e6  # from the origin; it lies in the patient or the scanner, which are within some metres
FEWEST = 3  # fewest slices with two distances to compare


@dataclass(frozen=True, slots=True)
class Slice:
    """The attributes of a file's header by which its stack is found."""

    path: Path
    frame: Frame
    series: str
    number: int
    """Of the series; 0 where there is none."""
    instance: int
    uid: str
    """Of the object."""
    same: tuple[str, ...]
    apart: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """Slices of one series that belong together, with the reasons why they are not the whole series."""

    slices: Sequence[Slice]
    why: tuple[str, ...] = ()

    def given(self, slices: Sequence[Slice], *why: str) -> "Part":
        """A subset of the part, with further reasons."""
        return Part(slices, (*self.why, *why))


def find_stacks(paths: Iterable[Path], limits: Limits = LIMITS) -> tuple[list[Found], list[Aside]]:
    """The images in DICOM files, series by series, and the files that belong to none; only headers are read.

    Images without a position (radiographs) and multi-frame objects are images of their own without a name. Reports, DICOMDIR and copies are
    skipped; images that cannot be read count as failed.
    """
    slices: list[Slice] = []
    alone: list[Found] = []
    aside: list[Aside] = []
    first: dict[Hashable, Path] = {}
    for path in paths:
        try:
            item = examine(path, limits)
        except RadloupeError as error:
            aside.append(Aside(path, str(error), error))
            continue
        if item is None:
            aside.append(Aside(path, "It is a DICOM object without pixels, such as a directory or a report."))
        elif isinstance(item, Found):
            alone.append(item)
        elif item.uid and (kept := first.setdefault((item.series, item.uid, item.frame.position), path)) != path:
            aside.append(Aside(path, f"It is a copy of {kept.name}: the same object (SOPInstanceUID) at the same position."))
        else:
            slices.append(item)
    series = sorted(grouped(slices, (s.series for s in slices)), key=lambda group: (group[0].number, group[0].series))
    return [stack for group in series for stack in stacks_of(group, limits)] + alone, aside


def examine(path: Path, limits: Limits) -> Slice | Found | None:
    """The kind of a file: a slice with a position, an image of its own, or no image. Raises `InputError`, `LimitError`."""
    with reading(path):
        header = load(path, limits)
        if "Rows" not in header:
            return None
        check_pixels(header, path, limits)
        check_syntax(header)
        frame = describe([header])[0]
        if number_of_frames(header) > 1 or frame.orientation is None or frame.position is None:
            return Found((path,), FORMATS[0])
        check_complete(header, path)
        directions(np.array(frame.orientation))  # raises for vectors that are no orientation
        if max(map(abs, frame.position)) > FARTHEST_MM:
            raise InputError(
                f"Expected a position within {FARTHEST_MM:g} mm, found one further away in {path}. Repair ImagePositionPatient."
            )
        return Slice(
            path,
            frame,
            series=text(header, "SeriesInstanceUID"),
            number=whole_number(header, "SeriesNumber"),
            instance=whole_number(header, "InstanceNumber"),
            uid=text(header, "SOPInstanceUID"),
            same=(*(text(header, keyword) for keyword in SAME), str("LOCALIZER" in text(header, "ImageType").upper())),
            apart=tuple(text(header, keyword) for keyword in APART),
        )


def check_complete(header: Dataset, path: Path) -> None:
    """Raise `InputError` for a file that ends within its pixels, by the declared element lengths, without reading them."""
    found, size = syntax(header), path.stat().st_size
    at = LENGTH_AT[found == uid.ImplicitVRLittleEndian]
    with path.open("rb") as file:
        file.seek(header.end + at)
        (length,) = struct.unpack(">I" if found == uid.ExplicitVRBigEndian else "<I", file.read(4).ljust(4, b"\xff"))
        if length != UNDEFINED:
            file.seek(length, io.SEEK_CUR)
        for _ in range(MOST_ITEMS if length == UNDEFINED else 0):
            tag, length = struct.unpack("<4sI", file.read(8).ljust(8, b"\xff"))
            file.seek(length, io.SEEK_CUR)
            if tag == DELIMITER or file.tell() > size:
                break
        if file.tell() > size:
            raise InputError(f"Expected a whole DICOM image, found one that ends within its pixels: {path}. Copy it again.")


def text(header: Dataset, keyword: str) -> str:
    """An attribute as text for comparison; empty where it is absent or invalid."""
    try:
        value = header.get(keyword)
    except Exception:  # pydicom decodes values lazily, and each value representation raises its own exceptions
        return ""
    return "" if value is None else str(value)


def whole_number(header: Dataset, keyword: str) -> int:
    """An attribute as an integer; 0 where it is none."""
    try:
        return int(text(header, keyword))
    except ValueError:
        return 0


def series_name(series: str, number: int) -> str:
    """A file-safe name for a series without patient data.

    >>> series_name("1.2.3", 4)
    'series-4-c47f5b18'
    """
    return f"series-{number}-{hashlib.sha256(series.encode()).hexdigest()[:HASH_DIGITS]}"


def stacks_of(series: Sequence[Slice], limits: Limits) -> list[Found]:
    """The stacks of one series, numbered where there are several."""
    kinds = of_one_kind(series)
    why = (f"one of {len(kinds)} parts that differ in orientation, size, spacing or kind of pixels",) if len(kinds) > 1 else ()
    parts = [part for kind in kinds for part in split(Part(kind, why), limits)]
    parts.sort(key=lambda part: min((s.instance, s.path) for s in part.slices))
    name = series_name(series[0].series, series[0].number)
    names = [f"{name}-{n}" for n in range(1, len(parts) + 1)] if len(parts) > 1 else [name]
    return [Found(tuple(s.path for s in p.slices), FORMATS[0], n, "; ".join(p.why)) for n, p in zip(names, parts, strict=True)]


def of_one_kind(series: Sequence[Slice]) -> list[list[Slice]]:
    """A series split by orientation and spacing (`alike`) and by the attributes of `SAME`."""
    kinds: list[list[Slice]] = []
    for item in series:
        kind = next((kind for kind in kinds if kind[0].same == item.same and alike(kind[0].frame, item.frame)), None)
        if kind is None:
            kinds.append([item])
        else:
            kind.append(item)
    return kinds


def split(part: Part, limits: Limits) -> list[Part]:
    """Slices of one kind as consistent stacks: unsplit, by a separating attribute, in layers, or at gaps."""
    if is_consistent(part.slices, limits):
        return [part]
    order, at = order_by_position(part.slices, limits)
    most = int(np.bincount(at).max())
    if most == 1:
        return list(runs(part, order))
    for index, keyword in enumerate(APART):
        groups = grouped(part.slices, [s.apart[index] for s in part.slices])
        if 1 < len(groups) <= most:  # more values than slices at one position merely number the slices
            why = f"one of {len(groups)} parts that differ in {keyword}"
            return [new for group in groups for new in split(part.given(group, why), limits)]
    why = f"one of {most} layers of slices at the same positions, which no attribute of the header separates"
    return [new for layer in layers(part.slices, order, at) for new in split(part.given(layer, why), limits)]


def is_consistent(slices: Sequence[Slice], limits: Limits) -> bool:
    """Whether slices can be read as one image."""
    try:
        arrange([s.frame for s in slices], limits)
    except InputError:
        return False
    return True


def grouped(slices: Sequence[Slice], keys: Iterable[str]) -> list[list[Slice]]:
    """Slices by their keys, in the order they come."""
    groups: dict[str, list[Slice]] = {}
    for item, key in zip(slices, keys, strict=True):
        groups.setdefault(key, []).append(item)
    return list(groups.values())


def along(slices: Sequence[Slice]) -> np.ndarray:
    """Positions (n, 3) in mm along the slices' x, y and normal."""
    axes = directions(np.array(slices[0].frame.orientation))
    return np.array([s.frame.position for s in slices], float) @ axes


def order_by_position(slices: Sequence[Slice], limits: Limits) -> tuple[np.ndarray, np.ndarray]:
    """The order of slices along their normal, then by instance number; and the index of each one's position, from 0, in that order."""
    distance, instance = along(slices)[:, 2], np.array([s.instance for s in slices])
    order = np.argsort(distance, kind="stable")
    at = np.cumsum(np.diff(distance[order], prepend=distance[order[0]]) >= limits.spacing_mm[0])
    return order[np.lexsort((instance[order], at))], at


def layers(slices: Sequence[Slice], order: np.ndarray, at: np.ndarray) -> list[list[Slice]]:
    """The first slices at all positions, the second ones, and so on."""
    found: list[list[Slice]] = []
    for indices in np.split(order, np.flatnonzero(np.diff(at)) + 1):
        found += [[] for _ in range(len(indices) - len(found))]
        for layer, index in zip(found, indices.tolist(), strict=False):
            layer.append(slices[index])
    return found


def runs(part: Part, order: np.ndarray) -> Iterator[Part]:
    """Slices with gaps as runs without; the reasons of each name the gaps at its ends."""
    slices = [part.slices[index] for index in order.tolist()]
    where = along(slices)
    ends = cuts(np.diff(where, axis=0), np.array(slices[0].frame.spacing))
    gaps = [gap_text(where[end - 1, 2], where[end, 2], np.diff(where[:, 2])) for end in ends]
    for number, (start, stop) in enumerate(pairwise([0, *ends, len(slices)])):
        yield part.given(slices[start:stop], *gaps[max(number - 1, 0) : number + 1])


def cuts(steps: np.ndarray, spacing: np.ndarray) -> list[int]:
    """Indices at which to cut n + 1 slices: at each of the n steps (x, y, z in mm) between them that differs from the usual one.

    Adjacent slices that would be left alone are tested again: a series may change its spacing, for three slices or more.
    """
    usual = steps[np.argsort(steps[:, 2], kind="stable")[(len(steps) - 1) // 2]]
    allowed = np.array([*(SIDEWAYS * spacing), GAP * usual[2]])
    ends = (np.flatnonzero((np.abs(steps - usual) > allowed).any(axis=1)) + 1).tolist()
    singles = [start for start, stop in pairwise([0, *ends, len(steps) + 1]) if stop - start == 1]
    stretches = np.split(singles, np.flatnonzero(np.diff(singles) > 1) + 1) if singles else []
    for stretch in stretches:
        if len(stretch) >= FEWEST:
            start, stop = int(stretch[0]), int(stretch[-1])
            found = [0, *cuts(steps[start:stop], spacing), stop - start + 1]
            joined = {start + i for one, after in pairwise(found) if after - one >= FEWEST for i in range(one + 1, after)}
            ends = [end for end in ends if end not in joined]
    return ends


def gap_text(before: float, after: float, gaps: np.ndarray) -> str:
    """Description of the gap between two slices at positions in mm along the normal, given all distances."""
    usual = np.sort(gaps)[(len(gaps) - 1) // 2]
    missing = round((after - before) / usual) - 1
    what = f"about {missing} slice(s) seem to be missing" if missing > 0 else "the slices are uneven"
    return f"{what} between {before:.6g} and {after:.6g} mm along the slices' normal"
