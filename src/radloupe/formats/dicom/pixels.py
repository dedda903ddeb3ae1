"""Stored numbers from a file: native or compressed, with the bits that are not used cleared."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pydicom import Dataset, dcmread, uid
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder

from radloupe.errors import InputError, UsageError
from radloupe.formats.dicom.codestream import declared_size
from radloupe.formats.dicom.guard import BoundedFile
from radloupe.formats.dicom.header import bits, number_of_frames, syntax

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
"""The one decoder of each transfer syntax, so that a file gives the same numbers wherever it is read."""


def check_syntax(header: Dataset) -> None:
    """Refuse transfer syntaxes that are not decoded (`InputError`), or whose decoder is not installed (`UsageError`)."""
    found = syntax(header)
    if found not in DECODERS:
        raise InputError("Expected a transfer syntax that is decoded here, found another. Convert it to Explicit VR Little Endian first.")
    if found == uid.JPEGExtended12Bit and bits(header)[1] > 8:
        raise InputError(
            "Expected a compression that is decoded here, found 12-bit JPEG Extended, for which no freely licensed decoder exists. "
            "Convert it to Explicit VR Little Endian first (dcmdjpeg)."
        )
    if DECODERS[found] and DECODERS[found] not in get_decoder(found).available_plugins:
        raise UsageError(f"Expected the decoder {DECODERS[found]}, found it missing or incomplete. Install Radloupe's dependencies again.")


def stored_frames(path: Path, header: Dataset) -> Iterator[np.ndarray]:
    """The stored numbers of each frame (y, x), in stored order; what the libraries raise is for the caller to translate."""
    with BoundedFile(path) as file:
        full = dcmread(file, force=True)
    found = syntax(header)
    if found.is_encapsulated and found != uid.RLELossless:
        check_codestreams(full, header)
    decoded = get_decoder(found).iter_array(full, raw=True, decoding_plugin=DECODERS[found], correct_unused_bits=False, view_only=True)
    for stored, _ in decoded:
        yield clear_unused(stored, header)


def check_codestreams(full: Dataset, header: Dataset) -> None:
    """Refuse compressed frames that are not of the header's size, before a decoder allocates theirs."""
    expected = (int(header.Rows), int(header.Columns), 1)
    for code in generate_frames(full.PixelData, number_of_frames=number_of_frames(header)):
        if declared_size(code) != expected:
            raise InputError("Expected compressed frames of the size the header declares, found others. Export the file again.")


def clear_unused(stored: np.ndarray, header: Dataset) -> np.ndarray:
    """Numbers of the used bits alone: others may hold overlays or rubbish; the sign is carried on."""
    allocated, used, high, signed = bits(header)
    whole = stored.astype(f"{'i' if signed else 'u'}{allocated // 8}", copy=False)
    if used == allocated:
        return whole
    moved = whole << (allocated - 1 - high)
    moved >>= allocated - used
    return moved
