"""Tables of images and their patients: `patients.csv`, `manifest.jsonl`, or the manifest of a data set."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from radloupe.core.errors import InputError
from radloupe.data import dataset_manifest
from radloupe.data.patients import patient_key
from radloupe.imaging.image import Image

NAME_FIELDS = ("image", "path", "high")
"""Columns for the image's path relative to the folder; `high` in data sets of pairs."""


@dataclass(frozen=True)
class Patient:
    """Patient: an identifier, or the key by which a data set replaces it. Only keys are printed."""

    identifier: str = field(repr=False)
    salt: str | None = None
    """Salt of the data set if `identifier` is a key; None for an identifier itself."""

    @property
    def key(self) -> str:
        """Key of the patient in results: the data set's own, else the unsalted one."""
        return self.identifier if self.salt is not None else patient_key(self.identifier)

    def key_with(self, salt: str) -> str | None:
        """Key under another data set's salt; None where only a key with a different salt is available."""
        if self.salt is None:
            return patient_key(self.identifier, salt)
        return self.identifier if self.salt == salt else None


@dataclass(frozen=True)
class PatientRow:
    """Row of a table; fields without an entry are empty."""

    patient: str = ""
    split: str = ""


@dataclass(frozen=True)
class PatientTable:
    """Patient table: rows by the name of their image."""

    rows: Mapping[str, PatientRow] = field(default_factory=dict)
    salt: str | None = None
    """Salt of the patients' keys in the manifest of a data set; None for identifiers."""

    def row(self, name: str) -> PatientRow:
        """Row of an image by its path in the folder, else by its file name; an empty row where there is none."""
        return self.rows.get(name) or self.rows.get(Path(name).name) or PatientRow()

    def stated_patient(self, name: str, image: Image) -> Patient | None:
        """Patient from the table, else from DICOM's PatientID; None where only the file name remains.

        Raises `InputError` for an image that is missing from a table with patients.
        """
        stated = self.row(name).patient
        if not stated and any(other.patient for other in self.rows.values()):
            raise InputError("Expected a patient for every image in the table of patients, found none for this one. Add a row.")
        if stated:
            return Patient(stated, self.salt)
        identifier = str(getattr(image.source[0], "PatientID", "") or "") if image.source else ""
        return Patient(identifier) if identifier else None

    def patient(self, name: str, image: Image) -> Patient:
        """`stated_patient`, else the part of the file name before its first `_`."""
        return self.stated_patient(name, image) or Patient(Path(name).name.split(".")[0].split("_")[0])


def read_table(path: Path) -> PatientTable:
    """The table in a `.jsonl` or `.csv` file with the columns image (or path, or high), patient and, if wanted, split.

    Raises `InputError` for a file that is missing, damaged, or has other columns.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        records = [json.loads(line) for line in text.splitlines() if line.strip()] if path.suffix == ".jsonl" else parse_csv(text)
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"Cannot read the table of patients {path}: {error}.") from error
    rows: dict[str, PatientRow] = {}
    for number, record in enumerate(records, 1):
        name = next((record[f] for f in NAME_FIELDS if record.get(f)), None) if isinstance(record, dict) else None
        if not isinstance(name, str):
            raise InputError(f"Expected the name of an image as {', '.join(NAME_FIELDS)} in row {number} of {path}, found none.")
        rows[name] = PatientRow(str(record.get("patient") or ""), str(record.get("split") or ""))
    if not rows:
        raise InputError(f"Expected rows with the columns image and patient in {path}, found none.")
    return PatientTable(rows, dataset_manifest.patient_salt(path.parent) if path.name == dataset_manifest.MANIFEST else None)


def parse_csv(text: str) -> list[dict[str, str]]:
    """The rows of a table with a header line."""
    return list(csv.DictReader(text.splitlines(), strict=True))
