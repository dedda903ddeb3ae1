"""One word for one thing: the project speaks the field's language, in code and in prose (docs/glossary.md)."""

import ast
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "radloupe"
RETIRED_NAMES = {
    *("aim", "aims", "duel", "duels", "game", "games", "keeper", "beginnings", "begin_from", "machinery"),
    *("matter", "slabs", "crossings", "aiming", "shots", "stand_in", "stand_ins", "reach", "told", "meaning"),
    *("picture", "pictures", "figure", "figures", "trial", "trials", "way", "ways", "place", "places", "said"),
}
"""Identifiers that the glossary replaces; private words of an earlier version."""
RETIRED_PROSE = re.compile(
    r"\b(duels?|keeper|beginnings|what is made smaller|stand-ins?|pictures?)\b"
    r"|(?<!\{)\bfigures?\b(?! (of )?\d)(?!\})",  # an illustration with its number, or MyST's directive, is a figure
    re.IGNORECASE,
)
TRANSLATORS = {
    SOURCE / "zoo" / "old_recipes.py",
    SOURCE / "papers" / "runner" / "stored_table.py",
    SOURCE / "networks" / "architecture.py",
}
"""Where files of earlier versions are read."""
CONTRACT = {(SOURCE / "imaging" / "image.py", "meaning"), (SOURCE / "formats" / "dicom" / "derive.py", "meaning")}
"""Names of the public interface that stay beside the field's, and those of a library."""


def names_in(path):
    """The identifiers of a file, with their lines: definitions, arguments, attributes, keywords."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            yield node.arg, node.lineno


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_identifiers_are_the_fields_words(path):
    if path in TRANSLATORS:
        return
    found = [f"{path.relative_to(ROOT)}:{line}: {name}" for name, line in names_in(path) if name.lower() in RETIRED_NAMES]
    assert not [one for one in found if (path, one.rsplit(" ", 1)[-1]) not in CONTRACT]


def prose_in(path):
    """Comments, docstrings and messages of a file, with their lines."""
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                for offset, line in enumerate(token.string.splitlines()):
                    yield line, token.start[0] + offset


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_docstrings_comments_and_messages_are_in_the_fields_words(path):
    if path in TRANSLATORS:
        return
    assert not [f"{path.relative_to(ROOT)}:{number}: {line.strip()}" for line, number in prose_in(path) if RETIRED_PROSE.search(line)]


@pytest.mark.parametrize("path", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]), ids=lambda p: str(p.relative_to(ROOT)))
def test_prose_is_in_the_fields_words(path):
    if path.name == "CHANGELOG.md":
        return  # it tells what was renamed
    found = [f"{number}: {line.strip()}" for number, line in enumerate(path.read_text().splitlines(), 1) if RETIRED_PROSE.search(line)]
    assert not found
