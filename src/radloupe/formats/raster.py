"""PNG and JPEG through Pillow: radiographs of 8 or 16 bits without patient geometry (spacing 1 mm)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from PIL import ImageOps
from PIL.PngImagePlugin import PngInfo

from radloupe.core.errors import InputError, LimitError, UsageError
from radloupe.core.limits import LIMITS, Limits, check_expansion, check_shape
from radloupe.formats import note
from radloupe.formats.grey import grey
from radloupe.formats.raw import stored_blocks
from radloupe.formats.translate import translate
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage, fit_storage, plain_storage

MODES = {"1": "L", "P": "RGBA", "PA": "RGBA"}  # to what Pillow converts what is not yet grey or colour samples
COMMENT = "Comment"  # a keyword of PNG's own; Pillow names a JPEG's comment in lower case
GREY16 = ("I;16", "I;16B", "I;16L", "I;16N")


def read(path: Path, limits: Limits = LIMITS) -> Image:
    """Read a PNG or JPEG; grey saved as colour is accepted, and a JPEG's orientation (EXIF) is applied.

    Pillow refuses images over 179 million pixels, whatever the limits. Raises `InputError`, `LimitError`.
    """
    with translate(path, "PNG or JPEG"):
        with opened(path, ["PNG", "JPEG"]) as pil_image:
            check(pil_image, path, limits)
            pil_image.verify()  # the checksums of all chunks and the end of a PNG, which reading its pixels would not miss
        with opened(path, ["PNG", "JPEG"]) as pil_image:
            pixels = grey(samples(ImageOps.exif_transpose(pil_image)))
            comment = str(pil_image.info.get(COMMENT))
    storage = Storage(pixels.dtype.name, pixels.dtype.itemsize * 8)
    return Image(pixels[None, None], info=note.noted(comment, PixelInfo("stored", "XR", storage=storage)))


@contextmanager
def opened(path: Path, formats: list[str]) -> Iterator[PILImage.Image]:
    """A file of one of the formats, opened by Pillow; its pixels are not read yet."""
    try:
        with PILImage.open(path, formats=formats) as pil_image:
            yield pil_image
    except PILImage.DecompressionBombError as error:
        raise LimitError(
            f"Expected at most {2 * (PILImage.MAX_IMAGE_PIXELS or 0)} pixels in {path}, found more. Crop it or save TIFF."
        ) from error


def check(pil_image: PILImage.Image, path: Path, limits: Limits) -> None:
    """Raise for files that are too large, animated, or in 16-bit colour, which Pillow would silently reduce to 8 bits."""
    check_shape((pil_image.height, pil_image.width), limits)
    check_expansion(pil_image.height * pil_image.width * len(pil_image.getbands()), path.stat().st_size, limits)
    if (frames := getattr(pil_image, "n_frames", 1)) > 1:
        raise InputError(f"Expected one image, found {frames} frames in {path}. Save one frame as a file of its own.")
    with path.open("rb") as file:
        head = file.read(26)
    if pil_image.format == "PNG" and head[24] == 16 and head[25] != 0:  # bit depth and colour type of the IHDR chunk
        raise InputError(f"Expected 8-bit colour or 16-bit grey, found 16-bit colour in {path}. Save it as 16-bit grey.")


def samples(pil_image: PILImage.Image) -> np.ndarray:
    """Samples (y, x) or (y, x, n), uint8 or uint16."""
    mode = "RGBA" if "transparency" in pil_image.info else MODES.get(pil_image.mode, pil_image.mode)
    pil_image = pil_image if mode == pil_image.mode else pil_image.convert(mode)
    if mode in GREY16:
        return np.asarray(pil_image).astype(np.uint16)
    if mode not in ("L", "LA", "RGB", "RGBA"):
        raise InputError(f"Expected a grey image of 8 or 16 bits, found Pillow mode {mode}. Convert it to grey first.")
    return np.asarray(pil_image)


def write(image: Image, blocks: Iterable[np.ndarray], path: Path) -> None:
    """Write a PNG of 8 or 16 bits with the same numbers; the grey levels of MONOCHROME1 images are inverted, as PNG has no field for it.

    Pillow needs the whole image in memory. Raises `UsageError` for volumes and for numbers that PNG cannot hold.
    """
    storage = fit_storage(plain_storage(image.info.storage, image.pixels.dtype), ("uint8", "uint16"))
    if storage is None or image.pixels.shape[:2] != (1, 1):
        raise UsageError(
            f"Expected one slice of integers from 0 to 65535 for PNG, found shape {image.pixels.shape} and type {image.pixels.dtype}. "
            f"Write {path.stem}.tif or .nii.gz."
        )
    pixels = np.concatenate(list(stored_blocks(image, blocks, storage)))
    comment = PngInfo()
    comment.add_text(COMMENT, note.text(image.info))
    PILImage.fromarray(pixels).save(path, format="PNG", pnginfo=comment)
