"""Pixel data stored as one contiguous run of bytes, plain or deflated: the body of NIfTI, MetaImage and NRRD."""

import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from radloupe.core.errors import InputError
from radloupe.core.limits import LIMITS, Limits, check_expansion, check_file_size, check_shape
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import Storage, to_stored, upright

PIECE_BYTES = 2**12  # deflate expands at most 1032:1, so one piece never takes more than 4 MiB
PADDING_BYTES = 4096  # some tools fill the last disk block with zeros; anything else is another size than the header says
GZIP_OR_ZLIB = 47  # zlib's window bits: find out which of the two it is


@dataclass(frozen=True)
class Run:
    """Position and type of an image's pixel data in a file."""

    path: Path
    offset: int
    """Bytes of the file before the data."""
    dtype: np.dtype
    """NumPy type, with byte order."""
    shape: tuple[int, ...]
    """c, z, y, x."""
    packed: bool = False
    """Whether the bytes are a gzip or zlib stream; its checksum is compared."""
    skip: int = 0
    """Bytes of the inflated stream before the data."""

    @property
    def slice_bytes(self) -> int:
        """Bytes of one slice (y, x)."""
        return math.prod(self.shape[-2:]) * self.dtype.itemsize


def load(run: Run, limits: Limits = LIMITS) -> np.ndarray:
    """The pixel data of a run in native byte order. Sizes are checked against the file before memory is allocated.

    Raises `InputError` for too few or too many bytes and for a wrong checksum, `LimitError` over a limit.
    """
    check_shape(run.shape, limits)
    wanted, stored = math.prod(run.shape) * run.dtype.itemsize, run.path.stat().st_size
    check_file_size(stored, limits)
    if run.packed:
        check_expansion(run.skip + wanted, stored - run.offset, limits)
    else:
        check_length(stored - run.offset, wanted, run.slice_bytes, run.path)
    with run.path.open("rb") as file:
        file.seek(run.offset)
        data = fill(run, wanted, inflate(file) if run.packed else pieces(file))
    return data.view(run.dtype).reshape(run.shape).astype(run.dtype.newbyteorder("="), copy=False)


def check_length(found: int, wanted: int, slice_bytes: int, path: Path, rest: bytes = b"") -> None:
    """Raise `InputError` where the data's length is not as declared, except for a `rest` of zeros shorter than a slice."""
    if not wanted <= found < wanted + min(slice_bytes, PADDING_BYTES + 1) or rest.strip(b"\0"):
        raise InputError(f"Expected {wanted} bytes of pixels as the header declares, found {max(found, 0)} in {path}. The file is damaged.")


def fill(run: Run, wanted: int, source: Iterable[bytes]) -> np.ndarray:
    """The `wanted` bytes of a run; the source is read to its end, where its checksum stands."""
    data, end = np.empty(wanted, np.uint8), -run.skip
    for piece in source:
        begin, end = end, end + len(piece)
        if end > wanted:
            check_length(end, wanted, run.slice_bytes, run.path, piece[max(wanted - begin, 0) :])
        low, high = max(begin, 0), min(end, wanted)
        if low < high:
            data[low:high] = np.frombuffer(piece, np.uint8)[low - begin : high - begin]
    check_length(end, wanted, run.slice_bytes, run.path)
    return data


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """A file's bytes, piece by piece."""
    return iter(lambda: file.read(PIECE_BYTES), b"")


def inflate(file: BinaryIO) -> Iterator[bytes]:
    """The bytes inside gzip members or a zlib stream, piece by piece. Raises `InputError` for a wrong checksum or an early end."""
    reader = None
    try:
        for piece in pieces(file):
            while piece:
                reader = reader or zlib.decompressobj(GZIP_OR_ZLIB)
                yield reader.decompress(piece)
                piece, reader = reader.unused_data, None if reader.eof else reader
    except zlib.error as error:
        raise InputError(
            f"Expected a whole compressed file, found damaged bytes in {file.name} ({error}). Copy or export it again."
        ) from error
    if reader:
        raise InputError(f"Expected a whole compressed file, found an early end of {file.name}. Copy or export it again.")


def stored_blocks(image: Image, blocks: Iterable[np.ndarray], storage: Storage, inverted: bool = False) -> Iterator[np.ndarray]:
    """The blocks as little-endian stored numbers, one at a time.

    Grey levels are inverted for MONOCHROME1 unless the format can mark it (`inverted`).
    """
    dtype = np.dtype(storage.dtype).newbyteorder("<")
    for block in blocks:
        values = block if inverted else upright(block, image.info)
        yield np.ascontiguousarray(to_stored(values, storage), dtype)
