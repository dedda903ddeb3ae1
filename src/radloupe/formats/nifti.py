"""NIfTI-1 and NIfTI-2 in a single file, plain or gzipped.

nibabel parses the headers. Pixel data are read by `raw` to the end of the stream, where gzip's checksum is: nibabel stops one read
earlier and accepts damaged files, ITK accepts truncated ones.
"""

import gzip
import math
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import nibabel
import numpy as np

from radloupe.core.errors import InputError
from radloupe.core.limits import LIMITS, Limits
from radloupe.formats import note
from radloupe.formats.raw import Run, load, stored_blocks
from radloupe.formats.table import read_head
from radloupe.formats.translate import translate
from radloupe.formats.volume_image import array_shape, volume
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import Storage, from_stored, plain_storage

MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}  # nifti1.h, xyzt_units: unknown, metre, millimetre, micrometre
LONGEST_AXIS = 32_767  # NIfTI-1 counts voxels in 16 bits, NIfTI-2 in 64
COMMENT = 6  # NIFTI_ECODE_COMMENT: plain ASCII text
LEVEL = 1  # gzip: measured on CT and MR, level 6 makes files 1 to 4 % smaller and takes 2.6 times as long


def read(path: Path, limits: Limits = LIMITS) -> Image:
    """Read a NIfTI file: values after its rescale, in mm. Raises `InputError`, `LimitError`."""
    with translate(path, "NIfTI"):
        beginning = read_head(path)
        header = parse(beginning)
        shape, affine = array_shape(sizes(header)), placement(header)
        storage, dtype, begin = rescale(header), header.get_data_dtype(), data_offset(header)
        run = Run(path, 0, dtype, shape, True, begin) if is_gzip(path) else Run(path, begin, dtype, shape)
        comment = beginning[int(header["sizeof_hdr"]) : begin].decode("latin-1")
        return volume(from_stored(load(run, limits), storage, limits), affine, comment)


def parse(head: bytes) -> Any:
    """The nibabel header from a file's first bytes, without nibabel's repairs."""
    kind: Any
    kind, size = (nibabel.Nifti2Header, 540) if head[4:8] == b"n+2\0" else (nibabel.Nifti1Header, 348)
    return kind(head[:size], check=False)


def sizes(header: Any) -> list[int]:
    """Voxels along x, y, z and time; trailing axes of length one are dropped."""
    count = int(header["dim"][0])
    found = [int(n) for n in header["dim"][1 : max(count, 0) + 1]]
    while len(found) > 4 and found[-1] == 1:
        found.pop()
    steps = header["pixdim"][1 : 1 + min(count, 3)]
    if not (np.isfinite(steps).all() and (steps > 0).all()):
        raise InputError(f"Expected a spacing (pixdim) above zero along each axis of the NIfTI, found {steps.tolist()}. Repair the header.")
    return found


def placement(header: Any) -> np.ndarray:
    """The affine in RAS mm: the sform where there is one, else the qform, else nibabel's base affine around the volume's centre."""
    unit = MM_PER_UNIT.get(int(header["xyzt_units"]) & 7)
    if unit is None:
        raise InputError("Expected a NIfTI in metres, millimetres or micrometres, found an unknown unit of length. Repair the header.")
    if header["dim"][0] == 2:
        header["pixdim"][3] = header["pixdim"][3] or 1
    with np.errstate(all="ignore"):  # overflow to infinity is refused by `geometry.check`
        affine: np.ndarray = np.diag([unit, unit, unit, 1.0]) @ header.get_best_affine()
    return affine


def rescale(header: Any) -> Storage:
    """Rescale slope and intercept; a slope of zero or NaN means none."""
    dtype = header.get_data_dtype()
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise InputError(
            f"Expected a NIfTI with one real number for each voxel, found {dtype}. Save one volume of integers or floating-point numbers."
        )
    slope, intercept = float(header["scl_slope"]), float(header["scl_inter"])
    slope, intercept = (1.0, 0.0) if slope == 0 or np.isnan(slope) else (slope, intercept)
    return Storage(dtype.newbyteorder("=").name, dtype.itemsize * 8, slope, intercept)


def data_offset(header: Any) -> int:
    """Byte offset of the voxels."""
    least, found = int(header["sizeof_hdr"]), float(header["vox_offset"])
    if not (least <= found < 2**31 and found.is_integer()):
        raise InputError(f"Expected the voxels of the NIfTI to begin behind its {least} byte header, found byte {found:g} (vox_offset).")
    return int(found)


def is_gzip(path: Path) -> bool:
    """Whether a file is gzipped, by its content."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def write(image: Image, blocks: Iterable[np.ndarray], path: Path) -> None:
    """Write NIfTI-1, or NIfTI-2 where an axis is longer than 32,767; block by block. The same image gives the same bytes."""
    storage = plain_storage(image.info.storage, image.pixels.dtype)
    with opened(path) as file:
        file.write(head(image, np.dtype(storage.dtype)))
        for block in stored_blocks(image, blocks, storage):
            file.write(block.data)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A new file, gzipped if its name says so, without the name and the time in gzip's header."""
    with path.open("wb") as file:
        if not path.name.lower().endswith(".gz"):
            yield file
            return
        with gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed:
            yield cast(BinaryIO, packed)


def head(image: Image, dtype: np.dtype) -> bytes:
    """Everything before the voxels."""
    channels, (z, y, x) = len(image.pixels), image.shape
    kind: Any = nibabel.Nifti2Header if max(channels, z, y, x) > LONGEST_AXIS else nibabel.Nifti1Header
    header = kind(endianness="<")
    header.set_data_dtype(dtype)
    header.set_data_shape((x, y, z) if channels == 1 else (x, y, z, channels))
    header.set_sform(image.affine, 1)
    header.set_qform(image.affine, 1)
    header.set_xyzt_units("mm")
    header["scl_slope"], header["scl_inter"] = 1, 0
    header["descrip"] = "".join(image.history[-1:]).encode("ascii", "replace")[:79]
    comment = extension(note.text(image.info))
    header["vox_offset"] = int(header["sizeof_hdr"]) + len(comment)
    return bytes(header.binaryblock) + comment


def extension(comment: str) -> bytes:
    """What stands between the header and the voxels: four bytes that say so, then a comment in a multiple of 16 bytes (nifti1.h)."""
    size = 16 * math.ceil((8 + len(comment)) / 16)
    return b"\1\0\0\0" + struct.pack("<2i", size, COMMENT) + comment.encode("ascii").ljust(size - 8, b"\0")
