"""Folders of images as `train --data` and `evaluate --data` take them: which paths are images, and which split each belongs to."""

from collections.abc import Iterator
from pathlib import Path

from radloupe import formats
from radloupe.core import seeds
from radloupe.core.errors import InputError
from radloupe.data.sources import Item, Part
from radloupe.formats.table import EXTENSIONS, HEAD_BYTES, is_dicom

SPLITS: dict[str, Part] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
"""The split that a subfolder, or a row of a table of patients, names; letter case does not matter."""
VALIDATION = 0.1
"""Share of the patients that validates where there is no validation folder."""


def split_folders(folder: Path) -> dict[Path, Part]:
    """The subfolders that are splits (`SPLITS`), in order of their names; empty where the images lie in the folder itself."""
    return {path: SPLITS[path.name.lower()] for path in sorted(folder.iterdir()) if path.is_dir() and path.name.lower() in SPLITS}


def images(folder: Path, part: Part) -> Iterator[Item]:
    """The images of a folder that belong to one part, each a file or a subfolder that is one DICOM series.

    With subfolders train and validation the parts are theirs. Otherwise a tenth of the patients validates: those of the subfolder train,
    or of the folder itself, chosen by a hash of the patient's name, so that adding images moves no other. Images of a test folder are
    never read.

    Args:
        folder: Holds images, or subfolders named as in `SPLITS`.
        part: `train` or `validation`.

    Raises:
        InputError: For no images, for images of fewer than two patients, or for a patient with images in both parts.

    """
    folders = split_folders(folder)
    by_part = {one: images_of([path for path, split in folders.items() if split == one]) for one in ("train", "validation")}
    if not by_part["validation"]:
        by_part = by_patient(by_part["train"] if folders else images_of([folder]), folder)
    shared = {patient(path) for path in by_part["train"]} & {patient(path) for path in by_part["validation"]}
    if shared or not by_part["train"]:
        found = f"{len(shared)} patient(s) with images in both" if shared else "no images to train on"
        raise InputError(f"Expected images of other patients in train than in validation of {folder}, found {found}. Move them.")
    for path in by_part[part]:
        yield Item(patient(path), path.name, formats.read(path))


def by_patient(paths: list[Path], folder: Path) -> dict[str, list[Path]]:
    """Images split by patient into train and validation."""
    patients = sorted({patient(path) for path in paths})
    if len(patients) < 2:
        raise InputError(
            f"Expected images of at least two patients in {folder}, found those of {len(patients)}. Name them patient_image.png."
        )
    ranked = sorted(patients, key=lambda name: seeds.generator(0, "split", name).random())
    validation = set(ranked[: max(1, round(VALIDATION * len(ranked)))])
    return {
        "train": [path for path in paths if patient(path) not in validation],
        "validation": [path for path in paths if patient(path) in validation],
    }


def images_of(folders: list[Path]) -> list[Path]:
    """The images that lie directly in some folders, in order of their names."""
    return [path for folder in folders for path in sorted(folder.iterdir()) if is_image(path)]


def is_image(path: Path) -> bool:
    """Whether a path is meant as an image: a known extension, DICOM content, or a subfolder with DICOM files (one series)."""
    if path.name.startswith("."):
        return False
    if path.is_dir():
        return any(item.is_file() and holds_dicom(item) for item in path.iterdir())
    return path.name.lower().endswith(EXTENSIONS) or (path.is_file() and holds_dicom(path))  # a FIFO would be waited for


def holds_dicom(path: Path) -> bool:
    """Whether a file begins as DICOM does."""
    with path.open("rb") as file:
        return is_dicom(file.read(HEAD_BYTES)) and path.name != "DICOMDIR"


def patient(path: Path) -> str:
    """The patient that a file name tells: what stands before the first `_`, else the name without its extension."""
    return path.name.split("_")[0] if "_" in path.name else path.name.split(".")[0]
