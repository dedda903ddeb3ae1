"""Training slices, decoded once: 16-bit numbers in one memory-mapped file that a run reads patches of."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Real

from radloupe.core import files
from radloupe.core.errors import InputError
from radloupe.data.sources import Item
from radloupe.degradation.resample import bicubic
from radloupe.imaging import pixel_info
from radloupe.imaging.image import Image

PIXELS, ROWS = NAMES = ("slices.uint16", "slices.json")
LEVELS = 2**16 - 1
SMALLEST_HALF = 192
"""Pixels of the shorter side of a slice at half its resolution that is still worth training on."""


@dataclass(frozen=True)
class Row:
    """Where a slice lies in the file, and what its numbers mean: network value = offset + span * number / 65535."""

    name: str
    patient: str
    modality: str
    first: int
    height: int
    width: int
    offset: float
    span: float
    steps: int
    """Whole steps of the stored image between network values 0 and 1; 0 for real numbers."""


@dataclass(frozen=True)
class SliceStore:
    """Slices in network range, on disk: only the pixels that are looked at are read."""

    pixels: np.ndarray
    rows: tuple[Row, ...]

    def part(self, row: Row, region: tuple[slice, slice] = (slice(None), slice(None))) -> Float[np.ndarray, "y x"]:
        """A part of a slice in network range, float64."""
        plane = self.pixels[row.first : row.first + row.height * row.width].reshape(row.height, row.width)
        return row.offset + plane[region] * (row.span / LEVELS)


def open_store(folder: Path) -> SliceStore:
    """The store in a folder."""
    rows = json.loads((folder / ROWS).read_text(encoding="utf-8"))
    return SliceStore(np.memmap(folder / PIXELS, np.uint16, "r"), tuple(Row(**row) for row in rows))


def store_slices(items: Iterable[Item], folder: Path, halves: bool = False) -> SliceStore:
    """Write every slice of some images, unless the folder holds a store already, and open it.

    With `halves` each slice is stored at half its resolution too, where that leaves enough of it: bicubic reduction averages noise, so
    this truth is cleaner and sharper than the native one. Raises `InputError` where there is no image.
    """
    if not (folder / ROWS).exists():
        with files.atomic(folder, overwrite=True, folder=True, names=NAMES) as temporary:
            rows = list(written(items, temporary / PIXELS, halves))
            if not rows:
                raise InputError("Expected at least one image to train on, found none.")
            (temporary / ROWS).write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")
    return open_store(folder)


def written(items: Iterable[Item], path: Path, halves: bool) -> Iterator[Row]:
    """Append slices to a file; yields the row of each."""
    first = 0
    with path.open("wb") as file:
        for item in items:
            for plane in planes(item.image, halves):
                low, span = float(plane.min()), float(np.ptp(plane)) or 1.0
                file.write(np.rint((plane - low) / span * LEVELS).astype(np.uint16).tobytes())
                yield Row(
                    item.name, item.patient, item.image.info.modality, first, len(plane), plane.shape[1], low, span, steps(item.image)
                )
                first += plane.size


def planes(image: Image, halves: bool) -> Iterator[Real[np.ndarray, "y x"]]:
    """The slices of an image in network range, each followed by its half where that is asked for."""
    to_network = pixel_info.network_range(image.pixels, image.info)
    for plane in image.slices():
        values = to_network.enter(pixel_info.clamped(plane, image.info))
        yield values
        if halves and min(values.shape) >= 2 * SMALLEST_HALF:
            yield bicubic(values[: len(values) // 2 * 2, : values.shape[1] // 2 * 2], 0.5)


def steps(image: Image) -> int:
    """Whole steps of an image's numbers between network values 0 and 1; 0 for real numbers."""
    if image.pixels.dtype.kind == "f":
        return 0
    return int(abs(pixel_info.network_range(image.pixels, image.info).span))
