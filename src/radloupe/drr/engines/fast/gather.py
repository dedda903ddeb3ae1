"""Bilinear samples of a slice at the points of a grid: rows of voxels are blended, then gathered, in groups of sixteen.

`gather_sixteen` needs AVX-512; elsewhere samples are added one by one, two to three times slower.
"""

import numpy as np
from jaxtyping import Float, Int, UInt16

from radloupe.drr.engines.fast.simd import HAS_AVX512, LANES, blend_sixteen, gather_sixteen, split_sixteen
from radloupe.drr.engines.jit import compiled

FRAME = 4 * LANES  # room on both sides of a line for what groups of samples touch
STRIDE = 1.9  # sixteen samples this far apart, and their right neighbours, lie within two vectors of sixteen


@compiled
def split_positions(
    start: float,
    stride: float,
    first: int,
    last: int,
    bases: Int[np.ndarray, " groups"],
    steps: Int[np.ndarray, " width"],
    weights: Float[np.ndarray, " width"],
) -> None:
    """Split the positions `start + j * stride` of groups of sixteen into a group's first voxel, whole voxels from there, and the rest."""
    for group in range(first // LANES, (last + LANES - 1) // LANES):
        where = start + group * LANES * stride
        base = np.floor(where)
        bases[np.uint64(group)] = int(base)
        split_sixteen(steps, weights, np.uint64(group * LANES), np.float32(where - base), np.float32(stride))


@compiled
def blend_rows(
    codes: UInt16[np.ndarray, " codes"],
    upper: int,
    lower: int,
    soon: int,
    length: int,
    one: np.float32,
    two: np.float32,
    zero: np.float32,
    line: Float[np.ndarray, " c"],
    begin: int,
) -> None:
    """Mix two lines of codes, `length` rounded up to sixteens, into a line with two vectors of zeros on both sides."""
    less, end = (one + two) * zero, begin + (length + LANES - 1) // LANES * LANES
    for group in range(0, end - begin, LANES):
        blend_sixteen(
            line,
            np.uint64(begin + group),
            codes,
            np.uint64(upper + group),
            np.uint64(lower + group),
            one,
            two,
            less,
            np.uint64(soon + group),
        )
    for n in range(2 * LANES):
        line[np.uint64(begin - 2 * LANES + n)] = 0
        line[np.uint64(end + n)] = 0


@compiled
def add_samples(
    total: Float[np.ndarray, " points"],
    row: int,
    line: Float[np.ndarray, " c"],
    voxel: int,
    bases: Int[np.ndarray, " groups"],
    steps: Int[np.ndarray, " j"],
    weights: Float[np.ndarray, " j"],
    first: int,
    last: int,
    stride: float,
) -> None:
    """Add to `total[row + j]`, j from `first` to beyond `last`, what the line reads at the position of j.

    The line's first voxel is `line[voxel]`. Where positions are at most `STRIDE` apart, whole groups of sixteen are added.
    """
    if first < last and HAS_AVX512 and stride <= STRIDE:
        for group in range(first // LANES, (last + LANES - 1) // LANES):
            j = np.uint64(group * LANES)
            gather_sixteen(total, np.uint64(row + group * LANES), line, np.uint64(voxel + bases[np.uint64(group)]), steps, j, weights)
    else:
        for n in range(first, last):
            j = np.uint64(n)
            at = np.uint64(voxel + bases[j // np.uint64(LANES)] + steps[j])
            total[np.uint64(row + n)] += line[at] + weights[j] * (line[at + np.uint64(1)] - line[at])
