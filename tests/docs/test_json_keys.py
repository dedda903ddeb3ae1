"""The page of JSON keys names every command that prints JSON, and every key of a row of `upscale`."""

import json
import re
from inspect import signature
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from radloupe.cli.main import COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "json.md").read_text()
WORDS = set(re.findall(r"`([\w-]+)`", PAGE))
PRINTING = [command.__name__ for command in COMMANDS if "as_json" in signature(command).parameters]


@pytest.mark.parametrize("command", PRINTING)
def test_every_command_that_prints_json_is_there(command):
    assert command in WORDS


@pytest.mark.parametrize(
    ("command", "more"), [("upscale", ("--scale", 2)), ("degrade", ("--preset", "bicubic", "--scale", 2))], ids=("upscale", "degrade")
)
def test_every_key_of_a_row_is_there(command, more, radloupe, tmp_path):
    code, out, err = radloupe(command, get_testdata_file("MR_small.dcm"), "-o", tmp_path / "out.dcm", *more, "--json")
    assert code == 0, err
    assert json.loads(out)["outputs"][0].keys() <= WORDS


def test_every_key_of_info_is_there(radloupe):
    assert json.loads(radloupe("info", get_testdata_file("MR_small.dcm"), "--json")[1]).keys() <= WORDS
