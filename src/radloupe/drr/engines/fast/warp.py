"""Warp of the engine `fast`: the image resampled from the grids of its regions."""

import numpy as np
from jaxtyping import Float

from radloupe.drr.engines.jit import compiled


@compiled
def resample_grid(
    grid: Float[np.ndarray, "down along"],
    to_grid: Float[np.ndarray, "3 3"],
    limits: Float[np.ndarray, "4 3"],
    linear: tuple[bool, bool],
    steps_mm: Float[np.ndarray, "3 3"],
    scale: float,
    begin: int,
    end: int,
    image: Float[np.ndarray, "rows columns"],
) -> None:
    """Write a region's pixels in the rows from `begin` to `end`: the grid's sums of slices, times mm per slice and the scale.

    `to_grid`, `limits` and `linear` are the region's; `steps_mm` maps a pixel (column, row, 1) to its ray's step in mm.
    """
    for row in range(begin, end):
        first, last = columns_within(limits, row, image.shape[1])
        y, x, w = to_grid[:, 1] * row + to_grid[:, 2]
        dy, dx, dw = to_grid[:, 0]
        step, change = steps_mm[:, 1] * row + steps_mm[:, 2], steps_mm[:, 0]
        square, mixed, changed = (step * step).sum(), 2 * (step * change).sum(), (change * change).sum()
        for column in range(first, last):
            per_slice = 1 / (w + column * dw)
            length = np.sqrt(square + column * (mixed + column * changed)) * per_slice
            reading = interpolate_grid(grid, (y + column * dy) * per_slice, (x + column * dx) * per_slice, linear)
            image[row, column] = reading * np.float32(length * scale)


@compiled
def columns_within(limits: Float[np.ndarray, "4 3"], row: int, columns: int) -> tuple[int, int]:
    """The columns of a row, first and beyond last, where none of the limits is negative."""
    low, high = 0.0, columns - 1.0
    for limit in limits:
        slope, rest = limit[0], limit[1] * row + limit[2]
        if slope > 0:
            low = max(low, min(-rest / slope, float(columns)))
        elif slope < 0:
            high = min(high, max(-rest / slope, -1.0))
        elif rest < 0:
            high = -1.0
    return int(np.ceil(low)), int(np.floor(high)) + 1


@compiled
def interpolate_grid(grid: Float[np.ndarray, "down along"], y: float, x: float, linear: tuple[bool, bool]) -> np.float32:
    """Interpolation at a position on a grid, Catmull-Rom cubic or linear per axis; 0 where the grid does not surround it."""
    i, j = int(np.floor(y)), int(np.floor(x))
    if i < 1 or j < 1 or i > grid.shape[0] - 3 or j > grid.shape[1] - 3:
        return np.float32(0)
    (a, b, c, d), (e, f, g, h) = cubic_weights(np.float32(y - i), linear[0]), cubic_weights(np.float32(x - j), linear[1])
    top, left = np.uint64(i - 1), np.uint64(j - 1)
    reading = np.float32(0)
    for n, across in ((np.uint64(0), e), (np.uint64(1), f), (np.uint64(2), g), (np.uint64(3), h)):
        at = left + n
        down = a * grid[top, at] + b * grid[top + np.uint64(1), at] + c * grid[top + np.uint64(2), at] + d * grid[top + np.uint64(3), at]
        reading += across * down
    return reading


@compiled
def cubic_weights(rest: np.float32, linear: bool) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """The weights of four neighbours of a position that lies `rest` beyond the second: `kernels.cubic` with a = -1/2, or linear."""
    if linear:
        return np.float32(0), np.float32(1) - rest, rest, np.float32(0)
    half = np.float32(0.5)
    square, cube = rest * rest, rest * rest * rest
    return (
        square - half * (rest + cube),
        np.float32(1) - np.float32(2.5) * square + np.float32(1.5) * cube,
        half * rest + np.float32(2) * square - np.float32(1.5) * cube,
        half * (cube - square),
    )
