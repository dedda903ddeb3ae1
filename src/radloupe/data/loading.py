"""Training items of a data set: random patches of its images, rotated and mirrored, in network range.

Every reader has `item(index, rng)`: named arrays (1, y, x), float32, 0 to 1; the central patch, upright, without `rng`. Equal generators
give equal patches. Images are cached in memory as stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Real

from radloupe import formats
from radloupe.core.errors import InputError
from radloupe.core.tables import Table
from radloupe.data import dataset_manifest
from radloupe.data.dataset_manifest import ManifestRow
from radloupe.data.patches import corner, orientation, oriented
from radloupe.degradation import centred, degrade
from radloupe.imaging.image import Image

Plane = Real[np.ndarray, "y x"]
Patch = Float32[np.ndarray, "1 _ _"]
READERS = Table("reader", {name: f"radloupe.data.loading:{name}" for name in ("pairs", "reference", "triplets", "unpaired")})
"""Readers of data sets: functions of folder, part, scale, side of a low patch, and the preset for low images that are not stored."""


@dataclass
class StoredImages:
    """Cache of a folder's images by name, up to a number of bytes."""

    folder: Path
    degradation: str
    scale: int
    room_bytes: int = 2 * 2**30
    """Of each process: every loader worker has as much. Images beyond it are read each time."""
    kept: dict[str, Plane] = field(default_factory=dict)

    def stored(self, name: str) -> Plane:
        """An image as it is stored."""
        return self.keep(name, lambda: formats.read(self.folder / name).pixels[0, 0])

    def low(self, name: str, number: int) -> Plane:
        """A high image degraded: in 8 bits where it has 8, otherwise in float32 from 0 to 1, which rounds and clips nothing."""

        def make() -> Plane:
            high = self.stored(name)
            high = high if high.dtype == np.uint8 else unit(high)
            return degrade(Image(high[None, None]), self.degradation, self.scale, number).pixels[0, 0]

        return self.keep(f"{name} low", make)

    def keep(self, key: str, make: Callable[[], Plane]) -> Plane:
        """The cached plane of a name; made and cached where it is missing."""
        if key in self.kept:
            return self.kept[key]
        made = make()
        if made.nbytes <= self.room_bytes:
            self.room_bytes -= made.nbytes
            self.kept[key] = made
        return made


@dataclass(frozen=True)
class Items:
    """Pairs of low and high images, with the further images of a reader."""

    rows: tuple[ManifestRow, ...]
    images: StoredImages
    side: int
    together: tuple[str, ...] = ()
    """Further low images, cut and turned as the pair is."""
    apart: tuple[str, ...] = ()
    """Further high images, cut and turned on their own."""
    turned: bool = True
    """Whether patches are turned and mirrored."""

    def __len__(self) -> int:
        return len(self.rows)

    def item(self, index: int, rng: np.random.Generator | None) -> Mapping[str, Patch]:
        """`low`, `high` and the further images of an item."""
        row, scale = self.rows[index], self.images.scale
        low = self.images.stored(row["low"]) if "low" in row else self.images.low(row["high"], index)
        several = {role: self.images.stored(row[role]) for role in ("high", *self.together)}
        result = cut(
            {"low": (low, 1)} | {role: (p, scale if role == "high" else 1) for role, p in several.items()}, self.side, rng, self.turned
        )
        for role in self.apart:
            result |= cut({role: (self.images.stored(row[role]), 1)}, self.side * scale, rng)
        return result


@dataclass(frozen=True)
class Unpaired:
    """Unpaired items of two domains: a micro-CT patch with its reduced form, and a clinical patch."""

    items: Items
    clinical: tuple[ManifestRow, ...]

    def __len__(self) -> int:
        return len(self.items)

    def item(self, index: int, rng: np.random.Generator | None) -> Mapping[str, Patch]:
        """`high`, its reduced form `fine`, and `clinical`: a random one, or one in turn without `rng`."""
        pair = self.items.item(index, rng)
        number = index % len(self.clinical) if rng is None else int(rng.integers(len(self.clinical)))
        other = self.items.images.stored(self.clinical[number]["image"])
        return {"high": pair["high"], "fine": pair["low"]} | cut({"clinical": (other, 1)}, self.items.side, rng)


def pairs(folder: Path, part: str, scale: int, side: int, degradation: str) -> Items:
    """High and low images. Raises `InputError` for data that does not fit, before anything is trained."""
    return opened(folder, part, scale, side, degradation)


def reference(folder: Path, part: str, scale: int, side: int, degradation: str) -> Items:
    """Pairs with a `reference` as large as the high patch."""
    return opened(folder, part, scale, side, degradation, apart=("reference",))


def triplets(folder: Path, part: str, scale: int, side: int, degradation: str) -> Items:
    """Pairs with `clean`, the low image before it was degraded."""
    return opened(folder, part, scale, side, degradation, together=("clean",))


def unpaired(folder: Path, part: str, scale: int, side: int, degradation: str) -> Unpaired:
    """Micro-CT patches with their reduced form, and clinical ones."""
    rows = {
        name: [row for row in dataset_manifest.read(folder, part) if row.get("parameters", {}).get("domain") == name]
        for name in ("micro", "clinical")
    }
    if not (rows["micro"] and rows["clinical"]):
        raise InputError(
            f"Expected items of the domains micro and clinical in {folder}, "
            f"found {', '.join(name for name in rows if rows[name]) or 'neither'}. Make the data set ct-uct."
        )
    dataset_manifest.check(folder, rows["micro"], ("image",), side, scale)
    dataset_manifest.check(folder, rows["clinical"], ("image",), side, 1)
    micro = tuple({"high": row["image"]} for row in rows["micro"])
    items = Items(micro, StoredImages(folder, degradation, scale), side, turned=centred(degradation, scale))
    return Unpaired(items, tuple(rows["clinical"]))


def opened(
    folder: Path, part: str, scale: int, side: int, degradation: str, together: tuple[str, ...] = (), apart: tuple[str, ...] = ()
) -> Items:
    """The items of a part, after their checks."""
    rows = dataset_manifest.read(folder, part)
    dataset_manifest.check(folder, rows, ("high", *together, *apart), side, scale)
    return Items(tuple(rows), StoredImages(folder, degradation, scale), side, together, apart, centred(degradation, scale))


def cut(images: Mapping[str, tuple[Plane, int]], side: int, rng: np.random.Generator | None, turned: bool = True) -> dict[str, Patch]:
    """The same patch of several images, `side` pixels of the first one wide; each image comes with its scale relative to the first."""
    first, _ = next(iter(images.values()))
    y, x = corner(first, side, rng)
    turn = orientation(rng if turned else None)
    parts = {name: p[y * s : (y + side) * s, x * s : (x + side) * s] for name, (p, s) in images.items()}
    return {name: unit(oriented(part, turn))[None] for name, part in parts.items()}


def unit(pixels: Plane) -> Float32[np.ndarray, "y x"]:
    """Stored values as 0 to 1; float32 values are in that range already."""
    whole = pixels.dtype.kind == "u"
    return np.ascontiguousarray(pixels, np.float32) / np.float32(np.iinfo(pixels.dtype).max if whole else 1)
