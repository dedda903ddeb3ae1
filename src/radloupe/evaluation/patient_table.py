"""Whose image is whose. A patient is only ever named by a key that does not tell who it is."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from radloupe.core.errors import InputError
from radloupe.data.patients import patient_key
from radloupe.imaging.image import Image

NAME_FIELDS = ("image", "path", "high")
"""Where a row names its image, relative to the folder; `high` where a data set has pairs."""


@dataclass(frozen=True)
class PatientRow:
    """What a table says of one image; empty where it says nothing."""

    patient: str = ""
    split: str = ""


def patient_of(name: str, image: Image, table: Mapping[str, PatientRow]) -> str:
    """The key of an image's patient: from the table, else DICOM's PatientID, else the file's name up to the first `_`.

    Raises `InputError` for an image that a table with patients leaves out.
    """
    return known_patient(name, image, table) or patient_key(Path(name).name.split(".")[0].split("_")[0])


def known_patient(name: str, image: Image, table: Mapping[str, PatientRow]) -> str:
    """The key of an image's patient from the table, else DICOM's PatientID; empty where nothing but a file's name could tell.

    Raises as `patient_of`.
    """
    row = row_of(name, table)
    if not row.patient and any(other.patient for other in table.values()):
        raise InputError("Expected a patient for every image in the table of patients, found none for this one. Add a row.")
    patient = row.patient or (str(getattr(image.source[0], "PatientID", "") or "") if image.source else "")
    return patient_key(patient) if patient else ""


def row_of(name: str, table: Mapping[str, PatientRow]) -> PatientRow:
    """The row of an image by its path in the folder, else by its file name alone."""
    return table.get(name) or table.get(Path(name).name) or PatientRow()


def read_table(path: Path) -> dict[str, PatientRow]:
    """Rows by image from a `.jsonl` or `.csv` file with the columns image (or path, or high), patient and, if wanted, split.

    Raises `InputError` for a file that is missing, damaged, or has other columns.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        records = [json.loads(line) for line in text.splitlines() if line.strip()] if path.suffix == ".jsonl" else parse_csv(text)
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"Cannot read the table of patients {path}: {error}.") from error
    table: dict[str, PatientRow] = {}
    for number, record in enumerate(records, 1):
        name = next((record[f] for f in NAME_FIELDS if record.get(f)), None) if isinstance(record, dict) else None
        if not isinstance(name, str):
            raise InputError(f"Expected the name of an image as {', '.join(NAME_FIELDS)} in row {number} of {path}, found none.")
        table[name] = PatientRow(str(record.get("patient") or ""), str(record.get("split") or ""))
    if not table:
        raise InputError(f"Expected rows with the columns image and patient in {path}, found none.")
    return table


def parse_csv(text: str) -> list[dict[str, str]]:
    """The rows of a table with a header line."""
    return list(csv.DictReader(text.splitlines(), strict=True))
