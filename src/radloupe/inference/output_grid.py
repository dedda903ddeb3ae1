"""Output grid of any scale, and streaming resampling of a network's rows to it."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy import sparse

from radloupe.core.errors import UsageError
from radloupe.degradation.resample import Method, weights_at
from radloupe.imaging.image import Image

LARGEST_SCALE = 8
"""Largest enlargement: no model was measured beyond, and most detail would be invented."""
CLOSE = 1e-6
"""Relative tolerance of equal factors: less than 0.1 new pixel over the 65,535 pixels of the longest axis."""


@dataclass(frozen=True)
class OutputGrid:
    """Grid over the volume of an image (half-pixel convention), with other factors than a network's.

    Args:
        factors: New samples per old sample along y and x, unrounded.
        shape: New rows and columns.

    >>> OutputGrid((1.5, 1.5), (48, 60)).scale
    1.5
    """

    factors: tuple[float, float]
    shape: tuple[int, int]

    @property
    def scale(self) -> float:
        """The larger factor, as a whole number where it is one."""
        largest = max(self.factors)
        return round(largest) if abs(largest - round(largest)) < CLOSE else largest

    def is_of(self, scale: int) -> bool:
        """Whether a network of this scale gives all its pixels without resampling."""
        return all(abs(factor - scale) < CLOSE for factor in self.factors)

    def matrices(self, low: tuple[int, int], scale: int, centred: bool, method: Method) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Resampling matrices along y and x, from the grid of a network of `scale` for `low` rows and columns.

        `centred` is the alignment of the network's grid with the low one (`degradation.centred`); this grid is centred in either case.
        """
        down, across = (
            weights_at(positions(size, factor, scale, centred), count * scale, factor / scale, method=method)
            for count, size, factor in zip(low, self.shape, self.factors, strict=True)
        )
        return down, across


def positions(size: int, factor: float, scale: int, centred: bool) -> Float[np.ndarray, " size"]:
    """Positions of new samples on a network's grid, in its samples from the first."""
    low = (np.arange(size) + 0.5) / factor - 0.5
    return (low + 0.5) * scale - 0.5 if centred else low * scale


def resampled(
    rows: Iterable[Float[np.ndarray, "_ x"]], down: sparse.csr_array, across: sparse.csr_array
) -> Iterator[Float[np.ndarray, "rows2 x2"]]:
    """New rows, each as soon as its old rows are available; the bytes do not depend on how the old rows are grouped."""
    ends = down.indptr[:-1]
    last = np.maximum.accumulate(np.maximum.reduceat(down.indices, ends))
    first = np.minimum.accumulate(np.minimum.reduceat(down.indices, ends)[::-1])[::-1]
    waiting, begin, done = np.zeros((0, across.shape[0])), 0, 0
    for part in rows:
        waiting = np.concatenate([waiting, (across @ part.T).T])
        end = begin + len(waiting)
        ready = int(np.searchsorted(last, end))
        if ready == done:
            continue
        yield down[done:ready, begin:end] @ waiting
        keep = int(first[ready]) if ready < len(first) else end
        waiting, begin, done = waiting[keep - begin :], keep, ready


def wanted_grid(image: Image, scale: Any = None, size: Any = None, spacing: Any = None) -> OutputGrid | None:
    """Output grid of one of the three options; None without any. Raises `UsageError` for several, invalid values, and factors above 8.

    Args:
        image: The low-resolution image.
        scale: New pixels per old pixel along rows and columns; rows and columns are rounded to whole numbers.
        size: New rows and columns.
        spacing: New pixel spacing in mm, one number, or two along x and y.

    """
    given = {name: value for name, value in (("scale", scale), ("size", size), ("spacing", spacing)) if value is not None}
    if len(given) > 1:
        raise UsageError(f"Expected one of `scale`, `size` and `spacing`, found {' and '.join(f'`{name}`' for name in given)}. Give one.")
    if not given:
        return None
    low = image.shape[1:]
    if size is not None:
        rows, columns = whole_pair(size)
        factors = (rows / low[0], columns / low[1])
        return OutputGrid(checked(factors, f"a `size` of {rows}x{columns} for {low[0]}x{low[1]} pixels"), (rows, columns))
    if scale is not None:
        factor = number(scale, "scale")
        factors = checked((factor, factor), f"a `scale` of {factor:g}")
    else:
        x, y = spacing_pair(spacing)
        old_x, old_y, _ = image.spacing
        factors = checked((old_y / y, old_x / x), f"a `spacing` of {x:g},{y:g} mm for one of {old_x:g},{old_y:g} mm")
    return OutputGrid(factors, (round(low[0] * factors[0]), round(low[1] * factors[1])))


def checked(factors: tuple[float, float], found: str) -> tuple[float, float]:
    """Factors of an enlargement; raises `UsageError` for factors below 1, for 1 on both axes, and above 8."""
    if min(factors) < 1 - CLOSE or max(factors) <= 1 + CLOSE:
        raise UsageError(f"Expected an enlargement, found {found}: x{min(factors):.4g}. `rl.degrade` reduces images.")
    if max(factors) > LARGEST_SCALE + CLOSE:
        raise UsageError(f"Expected an enlargement by at most {LARGEST_SCALE}, found {found}: x{max(factors):.4g}. Choose a smaller one.")
    return factors


def number(value: Any, name: str) -> float:
    """A finite number above zero; raises `UsageError`."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not math.isfinite(value) or value <= 0:
        raise UsageError(f"Expected a number above 0 as `{name}`, found {value!r}. Give one such as 1.5.")
    return float(value)


def whole_pair(size: Any) -> tuple[int, int]:
    """Rows and columns; raises `UsageError`."""
    parts = tuple(size) if isinstance(size, tuple | list) else ()
    if len(parts) != 2 or any(isinstance(part, bool) or not isinstance(part, int | np.integer) or part < 1 for part in parts):
        raise UsageError(f"Expected rows and columns as `size`, found {size!r}. Give two whole numbers above 0.")
    return int(parts[0]), int(parts[1])


def spacing_pair(spacing: Any) -> tuple[float, float]:
    """Distances along x and y in mm, from one number for both or from two; raises `UsageError`."""
    parts = tuple(spacing) if isinstance(spacing, tuple | list) else (spacing,)
    if len(parts) not in (1, 2):
        raise UsageError(f"Expected a `spacing` in plane, X or X,Y in mm, found {len(parts)} numbers. Slices keep their distance.")
    return number(parts[0], "spacing"), number(parts[-1], "spacing")
