"""TIFF through tifffile: radiographs, and stacks of pages (micro-CT). Spacing is 1 mm: the resolution tags of a TIFF are for printing."""

import math
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from tifffile import TiffFile, TiffFrame, TiffPage, TiffWriter
from tifffile.tifffile import imagej_description_metadata, shaped_description_metadata

from radloupe.core.errors import InputError, LimitError, UsageError
from radloupe.core.limits import LIMITS, Limits, check_expansion, check_shape
from radloupe.formats import note
from radloupe.formats.grey import grey
from radloupe.formats.raster import opened
from radloupe.formats.raw import stored_blocks
from radloupe.formats.translate import translate
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage, fit_storage, plain_storage

DTYPES = ("uint8", "uint16", "int16", "float32")
MIN_IS_WHITE, MIN_IS_BLACK, RGB = 0, 1, 2
UNCOMPRESSED, DEFLATE = (1,), (8, 32946)
LARGE_BYTES = 4 * 10**9  # above it offsets no longer fit into 32 bits: BigTIFF


def read(path: Path, limits: Limits = LIMITS) -> Image:
    """Read a TIFF: one page is a radiograph, several equal pages are a stack along z. Raises `InputError`, `LimitError`."""
    with translate(path, "TIFF"), TiffFile(path, is_ome=False) as file:
        pages = [tagged(page, path) for page in islice(file.pages, limits.axis + 1)]
        check_pages(pages, path, limits)
        check_count(pages, path)
        pixels = np.empty((1, len(pages), *size(pages[0])), pages[0].dtype)
        for z, plane in enumerate(planes(pages, path)):
            pixels[0, z] = grey(plane)
        return Image(pixels, info=note.noted(pages[0].description, pixel_info(pages)))


def tagged(page: TiffPage | TiffFrame, path: Path) -> TiffPage:
    """The page itself; raises `InputError` for one without tags of its own, which tifffile supposes in some microscopes' files."""
    if isinstance(page, TiffPage):
        return page
    raise InputError(f"Expected tags for each page, found pages without in {path}. Save it as a plain TIFF stack.")


def pixel_info(pages: list[TiffPage]) -> PixelInfo:
    """A guess: a radiograph's stored numbers; arbitrary units for floating point and for stacks, which are taken for CT."""
    dtype = np.dtype(pages[0].dtype)
    storage, inverted = Storage(dtype.name, dtype.itemsize * 8), pages[0].photometric == MIN_IS_WHITE
    if len(pages) > 1:
        return PixelInfo("arbitrary", "CT", inverted, storage)
    return PixelInfo("arbitrary" if dtype.kind == "f" else "stored", "XR", inverted, storage)


def size(page: TiffPage) -> tuple[int, int]:
    """Rows and columns."""
    return page.imagelength, page.imagewidth


def check_pages(pages: list[TiffPage], path: Path, limits: Limits) -> None:
    """Raise for pages over the limits, in colour, or incomplete in the file, before any pixel is read."""
    check_shape((len(pages), *size(pages[0])), limits, "the pages")
    file_bytes = path.stat().st_size
    for page in pages:
        check_kind(page, path)
        check_extent(page, file_bytes, path, limits)
    kinds = {(page.shape, page.dtype, page.photometric, page.compression) for page in pages}
    if len(kinds) > 1:
        raise InputError(f"Expected pages of one size and type, found {len(kinds)} kinds in {path}. Split the file first.")
    if sum(sum(page.databytecounts) for page in pages) > file_bytes:
        raise InputError(f"Expected every pixel of {path} to be stored once, found pages that share their bytes. The file is damaged.")


def check_count(pages: list[TiffPage], path: Path) -> None:
    """Refuse stacks with fewer pages than are announced, by ImageJ as a number or by tifffile (and here) as a shape."""
    images = samples = 0
    for page in pages:
        if page.imagej_description is not None:
            images = max(images, imagej_description_metadata(page.imagej_description).get("images", 1))
        if page.shaped_description is not None:
            samples += math.prod(shaped_description_metadata(page.shaped_description)["shape"])
    expected = max(images, math.ceil(samples / pages[0].size))
    if expected > len(pages):
        raise InputError(
            f"Expected {expected} pages as the description says, found {len(pages)} in {path}. "
            "It is cut off, or a stack without pages: copy it again, or save it as a plain TIFF stack."
        )


def check_kind(page: TiffPage, path: Path) -> None:
    """Refuse pages whose samples are not plain grey or colour numbers."""
    dtype = str(page.dtype)
    if (
        dtype not in DTYPES
        or page.bitspersample != np.dtype(dtype).itemsize * 8
        or page.photometric not in (MIN_IS_WHITE, MIN_IS_BLACK, RGB)
    ):
        kind = f"{page.bitspersample}-bit samples ({dtype}, photometric interpretation {int(page.photometric)})"
        raise InputError(f"Expected grey samples of {', '.join(DTYPES)}, found {kind} in {path}. Convert it to grey first.")
    if page.axes not in ("YX", "YXS", "SYX"):
        raise InputError(f"Expected pages of rows and columns, found the axes {page.axes} in {path}. Save one slice to a page.")


def check_extent(page: TiffPage, file_bytes: int, path: Path, limits: Limits) -> None:
    """Refuse pages whose strips or tiles are missing, outside the file, or too small for what the page declares."""
    check_shape(page.shape, limits, "a page")
    declared, stored = math.prod(page.shape) * np.dtype(page.dtype).itemsize, sum(page.databytecounts)
    extents = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    if len(extents) != math.prod(page.chunked) or any(count < 1 or offset + count > file_bytes for offset, count in extents):
        raise InputError(
            f"Expected all strips or tiles within {path}, found some missing or beyond its end. The file is cut off or damaged."
        )
    row = page.chunks[-1] * np.dtype(page.dtype).itemsize  # some writers fill their strips up to an even number of bytes, or more
    if page.compression in UNCOMPRESSED and not declared <= stored < max(declared, len(extents) * chunk_bytes(page)) + row:
        raise InputError(
            f"Expected {declared} bytes of pixels on a page as its tags declare, found {stored} in {path}. The file is damaged."
        )
    check_expansion(declared, stored, limits)


def planes(pages: list[TiffPage], path: Path) -> Iterator[np.ndarray]:
    """The pages one by one: (y, x), or (y, x, n) where samples were saved as colour."""
    if pages[0].compression in UNCOMPRESSED + DEFLATE and pages[0].predictor in (1, 2):
        for page in pages:
            check_inflation(page, path)
            plane = page.asarray(maxworkers=1)
            yield np.moveaxis(plane, 0, -1) if page.axes == "SYX" else plane
    else:
        yield from decoded(pages, path)


def check_inflation(page: TiffPage, path: Path) -> None:
    """Refuse deflated strips or tiles that hold more than their share of the page, which tifffile would inflate whole, or too little."""
    if page.compression not in DEFLATE:
        return
    most, found = chunk_bytes(page), 0
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
        page.parent.filehandle.seek(offset)
        size = len(zlib.decompressobj().decompress(page.parent.filehandle.read(count), most + 1))
        if size > most:
            raise LimitError(f"Expected at most {most} bytes in each strip or tile of {path}, found more. The file is damaged or hostile.")
        found += size
    if found < page.nbytes:
        raise InputError(f"Expected {page.nbytes} bytes of pixels on a page as its tags declare, found {found} in {path}. It is damaged.")


def chunk_bytes(page: TiffPage) -> int:
    """Bytes of a whole strip or tile, before compression."""
    return math.prod(page.chunks) * np.dtype(page.dtype).itemsize


def decoded(pages: list[TiffPage], path: Path) -> Iterator[np.ndarray]:
    """The pages in a compression that tifffile does not know without more packages, through Pillow's libtiff (LZW, JPEG, PackBits ...)."""
    with opened(path, ["TIFF"]) as pil_image:
        for index, page in enumerate(pages):
            pil_image.seek(index)
            if (pil_image.height, pil_image.width) != size(page) or page.photometric == MIN_IS_WHITE or page.axes == "SYX":
                raise InputError(f"Cannot decode the compressed pages of {path}. Save it uncompressed or with deflate.")
            yield np.asarray(pil_image).astype(page.dtype)


def write(image: Image, blocks: Iterable[np.ndarray], path: Path) -> None:
    """Write a page for each slice, uncompressed, block by block; BigTIFF over 4 GB. An inverted image says so (MinIsWhite).

    Raises `UsageError` for numbers that TIFF readers do not share and for 4-D series.
    """
    storage = fit_storage(plain_storage(image.info.storage, image.pixels.dtype), DTYPES)
    if storage is None or len(image.pixels) > 1:
        raise UsageError(
            f"Expected one stack of {', '.join(DTYPES)} for TIFF, found {len(image.pixels)} of {image.pixels.dtype}. "
            f"Write {path.stem}.nii.gz instead."
        )
    dtype = np.dtype(storage.dtype)
    with TiffWriter(path, bigtiff=math.prod(image.shape) * dtype.itemsize > LARGE_BYTES, byteorder="<") as file:
        file.write(
            (block.tobytes() for block in stored_blocks(image, blocks, storage, inverted=image.info.inverted)),
            shape=image.shape,
            dtype=dtype,
            photometric="miniswhite" if image.info.inverted else "minisblack",
            software="radloupe",
            metadata={"axes": "ZYX", "history": image.history[-1:], note.NAME: note.note(image.info)},
        )
