"""Files to images and back. Content decides a file's format on reading, its extension on writing."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from radloupe.core import files
from radloupe.core.errors import InputError, UsageError
from radloupe.core.limits import LIMITS, Limits
from radloupe.formats.contents import one_of
from radloupe.formats.detection import detect, format_for
from radloupe.formats.table import FORMATS, Format
from radloupe.imaging import geometry
from radloupe.imaging.image import Image, check


def read(path: str | Path | Sequence[Path], limits: Limits = LIMITS, series: str | None = None) -> Image:
    """Read an image: DICOM file or series folder, NIfTI, MetaImage, NRRD, PNG, TIFF or JPEG; or a list of the DICOM files of one series.

    Of a folder of several series, `series` names the one to read; an unknown name lists them all.

    Returns an `Image` whose pixels are finite, within the limits, in the unit its info names. Raises `InputError` for what cannot be
    used (damaged, mixed series, colour, absurd geometry) and `LimitError` for what is too large.
    """
    if not isinstance(path, str | Path):
        return check(FORMATS[0].load().read(path, limits), limits)
    path = Path(path)
    if not path.exists():
        raise InputError(f"There is no file or folder {path}.")
    if series is not None:
        return read(one_of(path, series, limits).files, limits)
    return check(detect(path, limits).load().read(path, limits), limits)


def write(
    image: Image,
    path: str | Path,
    overwrite: bool = False,
    blocks: Iterable[np.ndarray] | None = None,
    form: Format | None = None,
    inputs: Iterable[Path] = (),
) -> Path:
    """Write an image whole or not at all, in the format of the path's extension (or `form`); returns the path.

    An image that came from a DICOM series becomes a folder, whose name has no extension.

    Values go back to the stored type and bits of their unit. With `blocks` (2-D arrays of whole rows in stored order) the pixels
    come from there as they are made, and `image.pixels` may be a placeholder. `overwrite` replaces a file, or a folder in which everything
    is as this program wrote it; never one of the `inputs`. Raises `UsageError`, `InputError`, `LimitError`.
    """
    path = Path(path)
    geometry.check_straight(image.affine)
    form = form or (FORMATS[0] if image.source is not None and not path.suffix else format_for(path))
    module = form.load()
    folder = hasattr(module, "is_folder") and module.is_folder(image)
    if folder and path.name.lower().endswith(form.extensions):
        raise UsageError(f"Expected a folder for the {image.shape[0]} files of a series, found a file's name: {path}. Drop the extension.")
    with files.atomic(path, overwrite, folder, inputs=inputs) as temporary:
        module.write(image, image.slices() if blocks is None else blocks, temporary)
    return path
