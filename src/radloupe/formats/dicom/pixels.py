"""Stored pixel values from a file, native or compressed, with unused bits cleared."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from pydicom import Dataset, dcmread, uid
from pydicom.encaps import generate_frames, parse_basic_offsets, parse_fragments
from pydicom.pixels.decoders.base import get_decoder

from radloupe.core.errors import InputError, UsageError
from radloupe.formats.dicom.codestream import declared_size, is_whole
from radloupe.formats.dicom.guard import BoundedFile
from radloupe.formats.dicom.header import bits, number_of_frames, syntax
from radloupe.formats.raw import check_length
from radloupe.formats.translate import whole

NATIVE = (uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian)
DECODERS = {
    **dict.fromkeys(NATIVE, ""),
    uid.RLELossless: "pydicom",  # pylibjpeg-rle panics on damaged segments, past every `except Exception`
    uid.JPEGBaseline8Bit: "gdcm",
    uid.JPEGExtended12Bit: "gdcm",
    uid.JPEGLossless: "gdcm",
    uid.JPEGLosslessSV1: "gdcm",
    uid.JPEGLSLossless: "gdcm",  # pyjpegls takes 5 s to give up on some damaged frames of 4 kB
    uid.JPEGLSNearLossless: "gdcm",
    uid.JPEG2000Lossless: "pylibjpeg",
    uid.JPEG2000: "pylibjpeg",
    uid.HTJ2KLossless: "pylibjpeg",
    uid.HTJ2KLosslessRPCL: "pylibjpeg",
    uid.HTJ2K: "pylibjpeg",
}
"""The decoder of each transfer syntax: one each, so that a file gives the same values on every machine."""


def check_syntax(header: Dataset) -> None:
    """Refuse transfer syntaxes that are not decoded (`InputError`), or whose decoder is not installed (`UsageError`)."""
    found = syntax(header)
    if found not in DECODERS:
        raise InputError(
            f"Expected a transfer syntax that is decoded here, found {found.name} ({found}). Convert it to Explicit VR Little Endian first."
        )
    if found == uid.JPEGExtended12Bit and bits(header)[1] > 8:
        raise InputError(
            "Expected a compression that is decoded here, found 12-bit JPEG Extended, for which no freely licensed decoder exists. "
            "Convert it to Explicit VR Little Endian first (dcmdjpeg)."
        )
    if DECODERS[found] and DECODERS[found] not in get_decoder(found).available_plugins:
        raise UsageError(f"Expected the decoder {DECODERS[found]}, found it missing or incomplete. Install Radloupe's dependencies again.")


def stored_frames(path: Path, header: Dataset) -> Iterator[np.ndarray]:
    """The stored numbers of each frame (y, x), in stored order; exceptions of the libraries pass to the caller."""
    with whole(path, "DICOM", quote=False), BoundedFile(path) as file:
        full = dcmread(file, force=True)
    if not full.get("PixelData"):
        raise InputError(f"Expected pixels behind the header, found none in {path}: it is cut short. Copy it again.")
    found = syntax(header)
    (check_fragments if found.is_encapsulated else check_native)(full.PixelData, header, path)
    decoded = get_decoder(found).iter_array(full, raw=True, decoding_plugin=DECODERS[found], correct_unused_bits=False, view_only=True)
    for stored, _ in decoded:
        yield clear_unused(stored, header)


def check_native(stored: bytes, header: Dataset, path: Path) -> None:
    """Raise `InputError` where uncompressed pixels are fewer or more than the header declares."""
    frame = int(header.Rows) * int(header.Columns) * bits(header)[0] // 8
    wanted = number_of_frames(header) * frame
    even = wanted + wanted % 2  # the byte that makes a length even may be any
    check_length(len(stored), wanted, max(frame, 2), path, stored[even:])


def check_fragments(stored: bytes, header: Dataset, path: Path) -> None:
    """Raise `InputError` for truncated frames and for another number or size than the header's, before a decoder allocates."""
    expected, size = number_of_frames(header), (int(header.Rows), int(header.Columns), 1)
    if syntax(header) == uid.RLELossless:
        frames = BytesIO(stored)
        parse_basic_offsets(frames)
        check_count(parse_fragments(frames)[0], expected, path)  # one for each frame: PS3.5, A.4.2
        return
    codes = list(generate_frames(stored, number_of_frames=expected))
    check_count(len(codes), expected, path)
    if others := [found for found in map(declared_size, codes) if found != size]:
        raise InputError(
            f"Expected compressed frames of the size the header declares, {size} (rows, columns, samples), found {others[0]} in {path}. "
            "Export it again."
        )
    if not all(map(is_whole, codes)):
        raise InputError(f"Expected {expected} whole compressed frame(s), found {sum(map(is_whole, codes))} in {path}. Export it again.")


def check_count(found: int, expected: int, path: Path) -> None:
    """Raise `InputError` unless the number of frames is that of the header."""
    if found != expected:
        raise InputError(f"Expected {expected} frame(s) as the header declares, found {found} in {path}. Copy or export it again.")


def clear_unused(stored: np.ndarray, header: Dataset) -> np.ndarray:
    """Values of the stored bits, sign-extended; the other bits may hold overlays or garbage."""
    allocated, used, high, signed = bits(header)
    whole = stored.astype(f"{'i' if signed else 'u'}{allocated // 8}", copy=False)
    if used == allocated:
        return whole
    moved = whole << (allocated - 1 - high)
    moved >>= allocated - used
    return moved
