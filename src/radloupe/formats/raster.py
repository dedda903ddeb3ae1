"""PNG and JPEG through Pillow: radiographs of 8 or 16 bits without a place in the patient (spacing 1 mm)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
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

    Pillow refuses pictures over 179 million pixels, whatever the limits. Raises `InputError`, `LimitError`.
    """
    with translate(path, "PNG or JPEG"):
        with opened(path, ["PNG", "JPEG"]) as picture:
            check(picture, path, limits)
            picture.verify()  # the checksums of all chunks and the end of a PNG, which reading its pixels would not miss
        with opened(path, ["PNG", "JPEG"]) as picture:
            pixels = grey(samples(ImageOps.exif_transpose(picture)))
            comment = str(picture.info.get(COMMENT))
    storage = Storage(pixels.dtype.name, pixels.dtype.itemsize * 8)
    return Image(pixels[None, None], info=note.noted(comment, PixelInfo("stored", "XR", storage=storage)))


@contextmanager
def opened(path: Path, formats: list[str]) -> Iterator[Pillow.Image]:
    """The picture in a file of one of the formats, its pixels not yet read."""
    try:
        with Pillow.open(path, formats=formats) as picture:
            yield picture
    except Pillow.DecompressionBombError as error:
        raise LimitError(
            f"Expected at most {2 * (Pillow.MAX_IMAGE_PIXELS or 0)} pixels in {path}, found more. Crop it or save TIFF."
        ) from error


def check(picture: Pillow.Image, path: Path, limits: Limits) -> None:
    """Refuse what is too large, animated, or 16-bit colour, which Pillow would cut to 8 bits without a word."""
    check_shape((picture.height, picture.width), limits)
    check_expansion(picture.height * picture.width * len(picture.getbands()), path.stat().st_size, limits)
    if getattr(picture, "n_frames", 1) > 1:
        raise InputError(f"Expected one picture, found several frames in {path}. Save the one that is meant.")
    with path.open("rb") as file:
        head = file.read(26)
    if picture.format == "PNG" and head[24] == 16 and head[25] != 0:  # bit depth and colour type of the IHDR chunk
        raise InputError(f"Expected 8-bit colour or 16-bit grey, found 16-bit colour in {path}. Save it as 16-bit grey.")


def samples(picture: Pillow.Image) -> np.ndarray:
    """Samples (y, x) or (y, x, n), uint8 or uint16."""
    mode = "RGBA" if "transparency" in picture.info else MODES.get(picture.mode, picture.mode)
    picture = picture if mode == picture.mode else picture.convert(mode)
    if mode in GREY16:
        return np.asarray(picture).astype(np.uint16)
    if mode not in ("L", "LA", "RGB", "RGBA"):
        raise InputError(f"Expected a grey picture of 8 or 16 bits, found one of kind {mode}. Convert it to grey first.")
    return np.asarray(picture)


def write(image: Image, blocks: Iterable[np.ndarray], path: Path) -> None:
    """Write a PNG of 8 or 16 bits with the same numbers; an inverted image is mirrored, as PNG cannot say so.

    Pillow needs the whole picture in memory. Raises `UsageError` for volumes and for numbers that PNG cannot hold.
    """
    storage = fit_storage(plain_storage(image.info.storage, image.pixels.dtype), ("uint8", "uint16"))
    if storage is None or image.pixels.shape[:2] != (1, 1):
        raise UsageError(
            f"PNG holds one picture of whole numbers from 0 to 65535, this is another image. Write {path.stem}.tif or .nii.gz."
        )
    picture = np.concatenate(list(stored_blocks(image, blocks, storage)))
    comment = PngInfo()
    comment.add_text(COMMENT, note.text(image.info))
    Pillow.fromarray(picture).save(path, format="PNG", pnginfo=comment)
