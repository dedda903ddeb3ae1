"""Unit, modality and storage of pixel values, and the reversible map between that unit and a network's input range.

Nothing here clips for display: values outside a window survive. Only what the stored type cannot hold is clipped, on writing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from radloupe.core.errors import InputError
from radloupe.core.limits import LIMITS, Limits
from radloupe.imaging.modality import Modality

Unit = Literal["HU", "stored", "arbitrary", "unit", "attenuation", "line integral", "photons"]

UNIT_OF: dict[Modality, Unit] = {"XR": "stored", "CT": "HU", "MR": "arbitrary"}
"""The usual unit of each modality's pixels."""

AIR_HU = -1000.0
NETWORK_SPAN_HU = 3000.0  # -1000..2000 HU becomes 0..1: the span of CT metrics
SCANNER_HU = (-1024.0, 3071.0)
"""HU range of 12 bits; below is padding, above are extended values for metal."""


@dataclass(frozen=True)
class Storage:
    """Storage of values in a file: value = slope * stored + intercept."""

    dtype: str = "float32"
    bits: int = 32
    """Used bits (DICOM's BitsStored); `dtype` may have more."""
    slope: float = 1.0
    intercept: float = 0.0

    @property
    def range(self) -> tuple[float, float]:
        """Smallest and largest stored number; infinite for floating point."""
        kind = np.dtype(self.dtype).kind
        if kind == "f":
            return -np.inf, np.inf
        return (-(2.0 ** (self.bits - 1)), 2.0 ** (self.bits - 1) - 1) if kind == "i" else (0.0, 2.0**self.bits - 1)


@dataclass(frozen=True)
class PixelInfo:
    """Unit, modality and storage of an image's pixel values.

    Units: `HU` (Hounsfield), `stored` (a radiograph's numbers), `arbitrary` (MR), `unit` (0 to 1), `attenuation` (1/mm),
    `line integral` (of attenuation along a ray: no unit), `photons` (counted by a pixel).
    """

    unit: Unit = "arbitrary"
    modality: Modality = "other"
    inverted: bool = False
    """True where larger numbers are darker (DICOM's MONOCHROME1)."""
    storage: Storage = field(default_factory=Storage)


def working_dtype(storage: Storage) -> np.dtype:
    """Dtype of a file's values in memory: integers stay integers where the rescale keeps them whole."""
    stored = np.dtype(storage.dtype)
    if stored.kind == "f":
        return stored
    if storage.slope != 1 or not float(storage.intercept).is_integer():
        return np.dtype("float32" if storage.bits <= 24 else "float64")  # float32 represents whole numbers of 24 bits
    if storage.intercept == 0:
        return stored
    low, high = (v + storage.intercept for v in storage.range)
    sizes = ("i1", "i2", "i4", "i8") if low < 0 else ("u1", "u2", "u4", "u8")
    return next(np.dtype(t) for t in sizes if np.iinfo(t).min <= low and high <= np.iinfo(t).max)


def from_stored(stored: np.ndarray, storage: Storage, limits: Limits = LIMITS) -> np.ndarray:
    """Values in their unit from stored numbers; raises `InputError` for a rescale that no device writes."""
    low, high = limits.slope
    if not (np.isfinite([storage.slope, storage.intercept]).all() and low <= abs(storage.slope) <= high):
        raise InputError(f"Expected a rescale slope between {low:g} and {high:g}, found {storage.slope:g}. Repair the header.")
    dtype = working_dtype(storage)
    if storage.slope == 1 and storage.intercept == 0:
        return stored.astype(dtype, copy=False)
    if dtype.kind == "f":
        return (stored * dtype.type(storage.slope) + dtype.type(storage.intercept)).astype(dtype)
    return (stored.astype(np.int64) + int(storage.intercept)).astype(dtype)


def to_stored(values: np.ndarray, storage: Storage) -> np.ndarray:
    """Stored numbers from values: rescaled back, rounded, and clipped to what the stored bits can hold."""
    if storage == Storage(values.dtype.name, 8 * values.dtype.itemsize):
        return values  # they are the stored numbers, and floating point would change 64-bit ones
    if np.dtype(storage.dtype).kind == "f":
        return ((values - storage.intercept) / storage.slope).astype(storage.dtype)
    stored = (values.astype(np.float64) - storage.intercept) / storage.slope
    return np.clip(np.rint(stored), *storage.range).astype(storage.dtype)


def plain_storage(storage: Storage, dtype: np.dtype) -> Storage:
    """The storage for a format without a rescale: values of `dtype` as they are, in the source's own type where it had no rescale either.

    A CT that DICOM keeps as uint16 with intercept -1024 has int16 values, and those are what NIfTI then holds.
    """
    if storage.slope == 1 and storage.intercept == 0:
        return storage
    return Storage(np.dtype(dtype).name, np.dtype(dtype).itemsize * 8)


def fit_storage(storage: Storage, dtypes: Sequence[str]) -> Storage | None:
    """The same numbers in one of `dtypes`: their own, or the first whole-number type that holds the range; None where there is none."""
    if storage.dtype in dtypes:
        return storage
    low, high = storage.range
    wider = (Storage(name, 8 * np.dtype(name).itemsize) for name in dtypes if np.dtype(name).kind != "f")
    return next((kept for kept in wider if kept.range[0] <= low and high <= kept.range[1]), None)


def upright(values: np.ndarray, info: PixelInfo) -> np.ndarray:
    """Values for a format without the flag `inverted`: larger is brighter.

    An inverted image is mirrored within its stored range (0 becomes 4095 in 12 bits); floating point has no range and is mirrored at zero.
    """
    if not info.inverted:
        return values
    storage = info.storage
    ends = 0.0 if np.dtype(storage.dtype).kind == "f" else sum(storage.range) * storage.slope + 2 * storage.intercept
    return np.subtract(ends, values, dtype=np.float64)


def quantise(values: np.ndarray, info: PixelInfo, dtype: np.dtype) -> np.ndarray:
    """Values in `dtype`: whole numbers are rounded and kept within what the file's bits can hold, others pass as they are."""
    if dtype.kind == "f":
        return values.astype(dtype)
    low, high = (v * info.storage.slope + info.storage.intercept for v in info.storage.range)
    held = np.iinfo(dtype)
    return np.clip(np.rint(values), max(low, held.min), min(high, held.max)).astype(dtype)


def clamped(values: np.ndarray, info: PixelInfo) -> np.ndarray:
    """Hounsfield units kept within `SCANNER_HU`, in their own type; values in other units as they are."""
    low, high = SCANNER_HU
    if info.unit != "HU" or (values.min() >= low and values.max() <= high):
        return values
    return np.clip(values, low, high).astype(values.dtype)


@dataclass(frozen=True)
class NetworkRange:
    """Reversible mapping: network value = (value - offset) / span. A negative span inverts an inverted image."""

    offset: float
    span: float

    def enter(self, values: np.ndarray) -> np.ndarray:
        """Network values, float32, from values in their unit."""
        return ((values.astype(np.float64) - self.offset) / self.span).astype(np.float32)

    def leave(self, values: np.ndarray) -> np.ndarray:
        """Values in their unit, float64, from network values."""
        return values.astype(np.float64) * self.span + self.offset


def network_range(pixels: np.ndarray, info: PixelInfo, trained: tuple[float, float] | None = None) -> NetworkRange:
    """Mapping of an image: fixed for Hounsfield units and values 0 to 1, from the image's own smallest to largest value for others.

    The response of Radloupe's networks scales with the contrast, so an outlier that widens the span does no harm, and results do not depend
    on the arbitrary unit. `trained` are the Hounsfield units that 0 and 1 stood for in training, where they were not -1000 and 2000.
    """
    if info.unit == "HU":
        return NetworkRange(trained[0], trained[1] - trained[0]) if trained else NetworkRange(AIR_HU, NETWORK_SPAN_HU)
    if info.unit == "unit":
        return NetworkRange(0.0, 1.0)
    low, high = float(pixels.min()), float(pixels.max())
    span = high - low or 1.0
    return NetworkRange(high, -span) if info.inverted else NetworkRange(low, span)
