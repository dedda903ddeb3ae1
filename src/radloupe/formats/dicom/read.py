"""Reading DICOM: all headers with their checks first, then the pixels."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from pydicom import Dataset

from radloupe.core.errors import InputError, LimitError
from radloupe.core.limits import LIMITS, Limits, check_shape
from radloupe.formats.contents import choice, survey
from radloupe.formats.dicom.frames import describe
from radloupe.formats.dicom.guard import reading
from radloupe.formats.dicom.header import check_pixels, load
from radloupe.formats.dicom.pixels import check_syntax, stored_frames
from radloupe.formats.dicom.series import arrange, check_same
from radloupe.formats.table import HEAD_BYTES, is_dicom
from radloupe.imaging import geometry
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage, from_stored, working_dtype

RADIOGRAPHS = ("CR", "DX", "DR", "RG", "MG", "XA", "RF", "PX", "IO", "RTIMAGE")


def read(path: Path | Sequence[Path], limits: Limits = LIMITS) -> Image:
    """Read a file, or a folder or list of files that is one series, with slices in order of their position in the patient.

    Returns pixels in Hounsfield units (CT) or rescaled as the header says, with `source` the data sets without pixels: one a slice, or
    the only one of a multi-frame object. Raises `InputError` and `LimitError`.
    """
    with reading(path if isinstance(path, Path) else path[0].parent):
        paths, headers = load_all(path, limits)
        for name, header in zip(paths, headers, strict=True):
            check_pixels(header, name, limits)
            check_syntax(header)
        check_same(headers)
        frames = describe(headers)
        order, affine = arrange(frames, limits)
        geometry.check(affine, limits)
        shape = (len(frames), int(headers[0].Rows), int(headers[0].Columns))
        check_shape(shape, limits)
        storages = [frame.storage for frame in frames]
        stored = (plane for name, header in zip(paths, headers, strict=True) for plane in stored_frames(name, header))
        pixels = fill(shape, storages, order, stored, limits)
        source = tuple(headers[i] for i in order) if len(headers) > 1 else tuple(headers)
        return Image(pixels, affine, pixel_info_of(headers[0], common(storages)), source=source)


def load_all(source: Path | Sequence[Path], limits: Limits) -> tuple[list[Path], list[Dataset]]:
    """The paths and headers of files, or of every image in a folder: DICOMDIR, reports and other files are skipped."""
    folder = source if isinstance(source, Path) and source.is_dir() else None
    if folder:
        paths = sorted(item for item in folder.iterdir() if item.is_file() and is_dicom_file(item))
    else:
        paths = [source] if isinstance(source, Path) else list(source)
    if len(paths) > limits.files:
        raise LimitError(f"Expected at most {limits.files} files in a series, found {len(paths)} in {paths[0].parent}. Split the series.")
    found = [(item, load(item, limits)) for item in paths]
    if folder:
        found = [(item, header) for item, header in found if "Rows" in header]
        check_one_series(folder, [header for _, header in found], limits)
    return [item for item, _ in found], [header for _, header in found]


def check_one_series(folder: Path, headers: Sequence[Dataset], limits: Limits) -> None:
    """Raise `InputError` for a folder without a series, or with several, naming them."""
    if not headers:
        raise InputError(f"Expected the DICOM files of one series, found none in {folder}. Give the folder that holds them directly.")
    series = {str(header.get("SeriesInstanceUID")) for header in headers}
    if len(series) > 1:
        found, _ = survey(folder, limits)
        raise InputError(
            f"Expected the slices of one series, found {len(series)} series in {folder}. {choice(found)} Read one of them by its name, "
            'as in read(folder, series="NAME"), or enlarge all with `radloupe upscale`.'
        )


def is_dicom_file(path: Path) -> bool:
    """Whether a file's first bytes are those of DICOM."""
    with path.open("rb") as file:
        return is_dicom(file.read(HEAD_BYTES))


def common(storages: Sequence[Storage]) -> Storage:
    """The storage of all frames; floating point where each has a rescale of its own (PET, some MR)."""
    return storages[0] if len(set(storages)) == 1 else Storage()


def fill(
    shape: tuple[int, int, int], storages: Sequence[Storage], order: Sequence[int], stored: Iterable[np.ndarray], limits: Limits
) -> np.ndarray:
    """Pixels `c z y x` from stored frames, each rescaled by its own storage and put at its index."""
    pixels = np.empty((1, *shape), working_dtype(common(storages)))
    for index, storage, plane in zip(np.argsort(order), storages, stored, strict=True):
        pixels[0, index] = from_stored(plane, storage, limits)
    return pixels


def pixel_info_of(header: Dataset, storage: Storage) -> PixelInfo:
    """Unit and modality of the values; MONOCHROME1 is kept as stored and marked."""
    inverted, modality = header.PhotometricInterpretation == "MONOCHROME1", header.get("Modality")
    if modality == "CT":
        return PixelInfo("HU", "CT", inverted, storage)
    if modality in RADIOGRAPHS:
        return PixelInfo("stored", "XR", inverted, storage)
    return PixelInfo("arbitrary", "MR" if modality == "MR" else "other", inverted, storage)
