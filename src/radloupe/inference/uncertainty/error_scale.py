"""Expected error magnitude at every output pixel, from the input and the result alone: for any network, engine and scale.

The logarithm of the error is regressed on logarithms of local contrast, of what the network added to bicubic interpolation, and of the
gradient, with their squares. Everything is a share of the span of the network range, so the unit of the image does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer
from scipy import sparse
from scipy.ndimage import uniform_filter

from radloupe.degradation.resample import weights

SMALL = 1e-4
"""Offset relative to the span, added before logarithms: smaller errors are rounding."""
LOGARITHMS = 4
NUMBERS = 1 + 2 * LOGARITHMS
"""Coefficients of the regression: of a constant, of the logarithms, of their squares."""
RADIUS = 1
"""Receptive-field radius of the logarithms in output rows."""
DEVIATION_EDGES, LEVEL_EDGES = (0.004, 0.02), (0.1, 0.4)
"""Local standard deviation and value of the input, as shares of the span, that part pixels into strata: flat to busy, dark to bright."""
STRATA = (len(DEVIATION_EDGES) + 1) * (len(LEVEL_EDGES) + 1)

Rows = Float[np.ndarray, "rows x"]


class LowSlice:
    """Low slice relative to the span, with its interpolations to the output grid.

    Args:
        low: Values `y x` in network range.
        factors: Output pixels per low pixel along y and x.
        shape: Output rows and columns.
        centred: Alignment of the grids (`degradation.centred`).

    """

    def __init__(self, low: Float[np.ndarray, "y x"], factors: tuple[float, float], shape: tuple[int, int], centred: bool) -> None:
        values = low.astype(np.float64)
        self.planes = (*(np.log(deviation(values, size) + SMALL) for size in (3, 7)), values)
        self.linear, self.cubic = (matrices(low.shape, factors, shape, centred, method) for method in ("bilinear", "bicubic"))

    def bicubic(self, first: int, last: int) -> Rows:
        """Output rows `first:last` of the slice enlarged by bicubic interpolation."""
        return interpolated(self.planes[-1], self.cubic, first, last)

    def bilinear(self, first: int, last: int) -> tuple[Rows, Rows, Rows]:
        """Output rows `first:last` of the logarithms of local contrast in 3x3 and 7x7 pixels, and of the slice itself."""
        near, wide, value = (interpolated(plane, self.linear, first, last) for plane in self.planes)
        return near, wide, value


def interpolated(
    plane: Float[np.ndarray, "y x"], along: tuple[sparse.csr_array, sparse.csr_array], first: int, last: int
) -> Float[np.ndarray, "rows columns"]:
    """Output rows of a low plane."""
    down, across = along
    rows: np.ndarray = (across @ (down[first:last] @ plane).T).T
    return rows


def matrices(
    low: tuple[int, ...], factors: tuple[float, float], shape: tuple[int, int], centred: bool, method: str
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Interpolation along y and x."""
    down, across = (
        weights(n, factor, method=method, centred=centred, out=out)  # type: ignore[arg-type]
        for n, factor, out in zip(low, factors, shape, strict=True)
    )
    return down, across


def deviation(values: Float[np.ndarray, "y x"], size: int) -> Float[np.ndarray, "y x"]:
    """Local standard deviation in a square around each pixel."""
    centred = values - values.mean()  # smaller squares have less rounding error
    mean = uniform_filter(centred, size, mode="nearest")
    spread: np.ndarray = np.sqrt(np.maximum(uniform_filter(centred**2, size, mode="nearest") - mean**2, 0))
    return spread


@dataclass(frozen=True)
class ErrorClues:
    """Predictors of the error magnitude for the pixels of some output rows."""

    logarithms: Float[np.ndarray, "4 rows x"]
    """Of local contrast in 3x3 and 7x7 low pixels, of what the network added to bicubic interpolation, and of the result's gradient."""
    stratum: Integer[np.ndarray, "rows x"]
    """0 to 8, by local contrast and value of the input."""


def clues(low: LowSlice, result: Rows, first: int, above: int = 0, below: int = 0) -> ErrorClues:
    """Predictors of a result's rows, without the `above` and `below` rows that serve as neighbours.

    Args:
        low: The slice that was enlarged.
        result: Rows of the result in network range, from output row `first` on.
        first: Index of the first row in the whole output.
        above: Rows at the top.
        below: Rows at the bottom.

    """
    kept = slice(above, len(result) - below)
    near, wide, value = low.bilinear(first + above, first + len(result) - below)
    added = np.sqrt(box((result - low.bicubic(first, first + len(result))).astype(np.float32) ** 2))
    across, down = (difference(result, axis).astype(np.float32) for axis in (1, 0))
    detail = np.log(np.stack([added[kept], np.hypot(across, down)[kept]]) + np.float32(SMALL))
    busy = np.digitize(near, np.log(np.add(DEVIATION_EDGES, SMALL)))
    stratum = busy * (len(LEVEL_EDGES) + 1) + np.digitize(value, LEVEL_EDGES)
    return ErrorClues(np.concatenate([np.stack([near, wide]).astype(np.float32), detail]), stratum)


def box(values: Rows) -> Rows:
    """Means of 3x3 pixels with edge replication; the order of summation is fixed, so results do not depend on how rows are grouped."""
    padded = np.pad(values, 1, mode="edge")
    across = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    mean: Rows = (across[:-2] + across[1:-1] + across[2:]) / 9
    return mean


def difference(values: Rows, axis: int) -> Rows:
    """Central differences along an axis, with edge replication."""
    padded = np.pad(values, [(1, 1) if axis == n else (0, 0) for n in (0, 1)], mode="edge")
    return (padded[2:] - padded[:-2] if axis == 0 else padded[:, 2:] - padded[:, :-2]) / 2


def predicted(logarithms: Float[np.ndarray, "4 ..."], coefficients: Sequence[float]) -> Float[np.ndarray, "..."]:
    """Expected error magnitude relative to the span, limited to the range from rounding to 1."""
    constant, linear, squares = coefficients[0], coefficients[1 : 1 + LOGARITHMS], coefficients[1 + LOGARITHMS :]
    total = np.full(logarithms.shape[1:], constant, np.float32)
    for one, a, b in zip(logarithms, linear, squares, strict=True):
        total += one * (np.float32(a) + np.float32(b) * one)
    size: np.ndarray = np.exp(np.clip(total, np.log(SMALL), 0.0))
    return size
