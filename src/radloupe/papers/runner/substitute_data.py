"""Substitute data: data sets in the papers' layout from the collections of `data.sources`, with their split."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import UInt

from radloupe.core import seeds
from radloupe.core.settings import validated, within
from radloupe.data.builder import Builder, Piece
from radloupe.data.degraded import lowered
from radloupe.data.sources import Item, Part, brain_mri, chest_xrays
from radloupe.papers.transform_mri.mri_slices import TOP
from radloupe.papers.ttsr_fd.chestxray_ref import resized
from radloupe.papers.xpgan.xpgan_patches import XpganPatches, cut

PARTS: tuple[Part, ...] = ("train", "validation", "test")
CHEST = "chest_xray/nih/*.png, frontal chest radiographs named PATIENT_visit.png"
BRAINS = "mri/openms_patient*_*.nii.gz, T1, T2 and FLAIR volumes"


@validated
class Radiographs:
    """Settings of the data set."""

    size: int = within(512, 16, 4096)
    """Rows and columns that every image is resized to."""
    scale: int = within(4, 2, 8)
    degradation: str = "aid-paper"
    """Preset of the low images, where they are stored."""
    most: int = within(10**6, 1, 10**6)
    """Images of a part, at most."""


@validated
class Patches:
    """Settings of the data set."""

    train: int = within(10, 1, 10**4)
    """Patches from each image."""
    test: int = within(6, 1, 10**4)
    side: int = within(256, 8, 4096)
    most: int = within(10**6, 1, 10**6)


@validated
class Slices:
    """Settings of the data set."""

    every: int = within(4, 1, 100)
    """Step between validation and test slices: neighbouring slices are similar."""


def radiographs(source: Path, part: Part, settings: Radiographs) -> list[tuple[Item, UInt[np.ndarray, "y x"]]]:
    """The images of a part, resized."""
    items = list(chest_xrays(source, part))[: settings.most]
    return [(item, resized(item.image.pixels[0, 0], settings.size)) for item in items]


def pairs_with_reference(source: Path, settings: Radiographs, seed: int) -> Iterator[Piece]:
    """Every image with a random other one of its part as the reference."""
    for part in PARTS:
        found = radiographs(source, part, settings)
        order = seeds.generator(seed, "reference", part).permutation(len(found))
        for index, (item, high) in enumerate(found):
            other, reference = found[int(order[(int(np.argsort(order)[index]) + 1) % len(order)])]
            yield Piece(item.patient, part, {"high": high, "reference": reference}, {"source": item.name, "reference": other.name})


def triplets(source: Path, settings: Radiographs, seed: int) -> Iterator[Piece]:
    """Every image with its degraded and its clean low image."""
    for part in PARTS:
        for number, (item, high) in enumerate(radiographs(source, part, settings)):
            low, drawn = lowered(high, settings.degradation, settings.scale, seed, part, number)
            clean, _ = lowered(high, "bicubic", settings.scale, seed)
            yield Piece(item.patient, part, {"high": high, "low": low, "clean": clean}, {"source": item.name, **drawn})


def patches(source: Path, settings: Patches, seed: int) -> Iterator[Piece]:
    """Patches from every image, with XPGAN's low images of a random blur."""
    for part in PARTS:
        count = settings.train if part == "train" else settings.test
        for number, item in enumerate(list(chest_xrays(source, part))[: settings.most]):
            rng = seeds.generator(seed, "patches", part, number)
            grid = XpganPatches(side=settings.side, overlap=settings.side // 2)
            for corner, high in cut(item.image.pixels[0, 0], grid, count, rng):
                low, drawn = lowered(high, "xpgan", 4, seed, part, number, *corner)
                yield Piece(item.patient, part, {"high": high, "low": low}, {"source": item.name, "corner": corner, **drawn})


def slices(source: Path, settings: Slices, seed: int) -> Iterator[Piece]:
    """Slices of every volume in 16 bits, from zero to the volume's largest value."""
    for part in PARTS:
        for item in brain_mri(source, part):
            planes = item.image.pixels[0]
            for number in range(0, len(planes), 1 if part == "train" else settings.every):
                high = np.rint(np.clip(planes[number], 0, 1) * TOP).astype(np.uint16)
                contrast = item.name.split("_")[-1].removesuffix("W")
                yield Piece(item.patient, part, {"high": high}, {"source": item.name, "slice": number, "contrast": contrast})


CHEST_REFERENCES = Builder(pairs_with_reference, Radiographs(), CHEST, "substitute for ChestXrayRef")
CHEST_TRIPLETS = Builder(triplets, Radiographs(), CHEST, "substitute for MURA-SR, MURA-mini and MURA-plus")
CHEST_PATCHES = Builder(patches, Patches(), CHEST, "substitute for XPGAN's patches")
BRAIN_SLICES = Builder(slices, Slices(), BRAINS, "substitute for IXI, SIMON and SISRMRI")
