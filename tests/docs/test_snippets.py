"""Every fenced `python` and `bash` block of the README and of the documentation runs."""

import re
from pathlib import Path

import pytest
from sample_files import write_samples
from snippets import run_document

from radloupe.inference import super_resolve
from radloupe.inference.memory import TYPICAL_BYTES

ROOT = Path(__file__).parents[2]
TRAIN = {"docs/tutorials/own-radiographs.md", "docs/tutorials/own-network.md"}
NEED = {"docs/how-to/monai.md": "monai"}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(python|bash)$", re.MULTILINE)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES if "generated" not in page.parts and BLOCK.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.long if name in TRAIN else ()) for name in NAMES])
def test_the_snippets_run(name, tmp_path, monkeypatch):
    if name in NEED:
        pytest.importorskip(NEED[name])
    write_samples(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(super_resolve, "resident_bytes", lambda: TYPICAL_BYTES)  # a process of its own, without the whole suite in it
    blocks = len(BLOCK.findall((ROOT / name).read_text(encoding="utf-8")))
    assert run_document(ROOT / name, ROOT) == blocks  # as many as are written: none is missed by the parser
