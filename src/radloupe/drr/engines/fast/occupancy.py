"""Occupancy of a packed volume in blocks, so that rays skip empty ones."""

import numpy as np
from jaxtyping import Float, Int

from radloupe.drr.engines.fast.packed_volume import Packed
from radloupe.drr.engines.fast.simd import LANES
from radloupe.drr.engines.jit import compiled

BLOCK = 8  # slices, and rows, per block
Blocks = Int[np.ndarray, "_ _ 2"]
"""Nonzero columns (first, beyond last) of each block of `BLOCK` slices and `BLOCK` rows; 0 where all are zero."""


def block_spans(packed: Packed, axis: int) -> Blocks:
    """Unions of the nonzero spans of a volume's rows, in blocks of slices across an axis (0 for x)."""
    x, y, z = packed.sizes
    if axis == 2:
        spans = packed.along_x.spans.reshape(z, y, 2)
    elif axis == 1:
        spans = packed.along_x.spans.reshape(z, y, 2).transpose(1, 0, 2)
    else:
        spans = packed.along_y.spans.reshape(z, x, 2).transpose(1, 0, 2)
    empty, beyond = spans[..., 0] >= spans[..., 1], np.iinfo(np.int32).max
    first, last = np.where(empty, beyond, spans[..., 0]), np.where(empty, 0, spans[..., 1])
    for n in (0, 1):
        edges = range(0, spans.shape[n], BLOCK)
        first, last = np.minimum.reduceat(first, edges, axis=n), np.maximum.reduceat(last, edges, axis=n)
    return np.stack([first, last], axis=-1).astype(np.int32)


@compiled
def trim(blocks: Blocks, rays: Float[np.ndarray, "64"], count: int, low: int, high: int) -> tuple[int, int]:
    """Range of slices trimmed to those in which at least one of `count` rays of `ray_driven.place_ray` meets a nonzero block."""
    while low < high and not is_occupied(blocks, rays, count, low, min(high, (low // BLOCK + 1) * BLOCK)):
        low = min(high, (low // BLOCK + 1) * BLOCK)
    while low < high and not is_occupied(blocks, rays, count, max(low, (high - 1) // BLOCK * BLOCK), high):
        high = max(low, (high - 1) // BLOCK * BLOCK)
    return low, high


@compiled
def is_occupied(blocks: Blocks, rays: Float[np.ndarray, "64"], count: int, begin: int, end: int) -> bool:
    """Whether a block of slices is nonzero within the bounding rectangle of the rays that cross it."""
    top, bottom, left, right = np.inf, -np.inf, np.inf, -np.inf
    for n in range(count):
        for number in (begin, end - 1):
            row, column = rays[n] + number * rays[LANES + n], rays[2 * LANES + n] + number * rays[3 * LANES + n]
            top, bottom, left, right = min(top, row), max(bottom, row), min(left, column), max(right, column)
    first, last = max(int(np.floor(top)), 0) // BLOCK, min((int(np.floor(bottom)) + 1) // BLOCK, blocks.shape[1] - 1)
    for row in range(first, last + 1):
        nonzero = blocks[begin // BLOCK, row]
        if nonzero[0] <= right + 1 and nonzero[1] > left - 1 and nonzero[0] < nonzero[1]:
            return True
    return False
