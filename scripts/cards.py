"""Write what follows from the manifests again: the cards of the shipped models, and the tables of docs/models.md.

python scripts/cards.py
"""

from collections.abc import Iterable
from pathlib import Path

from radloupe.zoo.card import card, summary
from radloupe.zoo.load import OF_PAPERS, SHIPPED, folders, manifests, shipped
from radloupe.zoo.manifest import CARD, read_manifest

ROOT = Path(__file__).parents[1]


def table(folders: Iterable[Path]) -> str:
    """Models as a Markdown table."""
    rows = [summary(read_manifest(folder)) for folder in folders]
    if not rows:
        return ""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def with_table(page: str) -> str:
    """A page's text with the tables between their marks."""
    for place, mark in ((SHIPPED, "models"), (OF_PAPERS, "papers")):
        begin, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
        before, rest = page.split(begin)
        page = before + begin + table(folders(place).values()) + end + rest.split(end)[1]
    return page


def main() -> None:
    """Write everything."""
    for manifest, folder in zip(manifests(), shipped().values(), strict=True):
        (folder / CARD).write_text(card(manifest), encoding="utf-8")
    models = ROOT / "docs" / "models.md"
    models.write_text(with_table(models.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
