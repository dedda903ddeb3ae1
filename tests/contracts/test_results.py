"""The tables in docs/results are complete, say what they were made on, and are counted rightly in their index."""

import csv
import json
import runpy
from collections import Counter
from pathlib import Path

import pytest

from radloupe.metrics.statistics import FEWEST
from radloupe.papers.runner.paper_table import Column
from radloupe.papers.runner.stored_table import IMAGES, RECORD
from radloupe.papers.runner.table_report import PAGE
from radloupe.papers.runner.table_result import in_words, stated
from radloupe.papers.table_registry import TABLES

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "results"
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "results.py"))


def test_the_index_is_up_to_date():
    text = (RESULTS / "README.md").read_text(encoding="utf-8")
    assert SCRIPT["index"]() == text.split(SCRIPT["BEGIN"])[1].split(SCRIPT["END"])[0]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_what_it_was_made_on(name):
    record = json.loads((RESULTS / name.replace("/", "-") / RECORD).read_text(encoding="utf-8"))
    assert record["table"] == name
    header = record["header"]
    assert {"seed", "training_runs", "checkpoint", "budget", "hardware", "software", "commit", "data_sha256", "differs"} <= header.keys()
    assert all(len(digest) == 64 for digest in header["data_sha256"].values())


def in_order(found, expected):
    """Whether all of some names are expected, in the same order."""
    return list(found) == [name for name in expected if name in set(found)]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_every_row_column_and_relation_or_says_which_are_missing(name):
    table, folder = TABLES[name], RESULTS / name.replace("/", "-")
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    missing = record["header"].get("missing", "nothing")
    columns = [Column(**column["column"]) for column in record["columns"]]
    expected = [column.name for column in table.substitute_data.columns]
    assert in_order([column.name for column in columns], expected)
    assert all(one in missing for one in set(expected) - {column.name for column in columns})
    rows = [row.name for row in table.rows]
    for part, column in zip(record["columns"], columns, strict=True):
        assert in_order(part["rows"], rows)
        assert all(one in missing for one in set(rows) - part["rows"].keys())
        measured = [value for row in part["rows"].values() for value in row.values() if value["mean"] is not None]
        assert all((value["ci95"] is not None) == (part["patients"] >= FEWEST) for value in measured)
        relations = [one["claim"] for one in record["relations"] if one["column"] == column.name]
        assert relations == [in_words(table, claim) for claim in stated(table, column, list(part["rows"]))]
    with (folder / IMAGES).open(encoding="utf-8") as file:
        lines = Counter(line["column"] for line in csv.DictReader(file) if line["seed"] == str(record["header"]["seed"]))
    assert lines == {part["column"]["name"]: part["images"] * len(part["rows"]) for part in record["columns"]}
    page = (folder / PAGE).read_text(encoding="utf-8")
    assert all(f"]({image.name})" in page for image in folder.glob("*.png"))
