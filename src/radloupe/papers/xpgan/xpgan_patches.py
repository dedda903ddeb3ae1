"""Patches of paediatric chest radiographs, degraded as in XPGAN (section "Experiments")."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import UInt

from radloupe.core import seeds
from radloupe.core.settings import validated, within
from radloupe.data.builder import Builder, Piece
from radloupe.data.collections import by_part, find_images, read_radiograph, shortage
from radloupe.data.degraded import lowered
from radloupe.data.patients import split

LAYOUT = "the JPEG files of Chest X-Ray Images (Pneumonia) (chest_xray/train/NORMAL/*.jpeg and so on)"
COMPLETE = 5856
FOLDERS = ("train", "val", "test", "NORMAL", "PNEUMONIA")


@validated
class XpganPatches:
    """Settings of the data set."""

    train: int = within(30_000, 1, 10**6)
    """Patches from the complete collection; fewer images give as many fewer."""
    validation: int = within(600, 0, 10**6)
    test: int = within(3000, 1, 10**6)
    side: int = within(256, 8, 4096)
    """Of a patch, in pixels."""
    overlap: int = within(128, 0, 4096)
    """Largest overlap of adjacent patches; the actual one is drawn for each."""
    scale: int = within(4, 1, 16)
    k: int = within(0, 0, 512)
    """Side of the moving average; 0 draws it from 1 to 40."""


def make(source: Path, settings: XpganPatches, seed: int) -> Iterator[Piece]:
    """Patches from every image of a part, in random order, until there are enough."""
    found = find_images(source, r"\.jpe?g$", LAYOUT, COMPLETE, FOLDERS)
    patients = {path: patient(path.name) for path in found}
    share = min(1.0, len(found) / COMPLETE)
    wanted = {part: round(getattr(settings, part) * share) or min(1, getattr(settings, part)) for part in ("train", "validation", "test")}
    for part, paths in by_part(found, split(patients.values(), wanted, seed), patients).items():
        yield from of_part(part, paths, patients, wanted[part], settings, seed)


def of_part(part: str, paths: list[Path], patients: dict[Path, str], wanted: int, settings: XpganPatches, seed: int) -> Iterator[Piece]:
    """As many patches from each image as make the wanted number; images that have fewer leave more to the next."""
    order = [paths[int(n)] for n in seeds.generator(seed, "order", part).permutation(len(paths))]
    made = 0
    for number, path in enumerate(order):
        quota = -(-(wanted - made) // (len(order) - number))
        for corner, high in cut(read_radiograph(path), settings, quota, seeds.generator(seed, "patches", part, number)):
            low, drawn = lowered(high, "xpgan", settings.scale, seed, part, made, settings={"k": settings.k})
            yield Piece(patients[path], part, {"high": high, "low": low}, {"source": path.name, "corner": corner, **drawn})
            made += 1
    shortage(wanted, made, f"patches for {part}")


def patient(name: str) -> str:
    """`person12` of pneumonia, `IM-0115` or `NORMAL2-IM-0115` of healthy children; other names up to the first `_`."""
    match = re.match(r"person\d+|(NORMAL2-)?IM-\d+", name)
    return match[0] if match else name.split(".")[0].split("_")[0]


def cut(
    pixels: UInt[np.ndarray, "y x"], settings: XpganPatches, count: int, rng: np.random.Generator
) -> Iterator[tuple[list[int], UInt[np.ndarray, "side side"]]]:
    """Random patches of an image, `count` at most, with their corners (y, x), from a grid whose strides are drawn; zeros lie beyond it."""
    side = settings.side
    rows, columns = (starts(n, settings, rng) for n in pixels.shape)
    padded = np.pad(pixels, [(0, max(0, line[-1] + side - n)) for line, n in zip((rows, columns), pixels.shape, strict=True)])
    corners = [(y, x) for y in rows for x in columns]
    for n in rng.permutation(len(corners))[:count]:
        y, x = corners[int(n)]
        yield [y, x], padded[y : y + side, x : x + side]


def starts(length: int, settings: XpganPatches, rng: np.random.Generator) -> list[int]:
    """First pixels of the patches along an axis: overlaps are drawn, and the last patch covers the end."""
    found = [0]
    while found[-1] + settings.side < length:
        found.append(found[-1] + settings.side - int(rng.integers(min(settings.overlap, settings.side - 1) + 1)))
    return found


XPGAN_PATCHES = Builder(make, XpganPatches(), LAYOUT, "XPGAN, Experiments")
