"""The images of a folder and the split that each belongs to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from radloupe.core.errors import InputError, UsageError
from radloupe.evaluation.patient_table import PatientRow, read_table, row_of
from radloupe.formats.table import EXTENSIONS, HEAD_BYTES, is_dicom

MANIFEST, PATIENTS = "manifest.jsonl", "patients.csv"
SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
"""Names of subfolders and of a table's splits."""


@dataclass(frozen=True)
class Entry:
    """An image of the folder: a file, or a subfolder that is one DICOM series."""

    name: str
    """Its path in the folder, with `/`."""
    path: Path
    split: str = "test"
    """`test` is measured; the other splits are only looked at for leakage."""


@dataclass(frozen=True)
class Collection:
    """A folder's images in order of their names, and what its table says of them."""

    entries: tuple[Entry, ...]
    table: Mapping[str, PatientRow]


def collect(folder: Path, patients: Path | None = None) -> Collection:
    """The images of a folder with their splits.

    The table is `patients`, else `manifest.jsonl`, else `patients.csv` in the folder, if there is one. The images are the rows of a
    manifest, else the files of the subfolders train, validation and test, else those of the folder itself. Raises `UsageError` for a
    missing folder, `InputError` where there is nothing to measure.
    """
    if not folder.is_dir():
        raise UsageError(f"Expected a folder of images as --data, found none at {folder}.")
    manifest = folder / MANIFEST
    found = next((path for path in (patients, manifest, folder / PATIENTS) if path and (path == patients or path.exists())), None)
    table = read_table(found) if found else {}
    rows = read_table(manifest) if manifest.exists() else None
    entries = tuple(listed(folder, rows) if rows else files_of(folder, table))
    if not any(entry.split == "test" for entry in entries):
        place = f"{folder}/test" if entries else str(folder)
        raise InputError(f"Expected images to measure in {place}, found none. Known: {' '.join(EXTENSIONS)}.")
    return Collection(entries, table)


def listed(folder: Path, rows: Mapping[str, PatientRow]) -> Iterator[Entry]:
    """The images that a manifest names; raises `InputError` for a missing one, or one outside of the folder."""
    for name, row in sorted(rows.items()):
        path = folder / name
        if not path.exists() or not path.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"Expected the images that {folder / MANIFEST} names inside its folder, found no {name}.")
        yield Entry(name, path, split_of(row))


def files_of(folder: Path, table: Mapping[str, PatientRow]) -> Iterator[Entry]:
    """The images of the subfolders that are splits, or of the folder itself."""
    parts = [path for path in sorted(folder.iterdir()) if path.is_dir() and path.name.lower() in SPLITS]
    for part in parts or [folder]:
        for path in sorted(part.iterdir()):
            if is_image(path):
                name = path.relative_to(folder).as_posix()
                yield Entry(name, path, SPLITS[part.name.lower()] if parts else split_of(row_of(name, table)))


def split_of(row: PatientRow) -> str:
    """The split that a table names; test where it names none."""
    return SPLITS.get(row.split.lower(), row.split or "test")


def is_image(path: Path) -> bool:
    """Whether a path is meant as an image: a known extension, DICOM content, or a subfolder with DICOM files (one series)."""
    if path.name.startswith("."):
        return False
    if path.is_dir():
        return any(item.is_file() and holds_dicom(item) for item in path.iterdir())
    return path.name.lower().endswith(EXTENSIONS) or holds_dicom(path)


def holds_dicom(path: Path) -> bool:
    """Whether a file begins as DICOM does."""
    with path.open("rb") as file:
        return is_dicom(file.read(HEAD_BYTES)) and path.name != "DICOMDIR"
