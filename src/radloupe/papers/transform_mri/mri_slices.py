"""Slices of brain and kidney MR (transform-domain MRI, section IV): 256 x 256, each volume on its own range, split by subject."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Real, UInt16

from radloupe.core.errors import InputError, RadloupeWarning
from radloupe.core.settings import validated, within
from radloupe.data.builder import Builder, Piece
from radloupe.data.collections import by_part, patient_of, read, volumes
from radloupe.data.patients import split
from radloupe.imaging.image import Image

LAYOUT = "MR volumes named as in IXI (IXI002-Guys-0828-T1.nii.gz) or in BIDS (sub-*/ses-*/anat/*.nii.gz), or a folder for each subject"
TOP = 65_535
SUBJECTS = (r"(IXI\d+)-", r"(sub-[A-Za-z0-9]+)")  # in a path; others are named by their folder


@validated
class MriSlices:
    """Settings of the data set."""

    size: int = within(256, 16, 4096)
    """Rows and columns; larger slices are cut, smaller ones get zeros around them."""
    middle: float = within(2 / 3, 0.01, 1.0)
    """Fraction of a volume's slices that is used, from its middle: the outer ones show little."""
    contrast: str = ""
    """Only volumes with this in their name, such as T2; all where it is empty."""
    unit: Literal["subject", "session"] = "subject"
    """Unit of the split. SIMON shows one person in many sessions and can only be split by session."""


def make(source: Path, settings: MriSlices, seed: int) -> Iterator[Piece]:
    """The middle slices of every volume, 7:2:1 for training, validation and test."""
    found = [path for path in volumes(source, LAYOUT) if settings.contrast.lower() in path.name.lower()]
    if not found:
        raise InputError(f"Expected volumes with {settings.contrast!r} in their names in {source}, found none.")
    owners = {path: owner(path, source, settings.unit) for path in found}
    if settings.unit == "session":
        text = "Parts are split by session: one person may be in all of them, so metrics hold for new scans, not for new patients."
        warnings.warn(text, RadloupeWarning, stacklevel=2)
    hint = "A collection of one person, such as SIMON, is split by session with the setting unit=session."
    for part, paths in by_part(found, split(owners.values(), {"train": 7, "validation": 2, "test": 1}, seed, hint), owners).items():
        for path in paths:
            yield from slices(path, owners[path], part, settings)


def owner(path: Path, source: Path, unit: str) -> str:
    """The subject of a volume, with its session where that is the unit."""
    inside = path.relative_to(source).as_posix()
    match = next((found for found in (re.search(pattern, inside) for pattern in SUBJECTS) if found), None)
    subject = match[1] if match else patient_of(path, source)
    session = re.search(r"ses-[A-Za-z0-9]+", inside) if unit == "session" else None
    return f"{subject}/{session[0]}" if session else subject


def slices(path: Path, patient: str, part: str, settings: MriSlices) -> Iterator[Piece]:
    """The middle slices of a volume in 16 bits, from zero (or its smallest value below zero) to its largest value."""
    image = read(path)
    planes, ends = list(image.slices()), value_range(image, path)
    skip = round(len(planes) * (1 - settings.middle) / 2)
    for number in range(skip, len(planes) - skip):
        yield Piece(
            patient, part, {"high": in_16_bits(framed(planes[number], settings.size), *ends)}, {"slice": number, "range": list(ends)}
        )


def value_range(image: Image, path: Path) -> tuple[float, float]:
    """The values that become 0 and 65535: zero, or the smallest below zero, and the largest; raises `InputError` for an empty volume."""
    low, high = min(0.0, float(image.pixels.min())), float(image.pixels.max())
    if not high > low:
        raise InputError(f"Expected values above zero in {path}, found none.")
    return low, high


def in_16_bits(plane: Real[np.ndarray, "y x"], low: float, high: float) -> UInt16[np.ndarray, "y x"]:
    """Values from `low` to `high` as 0 to 65535."""
    return np.rint((plane.astype(np.float64) - low) * (TOP / (high - low))).astype(np.uint16)


def framed(plane: Real[np.ndarray, "y x"], size: int) -> Real[np.ndarray, "size size"]:
    """The middle of a slice, with zeros around it where it is smaller."""
    for axis, n in enumerate(plane.shape):
        first, before = max(0, (n - size) // 2), max(0, (size - n) // 2)
        plane = np.take(plane, range(first, first + min(n, size)), axis)
        margins = [(0, 0), (0, 0)]
        margins[axis] = (before, size - plane.shape[axis] - before)
        plane = np.pad(plane, margins)
    return plane


MRI_SLICES = Builder(make, MriSlices(), LAYOUT, "transform-domain MRI, section IV-A")
