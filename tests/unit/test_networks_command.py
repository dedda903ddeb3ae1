"""`radloupe networks` and the page that is made of the same facts."""

import json
import runpy
from pathlib import Path

import pytest

from radloupe.networks.facts import survey
from radloupe.networks.registry import NETWORKS

ROOT = Path(__file__).parents[2]
KEYS = {"name", "paper", "scale", "parameters", "reach", "channels", "dimensions", "size_multiple", "minimum_size", "needs"}
KEYS |= {"receptive_field_radius"}  # the field's word for `reach`
NAMED = "ttsr-x4 xpgan-x4 transform-mri-x2 aid-srgan-x4 aid-srgan-plus-x4 edsr-baseline-x4 rcan-x4 rrdb-x4 dncnn-x1 cyclegan-9-x1"
COUNTED = ("edsr-baseline", "xpgan", "swinir-light")  # the others' multiplications take longer; `make tables` writes them


@pytest.fixture(scope="module")
def listed():
    return list(survey())


@pytest.fixture
def known(listed, monkeypatch):
    """The survey's rows, made once for all tests."""
    monkeypatch.setattr("radloupe.networks.facts.survey", lambda: iter(listed))


def test_json_is_one_list_with_the_fields_of_the_interface(radloupe, known):
    code, out, err = radloupe("networks", "--json")
    rows = json.loads(out)
    assert (code, err) == (0, "")
    assert all(row.keys() == KEYS for row in rows)
    assert [row["name"] for row in rows] == [f"{name}-x{scale}" for name in NETWORKS for scale in NETWORKS[name].scales]
    assert set(NAMED.split()) <= {row["name"] for row in rows}
    needs = {row["name"]: row["needs"] for row in rows}
    assert (needs["ttsr-x4"], needs["srmd-x4"], needs["dpsr-x4"], needs["rcan-x4"]) == (["reference"], ["kernel", "noise"], ["noise"], [])
    reach = {row["name"]: row["reach"] for row in rows}
    assert {row["name"]: row["receptive_field_radius"] for row in rows} == reach  # one value under the old and the field's name
    assert reach["rcan-x4"] is None  # JSON has no infinity
    assert reach["edsr-baseline-x4"] > 30


def test_a_person_reads_a_table(radloupe, known):
    code, out, err = radloupe("networks")
    assert (code, err) == (0, "")
    assert "edsr-baseline-x4" in out
    assert "global" in out


def test_the_page_is_what_make_docs_would_write(listed):
    script = runpy.run_path(str(ROOT / "scripts" / "networks_table.py"))
    text = (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")
    assert text.startswith(script["HEAD"]), "run `make tables`"
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")]
    facts = {row["name"]: row for row in listed}
    fresh = [script["line"](name, facts, count=name in COUNTED) for name in NETWORKS]
    assert [cells[:-1] for cells in lines] == [cells[:-1] for cells in fresh], "run `make tables`"
    assert all(new[-1] in ("", old[-1]) and old[-1] for old, new in zip(lines, fresh, strict=True)), "run `make tables`"
    notes = [f"* `{name}`: {NETWORKS[name].note}" for name in NETWORKS if NETWORKS[name].note]
    assert [line for line in text.splitlines() if line.startswith("* ")] == notes, "run `make tables`"
