"""Musculoskeletal radiographs with two degradations (AID-SRGAN, section 3): triplets of high, clean low and degraded low images."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from radloupe.core import seeds
from radloupe.core.settings import validated, within
from radloupe.data.builder import Builder, Piece
from radloupe.data.collections import find_images, read_radiograph, shortage
from radloupe.data.degraded import lowered

LAYOUT = "MURA-v1.1 as it is unpacked (train/XR_WRIST/patient00001/study1_positive/image1.png and so on)"
COMPLETE = {"train": 36_808, "valid": 3_197}
FOLDERS = tuple(f"XR_{name}" for name in ("ELBOW", "FINGER", "FOREARM", "HAND", "HUMERUS", "SHOULDER", "WRIST"))
SMALLEST = 96  # side of AID-SRGAN's patches
Preset = Literal["aid-paper", "aid-released", "aid-mini", "aid-plus"]


@validated
class MuraSr:
    """Settings of the training set."""

    degradation: Preset = "aid-paper"
    scale: int = within(4, 2, 8)
    train: int = within(4000, 1, COMPLETE["train"])
    validation: int = within(100, 0, COMPLETE["train"])
    """Images that select the checkpoint, of other patients than those of training; the paper has none."""


@validated
class MuraTest:
    """Settings of a test set."""

    degradation: Preset
    scale: int = within(4, 2, 8)
    test: int = within(100, 1, COMPLETE["valid"])


def make_training(source: Path, settings: MuraSr, seed: int) -> Iterator[Piece]:
    """Random images of the collection's training part; validation takes the first patients of the random order."""
    order = shuffled(source, "train", seed)
    apart = {patient(path) for path in order[: settings.validation]}
    validation = [path for path in order if patient(path) in apart][: settings.validation]
    train = [path for path in order if patient(path) not in apart]
    yield from triplets(train, "train", settings.train, settings.degradation, settings.scale, seed)
    yield from triplets(validation, "validation", settings.validation, settings.degradation, settings.scale, seed)


def make_test(source: Path, settings: MuraTest, seed: int) -> Iterator[Piece]:
    """Random images of the collection's validation part, whose patients are not in its training part; the same ones for each test set."""
    yield from triplets(shuffled(source, "valid", seed), "test", settings.test, settings.degradation, settings.scale, seed)


def shuffled(source: Path, part: str, seed: int) -> list[Path]:
    """All images of a part of the collection in a random order."""
    found = find_images(source, rf"(^|/){part}/XR_\w+/patient\d+/study\w+/[^/]+\.png$", LAYOUT, COMPLETE[part], FOLDERS)
    return [found[int(n)] for n in seeds.generator(seed, "mura", part).permutation(len(found))]


def patient(path: Path) -> str:
    """The folder of the patient."""
    return path.parts[-3]


def triplets(order: list[Path], part: str, count: int, preset: str, scale: int, seed: int) -> Iterator[Piece]:
    """The first images that are large enough for a patch, with their low images."""
    made = 0
    for path in order:
        if made == count:
            return
        pixels = read_radiograph(path)
        height, width = (n // scale * scale for n in pixels.shape)
        if min(height, width) < SMALLEST:
            continue
        high = np.ascontiguousarray(pixels[:height, :width])
        low, drawn = lowered(high, preset, scale, seed, part, made)
        clean, _ = lowered(high, "bicubic", scale, seed)
        region = path.parts[-4]
        yield Piece(patient(path), part, {"high": high, "low": low, "clean": clean}, {"region": region, **drawn})
        made += 1
    shortage(count, made, f"images for {part}")


MURA_SR = Builder(make_training, MuraSr(), LAYOUT, "AID-SRGAN, section 3, MURA-SR")
MURA_MINI = Builder(make_test, MuraTest("aid-mini"), LAYOUT, "AID-SRGAN, section 3, MURA-mini")
MURA_PLUS = Builder(make_test, MuraTest("aid-plus"), LAYOUT, "AID-SRGAN, section 3, MURA-plus")
