"""What the README and CONTRIBUTING say of the package is what the package says of itself; links lead somewhere."""

import re
from pathlib import Path

import pytest

from radloupe.zoo.load import manifests

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")] + sorted((ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
ROOMS = {path.parent.name for path in (ROOT / "src" / "radloupe").glob("*/__init__.py")}


def test_the_gain_in_the_readme_is_that_of_the_manifest():
    anatomy = next(m for m in manifests() if m.name == "xray-x4").metrics["anatomy"]
    low, high = anatomy["gain_db_ci95"]
    assert f"{anatomy['gain_db']:.2f} dB [{low:.2f}, {high:.2f}]" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_contributing_names_every_room():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    room_map = text.split("## Where things are")[1].split("```")[1]
    assert set(re.findall(r"(\w+)/", room_map)) == ROOMS


@pytest.mark.parametrize("page", [p for p in PAGES if "generated" not in p.parts], ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_to_files(page):
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link and not link.startswith("mailto:")]
    missing = [link for link in links if "generated/" not in link and not (page.parent / link).exists()]
    assert not missing  # those under docs/reference/generated are made and checked by `make docs`
