"""Chest radiographs with a reference of another patient (TTSR-FD, section 4.1, ChestXrayRef)."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from radloupe.core import seeds
from radloupe.core.settings import validated, within
from radloupe.data.builder import Builder, Piece
from radloupe.data.collections import by_part, find_images, read_radiograph, shortage
from radloupe.data.patients import split
from radloupe.degradation.resample import Resize
from radloupe.degradation.step import whole

LAYOUT = "the PNG files of ChestX-ray14 (images/*.png, or images_001/images/*.png and so on)"
COMPLETE = 112_120
FOLDERS = tuple(f"images_{number:03d}" for number in range(1, 13))


@validated
class ChestxrayRef:
    """Settings of the data set."""

    train: int = within(1298, 1, COMPLETE)
    """Pairs to train on, as in the paper."""
    validation: int = within(23, 0, COMPLETE)
    """Pairs that select the checkpoint; the paper has none."""
    test: int = within(23, 1, COMPLETE)
    size: int = within(512, 16, 4096)
    """Rows and columns that every image is resized to."""


def make(source: Path, settings: ChestxrayRef, seed: int) -> Iterator[Piece]:
    """Random images, each with the next image of another patient in its part as the reference."""
    found = find_images(source, r"(^|/)\d{8}_\d{3}\.png$", LAYOUT, COMPLETE, FOLDERS)
    patients = {path: path.name.split("_")[0] for path in found}
    wanted = {"train": settings.train, "validation": settings.validation, "test": settings.test}
    parts = by_part(found, split(patients.values(), wanted, seed), patients)
    for part, paths in parts.items():
        order = [paths[int(n)] for n in seeds.generator(seed, "chestxray", part).permutation(len(paths))]
        for n in range(shortage(wanted[part], len(order), f"pairs for {part}")):
            high = order[n]
            others = (path for path in (*order[n + 1 :], *order[:n]) if patients[path] != patients[high])
            reference = next(others, high)
            yield Piece(
                patients[high],
                part,
                {"high": resized(read_radiograph(high), settings.size), "reference": resized(read_radiograph(reference), settings.size)},
                {"source": high.name, "reference": reference.name},
            )


def resized(pixels: np.ndarray, size: int) -> np.ndarray:
    """An image at size x size by antialiased bicubic, in its own type."""
    resize = Resize(size, size, "bicubic")
    return np.clip(whole(resize(pixels.astype(np.float64))), 0, np.iinfo(pixels.dtype).max).astype(pixels.dtype)


CHESTXRAY_REF = Builder(make, ChestxrayRef(), LAYOUT, "TTSR-FD, section 4.1")
