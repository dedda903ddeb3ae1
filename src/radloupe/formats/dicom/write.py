"""Writing DICOM: one derived object for each source object; pixels are streamed to the file."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from pydicom import Dataset, dcmwrite

from radloupe.core.errors import InputError, RadloupeError
from radloupe.core.limits import LIMITS
from radloupe.formats.dicom.capture import capture
from radloupe.formats.dicom.derive import Run, derive_slice
from radloupe.formats.dicom.drr_objects import in_whole_numbers, projected
from radloupe.formats.dicom.enhanced import derive_multiframe
from radloupe.formats.dicom.frames import describe
from radloupe.formats.dicom.guard import writing
from radloupe.formats.dicom.series import arrange
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import Storage, to_stored
from radloupe.imaging.projected import Projected

PIXEL_DATA = b"\xe0\x7f\x10\x00"
LONGEST = 2**32 - 2  # largest length of an element: 32 bits, even; all ones mean "undefined"


def is_folder(image: Image) -> bool:
    """Whether an image is written as a folder of files, as one from a series is."""
    return not isinstance(image.source, Projected | None) and len(image.source) > 1


def write(image: Image, blocks: Iterable[np.ndarray], path: Path) -> None:
    """Write an image from its `blocks` of rows as a file, or into the folder `path` when it came from a series.

    Each slice keeps its source's bits, rescale and window. Without a DICOM source one slice becomes a Secondary Capture. At most a
    block is in memory. Raises `InputError` where the number of slices differs from the source's, or DICOM cannot hold the values.
    """
    if image.pixels.shape[0] != 1:
        raise InputError(f"Expected one volume for DICOM, found {image.pixels.shape[0]}. Write NIfTI instead.")
    rows = iter(blocks)
    with writing():
        if is_folder(image):
            path.mkdir(exist_ok=True)
        for number, (header, storages) in enumerate(objects(image, Run(image.history)), 1):
            write_object(path / f"IM{number:05d}.dcm" if is_folder(image) else path, header, storages, rows)
        if next(rows, None) is not None:
            raise RadloupeError(f"Expected {image.shape[0]} slices of {image.shape[1]} rows, found more.")


def objects(image: Image, run: Run) -> Iterator[tuple[Dataset, Sequence[Storage]]]:
    """The data sets to write, without pixels, each with the storage of its frames."""
    if isinstance(image.source, Projected):
        image = in_whole_numbers(image)
        yield projected(image, run), [image.info.storage]
        return
    if image.source is None:
        yield capture(image, run), [image.info.storage]
        return
    frames = describe(image.source)
    if len(frames) != image.shape[0]:
        raise InputError(f"Expected as many slices as the source has, {len(frames)}, found {image.shape[0]}. Write NIfTI or NRRD instead.")
    if "PerFrameFunctionalGroupsSequence" in image.source[0]:
        order, _ = arrange(frames, LIMITS)
        yield derive_multiframe(image.source[0], frames, order, image, run), [frames[i].storage for i in order]
        return
    for index, (source, frame) in enumerate(zip(image.source, frames, strict=True)):
        yield derive_slice(source, frame, image, index, run), [frame.storage]


def write_object(path: Path, header: Dataset, storages: Sequence[Storage], rows: Iterator[np.ndarray]) -> None:
    """Write one file: its header, then as many rows as it has in all frames.

    The pixels are the last element, so they follow the header as they come; pydicom alone would want them whole, or twice on the disk.
    """
    width = header.BitsAllocated // 8
    size = len(storages) * header.Rows * header.Columns * width
    if size > LONGEST:
        raise InputError(f"Expected at most {LONGEST} bytes of pixels in a DICOM file, found {size}. Write NIfTI instead.")
    with path.open("wb") as file:
        dcmwrite(file, header, enforce_file_format=True)
        file.write(PIXEL_DATA + struct.pack("<2sHI", b"OB" if width == 1 else b"OW", 0, size + size % 2))
        for storage in storages:
            for block in take(rows, header.Rows, header.Columns):
                file.write(to_stored(block, storage).astype(f"<{np.dtype(storage.dtype).str[1:]}", copy=False).tobytes())
        file.write(b"\0" * (size % 2))


def take(rows: Iterator[np.ndarray], height: int, width: int) -> Iterator[np.ndarray]:
    """The blocks of the next slice; raises `RadloupeError` when they do not make it up exactly."""
    left = height
    while left:
        block = next(rows, None)
        if block is None or block.ndim != 2 or block.shape[1] != width or len(block) > left:
            found = "none" if block is None else f"one of shape {block.shape}"
            raise RadloupeError(f"Expected blocks of whole rows for slices of {height}x{width} ({left} rows are missing), found {found}.")
        left -= len(block)
        yield block
