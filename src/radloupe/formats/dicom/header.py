"""A file's header, read without its pixels, and the pixel layout that it declares."""

from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset, dcmread, uid

from radloupe.core.errors import InputError
from radloupe.core.limits import Limits, check_expansion, check_file_size, check_shape
from radloupe.formats.dicom.guard import BoundedFile, reading
from radloupe.imaging.pixel_info import Storage

GREY = ("MONOCHROME1", "MONOCHROME2")
PIXELS = 0x7FE00000  # group of the pixel data: the header ends before it


def load(path: Path, limits: Limits) -> Dataset:
    """The data set in front of the pixels, with its `file_meta` and its `end` in the file; files without a preamble are accepted.

    Raises `InputError` for a truncated header: a truncated slice must not pass for a file without an image.
    """
    check_file_size(path.stat().st_size, limits)
    with reading(path), BoundedFile(path) as file:
        full = dcmread(file, stop_before_pixels=True, force=True)
        header = full[:PIXELS]
        header.file_meta, header.end = full.file_meta, file.tell()
        named = header.get("SOPClassUID") or header.file_meta.get("MediaStorageSOPClassUID")
        if "Rows" not in header and (not named or "Image" in uid.UID(str(named)).name):
            raise InputError(f"Expected an image by its SOP class, found one without pixels in {path}: it is cut short. Copy it again.")
        return header


def syntax(header: Dataset) -> uid.UID:
    """The transfer syntax: as the file names it, else as pydicom found it to be encoded."""
    named = header.file_meta.get("TransferSyntaxUID")
    if named:
        return uid.UID(named)
    implicit, little = header.original_encoding
    if implicit:
        return uid.ImplicitVRLittleEndian
    return uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian


def number_of_frames(header: Dataset) -> int:
    """NumberOfFrames; 1 where it is absent."""
    return int(header.get("NumberOfFrames") or 1)


def check_pixels(header: Dataset, path: Path, limits: Limits) -> None:
    """Raise for colour, for pixels that are not integers, and for sizes over the limits or beyond the file's length."""
    if "Rows" not in header or "BitsAllocated" not in header:
        raise InputError(f"Expected an image, found a DICOM object without pixels in {path}. Give a CT, MR or X-ray image.")
    if int(header.get("SamplesPerPixel") or 1) != 1 or header.get("PhotometricInterpretation") not in GREY:
        raise InputError(
            f"Expected a grey image ({' or '.join(GREY)}), found colour ({header.get('PhotometricInterpretation')}) in {path}. "
            "Convert it to grey first."
        )
    shape = (number_of_frames(header), int(header.Rows), int(header.Columns))
    check_shape(shape, limits, str(path))
    allocated, stored, high, signed = bits(header)
    if allocated not in (8, 16, 32) or not (1 <= stored <= high + 1 <= allocated) or signed not in (0, 1):
        raise InputError(
            f"Expected pixels of 8, 16 or 32 bits with the used ones inside, found {stored} bits up to number {high} of {allocated} "
            f"(PixelRepresentation {signed}) in {path}. Repair the header."
        )
    declared, size = int(np.prod(shape, dtype=object)) * allocated // 8, path.stat().st_size
    check_expansion(declared, size, limits)
    if not syntax(header).is_encapsulated and declared > size:
        raise InputError(f"Expected {declared} bytes of pixels, found {size} bytes in all of {path}: it is cut short. Copy it again.")


def bits(header: Dataset) -> tuple[int, int, int, int]:
    """Bits allocated, bits stored, high bit and whether pixels are signed (0 or 1)."""
    stored = int(header.BitsStored)
    high = header.get("HighBit")
    return int(header.BitsAllocated), stored, stored - 1 if high is None else int(high), int(header.PixelRepresentation)


def storage(header: Dataset, rescale: tuple[float, float]) -> Storage:
    """The file's pixel storage, with a frame's rescale slope and intercept."""
    allocated, stored, _, signed = bits(header)
    return Storage(f"{'int' if signed else 'uint'}{allocated}", stored, *rescale)


def numbers(item: Dataset, keyword: str, count: int) -> tuple[float, ...] | None:
    """An attribute's numbers; None where it is absent or empty.

    Raises `InputError` for a wrong count and for values that are not finite.
    """
    value: Any = item.get(keyword)
    if value is None or value == "" or (count > 1 and len(value) == 0):
        return None
    found = tuple(float(v) for v in (value if count > 1 else [value]))
    if len(found) != count or not np.isfinite(found).all():
        raise InputError(f"Expected {count} finite numbers in {keyword}, found {found}. Repair the header.")
    return found
