"""Files to images and back. Content decides a file's format on reading, its extension on writing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from radloupe.core import files
from radloupe.core.errors import InputError, UsageError
from radloupe.core.limits import LIMITS, Limits
from radloupe.core.tables import check_choice
from radloupe.formats.contents import one_of
from radloupe.formats.detection import detect, format_for
from radloupe.formats.table import FORMATS, Format
from radloupe.imaging import geometry
from radloupe.imaging.image import Image, check
from radloupe.imaging.modality import Modality
from radloupe.imaging.pixel_info import UNIT_OF


def read(path: str | Path | Sequence[Path], limits: Limits = LIMITS, series: str | None = None, modality: str | None = None) -> Image:
    """Image of a DICOM file or series folder, a NIfTI, MetaImage, NRRD, PNG, TIFF or JPEG file.

    Args:
        path: A file, a folder of one DICOM series, or a list of the DICOM files of one series. Content decides the format.
        limits: Bounds on its size.
        series: Of a folder of several series, the one to read; an unknown name lists them all.
        modality: `XR`, `CT` or `MR`, for formats that cannot say; it replaces what is guessed.

    Returns:
        An `Image` of finite pixels within the limits, in the unit that its `info` names.

    Raises:
        UsageError: For an unknown modality.
        InputError: For what cannot be used: damaged, mixed series, colour, absurd geometry, or a DICOM header of another modality.
        LimitError: For what is too large.

    >>> from pydicom.data import get_testdata_file
    >>> image = read(get_testdata_file("CT_small.dcm"))
    >>> image.info.modality, image.shape, image.spacing
    ('CT', (1, 128, 128), (0.661468, 0.661468, 5.0))

    """
    if modality is not None:
        check_choice("modality", modality, UNIT_OF)
        return with_modality(read(path, limits, series), cast(Modality, modality))
    if not isinstance(path, str | Path):
        return check(FORMATS[0].load().read(path, limits), limits)
    path = Path(path)
    if not path.exists():
        raise InputError(f"There is no file or folder {path}.")
    if series is not None:
        return read(one_of(path, series, limits).files, limits)
    return check(detect(path, limits).load().read(path, limits), limits)


def with_modality(image: Image, modality: Modality) -> Image:
    """The image as one of a modality, in its usual unit; raises `InputError` where a DICOM header names another one."""
    found = image.info.modality
    if found == modality:
        return image
    if image.source is not None and found != "other":
        raise InputError(f"Expected an image of the modality {modality}, found {found} in its DICOM header. Leave out `modality`.")
    return replace(image, info=replace(image.info, modality=modality, unit=UNIT_OF[modality]))


def write(
    image: Image,
    path: str | Path,
    overwrite: bool = False,
    blocks: Iterable[np.ndarray] | None = None,
    form: Format | None = None,
    inputs: Iterable[Path] = (),
) -> Path:
    """Write an image whole or not at all, its values in the stored type and bits of their unit.

    Args:
        image: What to write. One that came from a DICOM series becomes a folder of files.
        path: The file, whose extension decides the format, or the folder, whose name has no extension.
        overwrite: Whether to replace a file, or a folder in which everything is as this program wrote it.
        blocks: 2-D arrays of whole rows in stored order, as they are computed; `image.pixels` may then be a placeholder.
        form: The format, where the extension is not to decide.
        inputs: Paths that are never replaced.

    Returns:
        The path.

    Raises:
        UsageError: For an output that exists, or a format that is not written.
        InputError: For sheared geometry, or an image that the format cannot hold.
        LimitError: For a full disk.

    >>> from tempfile import TemporaryDirectory
    >>> image = Image(np.arange(12, dtype=np.uint8).reshape(1, 1, 3, 4))
    >>> with TemporaryDirectory() as folder:
    ...     bool((read(write(image, f"{folder}/ramp.nii.gz")).pixels == image.pixels).all())
    True

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
