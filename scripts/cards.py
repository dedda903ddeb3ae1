"""Write what follows from the manifests again: the cards of the shipped models, the README's tables and its picture.

python scripts/cards.py
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image as Picture

from radloupe.cli.demo import SAMPLES, enlarge_sample, show
from radloupe.zoo.card import card, summary
from radloupe.zoo.load import OF_PAPERS, SHIPPED, folders, manifests, shipped
from radloupe.zoo.manifest import CARD, read_manifest

ROOT = Path(__file__).parents[1]
PANEL = 256  # pixels a side of each part of the picture


def table(folders: Iterable[Path]) -> str:
    """Models as a Markdown table."""
    rows = [summary(read_manifest(folder)) for folder in folders]
    if not rows:
        return ""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def with_table(readme: str) -> str:
    """The README's text with the tables between their marks."""
    for place, mark in ((SHIPPED, "models"), (OF_PAPERS, "papers")):
        begin, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
        before, rest = readme.split(begin)
        readme = before + begin + table(folders(place).values()) + end + rest.split(end)[1]
    return readme


def picture() -> Picture.Image:
    """The liveliest region of each sample: nearest neighbour, bicubic, Radloupe, side by side."""
    rows = []
    for name, title in SAMPLES.items():
        part = show(enlarge_sample(name), title)
        rows.append(np.hstack([enlarge(panel.pixels[part.region]) for panel in part.panels]))
    return Picture.fromarray(np.vstack(rows))


def enlarge(pixels: np.ndarray) -> np.ndarray:
    """Grey levels repeated to about a panel's size, with a rim."""
    times = PANEL // pixels.shape[0]
    whole = np.zeros((PANEL, PANEL), np.uint8)
    first = (PANEL - times * pixels.shape[0]) // 2
    whole[first : first + times * pixels.shape[0], first : first + times * pixels.shape[1]] = np.kron(
        pixels, np.ones((times,) * 2, np.uint8)
    )
    return np.pad(whole, 4, constant_values=255)


def main() -> None:
    """Write everything."""
    for manifest, folder in zip(manifests(), shipped().values(), strict=True):
        (folder / CARD).write_text(card(manifest), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(with_table(readme.read_text(encoding="utf-8")), encoding="utf-8")
    picture().save(ROOT / "docs" / "demo.png", optimize=True)


if __name__ == "__main__":
    main()
