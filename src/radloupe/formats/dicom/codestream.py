"""Size and end of a compressed frame as its own codestream declares them: decoders allocate that size and ignore a missing end."""

import struct
from collections.abc import Iterator

JPEG2000 = b"\xff\x4f\xff\x51"  # start of codestream, then its size: ISO/IEC 15444-1, A.5.1
JP2_HEADER_BYTES = 512  # some writers leave the file format's boxes in front of the codestream
TILE_PART, SCAN = 0x90, 0xDA  # SOT and SOS: the headers end, data follow
JPEG = b"\xff\xd8"
NOT_A_FRAME = (0xC4, 0xC8, 0xCC)  # tables and extensions among the markers C0..CF: ISO/IEC 10918-1, table B.1
JPEG_LS = 0xF7
END = b"\xff\xd9"  # of all of them
PADDING_BYTES = 8  # one byte makes a fragment even; pydicom tolerates as many more


def declared_size(code: bytes) -> tuple[int, int, int] | None:
    """Rows, columns and components of a JPEG, JPEG-LS or JPEG 2000 codestream; nothing when it has no header."""
    start = code.find(JPEG2000, 0, JP2_HEADER_BYTES)
    if start >= 0:
        right, bottom, left, top = struct.unpack_from(">4I", code, start + 8)
        return bottom - top, right - left, struct.unpack_from(">H", code, start + 40)[0]
    return jpeg_size(code) if code.startswith(JPEG) else None


def jpeg_size(code: bytes) -> tuple[int, int, int] | None:
    """The same from JPEG's markers, the first frame header among them."""
    for marker, at in segments(code, 0):
        if at + 10 <= len(code) and (marker == JPEG_LS or (0xC0 <= marker <= 0xCF and marker not in NOT_A_FRAME)):
            rows, columns, components = struct.unpack_from(">HHB", code, at + 5)
            return rows, columns, components
    return None


def is_whole(code: bytes) -> bool:
    """Whether a codestream is complete: its end marker is followed by padding alone."""
    start = code.find(JPEG2000, 0, JP2_HEADER_BYTES)
    end = last_tile_end(code, start) if start >= 0 else code.find(END, first(SCAN, code, 0))
    return code[end : end + 2] == END and len(code) - end - 2 <= PADDING_BYTES


def last_tile_end(code: bytes, start: int) -> int:
    """Where the parts of tiles end by the lengths they declare: ISO/IEC 15444-1, A.4.2."""
    at = first(TILE_PART, code, start)
    while code[at : at + 2] == bytes([0xFF, TILE_PART]) and at + 12 <= len(code):
        (length,) = struct.unpack_from(">I", code, at + 6)
        if not length:  # of the last part, which goes on to the end
            return code.rfind(END)
        at += length
    return at


def first(marker: int, code: bytes, start: int) -> int:
    """Offset of a marker in a codestream's header; the codestream's length where it is absent."""
    return next((at for found, at in segments(code, start) if found == marker), len(code))


def segments(code: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Markers of a codestream's header with their offsets, up to the first data."""
    at = start + len(JPEG)
    while at + 4 <= len(code):
        fill, marker, length = struct.unpack_from(">BBH", code, at)
        if fill != 0xFF:
            return
        if marker == 0xFF:
            at += 1
            continue
        yield marker, at
        if marker in (TILE_PART, SCAN):
            return
        at += 2 + length
