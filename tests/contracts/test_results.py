"""The tables in docs/results are complete, say what they were made on, and are counted rightly in their index."""

import csv
import json
import runpy
from pathlib import Path

import pytest

from radloupe.metrics.statistics import FEWEST
from radloupe.papers.runner.stored_table import IMAGES, RECORD
from radloupe.papers.runner.table_report import PAGE
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
    assert {"seed", "budget", "hardware", "software", "data_sha256", "differs"} <= header.keys()
    assert all(len(digest) == 64 for digest in header["data_sha256"].values())


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_every_row_column_and_relation(name):
    table, folder = TABLES[name], RESULTS / name.replace("/", "-")
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    assert [column["column"]["name"] for column in record["columns"]] == [column.name for column in table.substitute_data.columns]
    for column in record["columns"]:
        assert list(column["rows"]) == [row.name for row in table.rows]
        measured = [value for row in column["rows"].values() for value in row.values() if value["mean"] is not None]
        assert all((value["ci95"] is not None) == (column["patients"] >= FEWEST) for value in measured)
    assert len(record["relations"]) == sum(len(claim.columns or table.substitute_data.columns) for claim in table.claims)
    with (folder / IMAGES).open(encoding="utf-8") as file:
        assert sum(1 for _ in csv.DictReader(file)) == sum(column["images"] for column in record["columns"]) * len(table.rows)
    page = (folder / PAGE).read_text(encoding="utf-8")
    assert all(f"]({image.name})" in page for image in folder.glob("*.png"))
