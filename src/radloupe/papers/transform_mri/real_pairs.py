"""Pairs of MR images that were acquired twice, at two resolutions (transform-domain MRI, section IV-A, SISRMRI)."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Real

from radloupe.core.errors import InputError, RadloupeWarning
from radloupe.core.settings import validated, within
from radloupe.data.builder import Builder, Piece
from radloupe.data.collections import by_part, patient_of, read, volumes
from radloupe.data.patients import split
from radloupe.imaging.image import Image
from radloupe.papers.transform_mri.mri_slices import framed, in_16_bits, value_range

LAYOUT = "the folders high and low with a volume of each patient under the same name in both (high/patient01.nii.gz, low/patient01.nii.gz)"
APART = 0.1
"""How far the corners of a pair may lie apart, as a share of the slice spacing."""
Plane = Real[np.ndarray, "_y _x"]


@validated
class RealPairs:
    """What can be chosen."""

    scale: int = within(3, 2, 8)
    """High pixels to a low one: 0.9 mm against 0.3 mm in the paper."""
    size: int = within(768, 48, 4096)
    """Rows and columns of high slices; larger ones are cut, smaller ones get zeros around them. A multiple of the scale."""


def make(source: Path, settings: RealPairs, seed: int) -> Iterator[Piece]:
    """The slices of every pair, 7:2:1 for training, validation and test by patient."""
    if settings.size % settings.scale:
        raise InputError(f"Expected a size that is a multiple of the scale {settings.scale}, found {settings.size}. Set size.")
    found = volumes(source / "high", LAYOUT)
    patients = {path: patient_of(path, source / "high") for path in found}
    for part, paths in by_part(found, split(patients.values(), {"train": 7, "validation": 2, "test": 1}, seed), patients).items():
        for path in paths:
            yield from slices(path, source / "low" / path.relative_to(source / "high"), patients[path], part, settings)


def slices(high_path: Path, low_path: Path, patient: str, part: str, settings: RealPairs) -> Iterator[Piece]:
    """The slices of a pair in 16 bits, each volume on its own range."""
    if not low_path.exists():
        raise InputError(f"Expected a low-resolution volume for {high_path} in {low_path}, found none. {LAYOUT.capitalize()}.")
    high, low = read(high_path), read(low_path)
    check_pair(high, low, high_path, settings.scale)
    ranges = {"high": value_range(high, high_path), "low": value_range(low, low_path)}
    for number in range(high.shape[0]):
        planes = matching(high.pixels[0, number], low.pixels[0, number], settings)
        images = {name: in_16_bits(plane, *ranges[name]) for name, plane in planes.items()}
        yield Piece(patient, part, images, {"slice": number, "ranges": {name: list(ends) for name, ends in ranges.items()}})


def matching(high: Plane, low: Plane, settings: RealPairs) -> dict[str, Plane]:
    """A high and a low slice from the same first pixel, cut or framed to the size with the same margins in low pixels."""
    side = settings.size // settings.scale
    counts = [min(n, m // settings.scale) for n, m in zip(low.shape, high.shape, strict=True)]
    rows, columns = (n - (n - side) % 2 for n in counts)  # an odd difference would be shared unevenly, and otherwise in high pixels
    return {
        "high": framed(high[: rows * settings.scale, : columns * settings.scale], settings.size),
        "low": framed(low[:rows, :columns], side),
    }


def check_pair(high: Image, low: Image, path: Path, scale: int) -> None:
    """Refuse volumes that are no pair (`InputError`), and warn of slices that do not lie on each other."""
    factor = np.array(low.spacing[:2]) / np.array(high.spacing[:2])
    if high.shape[0] != low.shape[0] or not np.allclose(factor, scale, rtol=0.05):
        text = f"{low.shape[0]} slices and pixels {factor[0]:.2f} x {factor[1]:.2f} times as wide"
        raise InputError(f"Expected a low volume of {high.shape[0]} slices with pixels {scale} times as wide for {path}, found {text}.")
    apart = np.linalg.norm(corner(high) - corner(low)) / high.spacing[2]
    if apart > APART:
        text = f"The outer corners of the volumes of {path} lie {apart:.2f} slice spacings apart: metrics include the shift between them."
        warnings.warn(text, RadloupeWarning, stacklevel=2)


def corner(image: Image) -> np.ndarray:
    """The outer corner of the first pixel in mm."""
    return np.asarray((image.affine @ np.array([-0.5, -0.5, 0.0, 1.0]))[:3])


REAL_PAIRS = Builder(make, RealPairs(), LAYOUT, "transform-domain MRI, section IV-A, SISRMRI")
