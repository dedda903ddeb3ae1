"""The size that a compressed frame itself declares: decoders allocate that one, whatever the DICOM header says."""

import struct

JPEG2000 = b"\xff\x4f\xff\x51"  # start of codestream, then its size: ISO/IEC 15444-1, A.5.1
JP2_HEADER_BYTES = 512  # some writers leave the file format's boxes in front of the codestream
JPEG = b"\xff\xd8"
NOT_A_FRAME = (0xC4, 0xC8, 0xCC)  # tables and extensions among the markers C0..CF: ISO/IEC 10918-1, table B.1
JPEG_LS = 0xF7


def declared_size(code: bytes) -> tuple[int, int, int] | None:
    """Rows, columns and components of a JPEG, JPEG-LS or JPEG 2000 codestream; nothing when it has no header."""
    start = code.find(JPEG2000, 0, JP2_HEADER_BYTES)
    if start >= 0:
        right, bottom, left, top = struct.unpack_from(">4I", code, start + 8)
        return bottom - top, right - left, struct.unpack_from(">H", code, start + 40)[0]
    return jpeg_size(code) if code.startswith(JPEG) else None


def jpeg_size(code: bytes) -> tuple[int, int, int] | None:
    """The same from JPEG's markers, the first frame header among them."""
    at = len(JPEG)
    while at + 10 <= len(code):
        fill, marker, length = struct.unpack_from(">BBH", code, at)
        if fill != 0xFF:
            return None
        if marker == JPEG_LS or (0xC0 <= marker <= 0xCF and marker not in NOT_A_FRAME):
            rows, columns, components = struct.unpack_from(">HHB", code, at + 5)
            return rows, columns, components
        at += 1 if marker == 0xFF else 2 + length
    return None
