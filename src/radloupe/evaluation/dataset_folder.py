"""Evaluation images of a folder, with their splits and patients."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from radloupe.core.errors import InputError, UsageError
from radloupe.data.dataset_manifest import MANIFEST
from radloupe.data.folder import SPLITS, images_of, split_folders
from radloupe.evaluation.patient_table import PatientRow, PatientTable, read_table
from radloupe.formats.table import EXTENSIONS

PATIENTS = "patients.csv"


@dataclass(frozen=True)
class EvaluationItem:
    """Evaluation image: a file, or a subfolder that is one DICOM series."""

    name: str
    """Its path in the folder, with `/`."""
    path: Path
    split: str = "test"
    """`test` is measured; the other splits are only checked for leakage."""


@dataclass(frozen=True)
class ImageCollection:
    """Images of a folder in order of their names, with the table of their patients."""

    items: tuple[EvaluationItem, ...]
    patients: PatientTable


def collect(folder: Path, patients: Path | None = None) -> ImageCollection:
    """The images of a folder with their splits.

    The images are the rows of `manifest.jsonl`, else the files of the subfolders that are splits (`data.folder.SPLITS`), else those of the
    folder itself. The table of patients is `patients`, else the manifest, else `patients.csv` in the folder.

    Raises:
        UsageError: For a missing folder.
        InputError: For a folder without images to measure, or an unreadable table.

    """
    if not folder.is_dir():
        raise UsageError(f"Expected a folder of images as data, found none at {folder}.")
    manifest = read_table(folder / MANIFEST) if (folder / MANIFEST).exists() else None
    named = patients or (folder / PATIENTS if (folder / PATIENTS).exists() and not manifest else None)
    table = read_table(named) if named else manifest or PatientTable()
    items = tuple(listed(folder, manifest) if manifest else found(folder, table))
    if not any(item.split == "test" for item in items):
        searched = f"{folder}/test" if items else str(folder)
        raise InputError(f"Expected images to measure in {searched}, found none. Known: {' '.join(EXTENSIONS)}.")
    return ImageCollection(items, table)


def listed(folder: Path, manifest: PatientTable) -> Iterator[EvaluationItem]:
    """The images that a manifest names; raises `InputError` for a missing one, or one outside of the folder."""
    for name, row in sorted(manifest.rows.items()):
        path = folder / name
        if not path.exists() or not path.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"Expected the images that {folder / MANIFEST} names inside its folder, found no {name}.")
        yield EvaluationItem(name, path, split_of(row))


def found(folder: Path, table: PatientTable) -> Iterator[EvaluationItem]:
    """The images of the subfolders that are splits, or of the folder itself."""
    splits: dict[Path, str] = {**split_folders(folder)}
    for part in splits or [folder]:
        for path in images_of([part]):
            name = path.relative_to(folder).as_posix()
            yield EvaluationItem(name, path, splits.get(part) or split_of(table.row(name)))


def split_of(row: PatientRow) -> str:
    """Split of a table's row; `test` by default."""
    return SPLITS.get(row.split.lower(), row.split or "test")
