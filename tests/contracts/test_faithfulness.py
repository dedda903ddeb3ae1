"""Every deviation from a paper names a switch that exists."""

import re
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

TABLE = (Path(__file__).parents[2] / "docs" / "faithfulness.md").read_text()
ROWS = [line.strip("|").split("|") for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith("| decision")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip())
def test_the_switch_is_alive(row):
    assert len(row) == 4
    symbols = re.findall(r"`(radloupe[\w.]*):([\w.]+)`", row[3])
    assert symbols, "a row names its switch as `module:attribute`"
    for module, attribute in symbols:
        reduce(getattr, attribute.split("."), import_module(module))


def test_the_table_is_not_empty():
    assert len(ROWS) >= 18
