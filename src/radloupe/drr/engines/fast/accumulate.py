"""The sums of resampled slices on a region's grid: the inner loop of the engine `fast`."""

import numpy as np
from jaxtyping import Float, Int, UInt16

from radloupe.drr.engines.fast.gather import FRAME, add_samples, blend_rows, split_positions
from radloupe.drr.engines.fast.simd import LANES
from radloupe.drr.engines.jit import compiled

BLOCK = 16  # rows of the grid that share a slice's positions


@compiled
def add_slices(
    codes: UInt16[np.ndarray, "lines c"],
    nonzero: Int[np.ndarray, "lines 2"],
    zero: float,
    line_steps: tuple[int, int],
    depth: int,
    starts: Float[np.ndarray, "slices 2"],
    strides: Float[np.ndarray, "slices 2"],
    first: int,
    spans: Int[np.ndarray, "rows 2"],
    begin: int,
    grid: Float[np.ndarray, "rows width"],
) -> None:
    """Add each slice's samples to `BLOCK` rows of the grid, starting at the row `begin`.

    The line of codes of slice k and voxel row b is `k * line_steps[0] + b * line_steps[1]`; `depth` is the number of voxel rows, and
    `nonzero` where each line is not zero. Lines and the grid's rows hold whole groups of sixteen.
    """
    end, length = min(begin + BLOCK, grid.shape[0]), codes.shape[1]
    width, total, flat = grid.shape[1], grid.reshape(-1), codes.reshape(-1)
    leftmost, rightmost = spans[begin:end, 0].min(), spans[begin:end, 1].max()
    room = length + 2 * FRAME
    lines, reached = np.zeros(BLOCK * room, np.float32), np.zeros((BLOCK, 2), np.int32)
    bases, steps, weights = np.zeros(width // LANES, np.int32), np.zeros(width, np.int32), np.zeros(width, np.float32)
    for number in range(len(strides)):
        (fall, stride), (down, start) = strides[number], starts[number]
        points, used = 1 / stride, False
        for row in range(begin, end):
            where, left, right = down + row * fall, 0, 0
            above = int(np.floor(where))
            if spans[row, 0] < spans[row, 1] and -1 <= above < depth:
                upper = (first + number) * line_steps[0] + max(above, 0) * line_steps[1]
                lower = (first + number) * line_steps[0] + min(above + 1, depth - 1) * line_steps[1]
                low, high = span_union(nonzero, upper, lower)
                if low < high:
                    left = int(np.ceil(max(float(spans[row, 0]), (low - 1 - start) * points)))
                    right = int(np.floor(min(float(spans[row, 1] - 1), (high - start) * points))) + 1
                if left < right:
                    used, share = True, where - above
                    one, two = np.float32(1 - share if above >= 0 else 0.0), np.float32(share if above + 1 < depth else 0.0)
                    low = max(low, int(start + left * stride) - 1) // LANES * LANES
                    high = min(high, int(start + (right - 1) * stride) + 2)
                    voxel = (row - begin) * room + FRAME + low
                    soon = (lower + line_steps[0]) * length + low  # the next slice
                    blend_rows(flat, upper * length + low, lower * length + low, soon, high - low, one, two, np.float32(zero), lines, voxel)
            reached[row - begin] = left, max(left, right)
        if used:  # a line is read long after it is written, which avoids stalls of store forwarding
            split_positions(start, stride, leftmost, rightmost, bases, steps, weights)
            for row in range(end - begin):
                left, right = reached[row]
                add_samples(total, (begin + row) * width, lines, row * room + FRAME, bases, steps, weights, left, right, stride)


@compiled
def span_union(nonzero: Int[np.ndarray, "lines 2"], upper: int, lower: int) -> tuple[int, int]:
    """Union of the nonzero spans of two lines: first, and beyond last."""
    if nonzero[upper, 0] == nonzero[upper, 1]:
        return nonzero[lower, 0], nonzero[lower, 1]
    if nonzero[lower, 0] == nonzero[lower, 1]:
        return nonzero[upper, 0], nonzero[upper, 1]
    return min(nonzero[upper, 0], nonzero[lower, 0]), max(nonzero[upper, 1], nonzero[lower, 1])
