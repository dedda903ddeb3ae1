"""The site builds without a warning or a network; the generated pages name every row of the tables that they follow from."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLES = {
    "degradations": "radloupe.degradation:PRESETS",
    "losses": "radloupe.losses:LOSSES",
    "metrics": "radloupe.metrics:METRICS",
    "recipes": "radloupe.papers.recipes:RECIPES",
    "engines": "radloupe.drr.project_options:ENGINES",
}


@pytest.fixture
def pages(monkeypatch, tmp_path):
    """The functions that make the generated pages; images go to a folder of the test."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    generated = import_module("generated")
    monkeypatch.setattr(generated, "FOLDER", tmp_path)
    return generated.pages()


@pytest.mark.parametrize("page", TABLES)
def test_a_generated_page_has_a_line_for_every_row(pages, page):
    module, name = TABLES[page].split(":")
    text = pages[page]()
    rows = [row for row in getattr(import_module(module), name) if f"| `{row}` |" not in text]
    assert not rows


def test_the_map_has_a_line_for_every_package(pages):
    text = pages["rooms"]()
    packages = {path.parent.name for path in (ROOT / "src" / "radloupe").glob("*/__init__.py")}
    assert {package for package in packages if f"| `radloupe.{package}` | " in text} == packages


def test_the_command_line_page_has_every_command_and_option(pages):
    from radloupe.cli.main import COMMANDS

    text = pages["command-line"]()
    assert [command.__name__ for command in COMMANDS if f"\n## {command.__name__}\n" not in text] == []
    assert "`-o, --output`" in text and "| required |" in text


@pytest.mark.long
def test_the_site_builds_without_a_warning(tmp_path):
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet", ROOT / "docs", tmp_path / "site"]
    done = subprocess.run([*command, "--doctree-dir", tmp_path / "doctrees"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert not [source for source in page.split('src="')[1:] if source.startswith(("http:", "https:", "//"))]  # readable without a network
