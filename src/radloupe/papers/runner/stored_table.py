"""Reads a finished table from its folder, with the keys of today or those of version 0.1."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radloupe.core.errors import InputError
from radloupe.evaluation.paired_metrics import ImageMetrics

IMAGES, RECORD = "images.csv", "table.json"
OLD_KEYS = {"trial": "column", "figure": "metric", "only": "test_items", "through": "translator", "printed": "printed_column"}
"""Today's names of version 0.1's keys of a column, a relation or a CSV header."""

Record = dict[str, Any]
ImagesByColumn = dict[str, list[ImageMetrics]]


def read_table(folder: Path) -> tuple[Record, ImagesByColumn]:
    """The record of a table (`table.json`) and the metrics of every test image by column (`images.csv`).

    Raises `OSError` or `ValueError` for files that are missing or no JSON, `InputError` for a CSV without the columns of a table.
    """
    record = translated(json.loads((folder / RECORD).read_text(encoding="utf-8")))
    columns: dict[str, dict[tuple[str, int], ImageMetrics]] = {}
    with (folder / IMAGES).open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            values = renamed(line)
            if not {"column", "image", "patient", "row"} <= values.keys():
                raise InputError(f"Expected the columns column, image, patient and row in {folder / IMAGES}, found {', '.join(line)}.")
            column, image, patient, row = (values.pop(key) for key in ("column", "image", "patient", "row"))
            seed = int(values.pop("seed", record.get("header", {}).get("seed", 0)))
            found = columns.setdefault(column, {}).setdefault((image, seed), ImageMetrics(image, patient, {}, seed=seed))
            found.metrics[row] = {metric: float(value) for metric, value in values.items()}
    return record, {name: list(images.values()) for name, images in columns.items()}


def translated(record: Mapping[str, Any]) -> Record:
    """A table's record with the keys of today."""
    columns = [renamed(part) for part in record["columns"]]
    return {
        **record,
        "columns": [part | {"column": renamed(part["column"])} for part in columns],
        "relations": [renamed(relation) for relation in record["relations"]],
    }


def renamed(values: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping whose `OLD_KEYS` are renamed."""
    return {OLD_KEYS.get(key, key): value for key, value in values.items()}
