"""Finding and reading the images of a collection as it was downloaded."""

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from radloupe import formats
from radloupe.core.errors import InputError, RadloupeError, RadloupeWarning
from radloupe.data.degraded import GreyPixels
from radloupe.formats.table import HEAD_BYTES, is_dicom
from radloupe.imaging.image import Image

VOLUMES = (".nii.gz", ".nii", ".nrrd", ".mha", ".mhd")
STACKS = (*VOLUMES, ".tif", ".tiff")  # formats of micro-CT
PATIENT = re.compile(r"(?:patient|subject|case)[-_]?\d+", re.IGNORECASE)


def find_images(source: Path, pattern: str, layout: str, complete: int, folders: Sequence[str] = ()) -> list[Path]:
    """The files below a folder whose relative path matches a pattern, sorted by path.

    Warns where there are fewer than in the complete collection, naming those of its `folders` that are empty, unless it is laid out
    without them; raises `InputError`, naming the layout, where there is none.
    """
    found = [path for path in sorted(source.rglob("*")) if re.search(pattern, path.relative_to(source).as_posix(), re.IGNORECASE)]
    found = [path for path in found if path.is_file() and not path.name.startswith(".")]
    if not found:
        raise InputError(f"Expected {layout}, found none in {source}. Point `source` at the folder that the download was unpacked to.")
    if len(found) < complete:
        seen = {name for path in found for name in path.relative_to(source).parts}
        empty = [name for name in folders if name not in seen] if seen.intersection(folders) else []
        where = f" There is nothing in {', '.join(empty)}." if empty else ""
        text = f"The source holds {len(found)} of the collection's {complete} images; {complete - len(found)} are missing.{where}"
        warnings.warn(text, RadloupeWarning, stacklevel=3)
    return found


def volumes(source: Path, layout: str, extensions: tuple[str, ...] = VOLUMES) -> list[Path]:
    """Volume files and folders of DICOM files below a folder, sorted; raises `InputError` where there is none."""
    found = [path for path in sorted(source.rglob("*")) if not path.name.startswith(".") and is_volume(path, extensions)]
    if not found:
        raise InputError(f"Expected {layout}, found none in {source}.")
    return found


def is_volume(path: Path, extensions: tuple[str, ...]) -> bool:
    """Whether a path is a volume file, or a folder with DICOM files in it."""
    if path.is_file():
        return path.name.lower().endswith(extensions)
    first = next((item for item in sorted(path.iterdir()) if item.is_file() and item.name != "DICOMDIR"), None)
    if first is None:
        return False
    with first.open("rb") as file:
        return is_dicom(file.read(HEAD_BYTES))


def patient_of(path: Path, source: Path) -> str:
    """`patient01` (subject, case) where the path says so; else the folder of the patient, or the file's name up to the first `_` or `.`."""
    inside = path.relative_to(source)
    if named := PATIENT.search(inside.as_posix()):
        return named[0].lower()
    return inside.parts[0] if len(inside.parts) > 1 or path.is_dir() else re.split(r"[_.]", path.name)[0]


def read(path: Path) -> Image:
    """Read an image of the collection; errors name its path."""
    try:
        return formats.read(path)
    except RadloupeError as error:
        raise type(error)(f"{path}: {error}") from error


def read_radiograph(path: Path) -> GreyPixels:
    """Pixels (y, x) of a radiograph of 8 or 16 bits, larger is brighter; raises `InputError` for another image."""
    image = read(path)
    if image.pixels.shape[:2] != (1, 1) or image.pixels.dtype not in (np.uint8, np.uint16) or image.info.inverted:
        found = f"one of shape {image.pixels.shape} and type {image.pixels.dtype}{', inverted' if image.info.inverted else ''}"
        raise InputError(f"Expected one grey image of 8 or 16 bits that is not inverted, found {found} in {path}.")
    return image.pixels[0, 0]


def shortage(wanted: int, found: int, what: str) -> int:
    """The smaller of two numbers, with a warning where that is not the wanted one."""
    if found < wanted:
        warnings.warn(f"The source gives {found} {what}, not {wanted}.", RadloupeWarning, stacklevel=3)
    return min(wanted, found)


def by_part(items: Iterable[Path], part_of: Mapping[str, str], patients: Mapping[Path, str]) -> dict[str, list[Path]]:
    """The items of each part, in their order."""
    parts: dict[str, list[Path]] = {name: [] for name in ("train", "validation", "test")}
    for item in items:
        parts[part_of[patients[item]]].append(item)
    return parts
