"""Ray-driven renderer of the engine `fast`, for images of few pixels: Joseph's sums for tiles of sixteen rays at a time.

It samples as `exact` does, from values quantised to 16 bits. Its run time grows with the pixels, that of the grids with the voxels.
"""

import numpy as np
from jaxtyping import Float, UInt16

from radloupe.drr.engines.engine import LineIntegrals
from radloupe.drr.engines.fast.march import march_sixteen
from radloupe.drr.engines.fast.occupancy import Blocks, trim
from radloupe.drr.engines.fast.packed_volume import Packed
from radloupe.drr.engines.fast.simd import LANES
from radloupe.drr.engines.jit import compiled, run_parallel
from radloupe.drr.engines.rays import VoxelRays

TILE = 4  # pixels on a side: rays that are near each other in two dimensions read the fewest cache lines
PART = 2 * TILE  # rows of the image that a thread takes at a time
BELOW = np.float32(1 - 2.0**-23)  # factor that gives a number just below a size
LEVEL = 1e-12  # slope below which a ray counts as parallel to a plane
Matrix = Float[np.ndarray, "3 3"]
Vector = tuple[float, float, float]
Sizes = tuple[int, int, int]


def render_rays(packed: Packed, occupied: tuple[Blocks, Blocks, Blocks], rays: VoxelRays) -> LineIntegrals:
    """The line integrals of a view's rays through a packed volume; `occupied` are its `occupancy.block_spans` across x, y and z."""
    image, parallel = np.zeros(rays.shape, np.float32), bool(rays.source[3] == 0)
    starts = np.ascontiguousarray(rays.pixel[:3]) if parallel else np.outer(rays.source[:3], [0.0, 0.0, 1.0])
    codes, steps_mm = (packed.along_x.codes, packed.along_y.codes), packed.to_lps[:3, :3] @ rays.steps

    def part(first: int) -> None:
        integrate_rows(*codes, occupied, packed.sizes, packed.zero, packed.scale, starts, rays.steps, steps_mm, parallel, first, image)

    run_parallel(part, range(0, rays.shape[0], PART))
    return image


@compiled
def integrate_rows(
    along_x: UInt16[np.ndarray, "zy x"],
    along_y: UInt16[np.ndarray, "zx y"],
    occupied: tuple[Blocks, Blocks, Blocks],
    sizes: Sizes,
    zero: int,
    scale: float,
    starts: Matrix,
    steps: Matrix,
    steps_mm: Matrix,
    whole_line: bool,
    first: int,
    image: LineIntegrals,
) -> None:
    """Fill `PART` rows of an image from the row `first` on, tile by tile; the rays of a tile with a common steepest axis are one group.

    `starts`, `steps` and `steps_mm` map a pixel (column, row, 1) to its ray's start and step in voxels, and to the step in mm.
    """
    rays, sums, factors = np.zeros(4 * LANES, np.float32), np.zeros(LANES, np.float32), np.zeros(LANES)
    pixels, directions = np.zeros((LANES, 2), np.int64), np.zeros((TILE, TILE), np.int64)
    for top in range(first, min(first + PART, image.shape[0]), TILE):
        for left in range(0, image.shape[1], TILE):
            bottom, right = min(top + TILE, image.shape[0]), min(left + TILE, image.shape[1])
            for direction in range(6):
                axis, count, low, high = direction // 2, 0, 0, 0
                for row in range(top, bottom):
                    for column in range(left, right):
                        if direction == 0:
                            directions[row - top, column - left] = find_direction(at_pixel(steps, column, row))
                        if directions[row - top, column - left] == direction:
                            start, step = at_pixel(starts, column, row), at_pixel(steps, column, row)
                            begin, end = place_ray(start, step, axis, sizes, whole_line, rays, count)
                            if begin < end:
                                low, high = (min(low, begin), max(high, end)) if low < high else (begin, end)
                            pixels[count, 0], pixels[count, 1] = row, column
                            factors[count] = length(at_pixel(steps_mm, column, row)) / abs(step[axis]) * scale
                            count += 1
                if low < high:
                    low, high = trim(occupied[axis], rays, count, low, high)
                    add_tile(axis, along_x, along_y, sizes, zero, low, high, rays, count, sums)
                    for n in range(count):
                        image[pixels[n, 0], pixels[n, 1]] = sums[n] * factors[n]


@compiled
def at_pixel(matrix: Matrix, column: int, row: int) -> Vector:
    """A matrix times (column, row, 1)."""
    return (
        matrix[0, 0] * column + matrix[0, 1] * row + matrix[0, 2],
        matrix[1, 0] * column + matrix[1, 1] * row + matrix[1, 2],
        matrix[2, 0] * column + matrix[2, 1] * row + matrix[2, 2],
    )


@compiled
def length(vector: Vector) -> float:
    """The length of a vector."""
    return np.sqrt(vector[0] ** 2 + vector[1] ** 2 + vector[2] ** 2)


@compiled
def find_direction(step: Vector) -> int:
    """Direction of a step: twice its steepest axis, plus one where it decreases."""
    x, y, z = abs(step[0]), abs(step[1]), abs(step[2])
    if x >= y and x >= z:
        return int(step[0] < 0)
    return 2 + int(step[1] < 0) if y >= z else 4 + int(step[2] < 0)


@compiled
def place_ray(
    start: Vector, step: Vector, axis: int, sizes: Sizes, whole_line: bool, rays: Float[np.ndarray, "64"], n: int
) -> tuple[int, int]:
    """Write the position of ray `n` in slice 0 and its increments per slice: row, fall, column, drift, each for sixteen rays.

    Returns the range of slices (first, beyond last) in which it meets the volume.
    """
    if axis == 0:
        (here, column, row), (change, drift, fall), (depth, width, height) = start, step, sizes
    elif axis == 1:
        (column, here, row), (drift, change, fall), (width, depth, height) = start, step, sizes
    else:
        (column, row, here), (drift, fall, change), (width, height, depth) = start, step, sizes
    fall, drift = fall / change, drift / change
    row, column = row - here * fall, column - here * drift
    rays[n], rays[LANES + n], rays[2 * LANES + n], rays[3 * LANES + n] = row, fall, column, drift
    low, high = 0.0, depth - 1.0
    if not whole_line:
        low, high = (max(low, here), high) if change > 0 else (low, min(high, here))
    for position, slope, size in ((row, fall, height), (column, drift, width)):
        if abs(slope) > LEVEL:
            one, two = (-1 - position) / slope, (size - position) / slope
            low, high = max(low, min(one, two)), min(high, max(one, two))
        elif not -1 < position < size:
            return 0, 0
    return (int(np.ceil(low)), int(np.floor(high)) + 1) if low <= high else (0, 0)


@compiled
def add_tile(
    axis: int,
    along_x: UInt16[np.ndarray, "zy x"],
    along_y: UInt16[np.ndarray, "zx y"],
    sizes: Sizes,
    zero: int,
    low: int,
    high: int,
    rays: Float[np.ndarray, "64"],
    count: int,
    sums: Float[np.ndarray, "16"],
) -> None:
    """Write the sums of `count` rays over the slices from `low` to before `high`."""
    x, y, z = sizes
    if axis == 0:
        codes, steps, row_step, height, width = along_y, 1, x, z, y
    elif axis == 1:
        codes, steps, row_step, height, width = along_x, 1, y, z, x
    else:
        codes, steps, row_step, height, width = along_x, y, 1, y, x
    for part in range(4):
        rays[part * LANES + count : (part + 1) * LANES] = rays[part * LANES + count - 1]  # repeat the last ray
    for n in range(LANES):  # where they are in the slice `low`
        rays[n] += low * rays[LANES + n]
        rays[2 * LANES + n] += low * rays[3 * LANES + n]
    last_row, last_column, pitch = np.float32(height - 1) * BELOW, np.float32(width - 1) * BELOW, codes.shape[1]
    first, slice_step = low * steps * pitch, steps * pitch
    march_sixteen(
        sums, codes.reshape(-1), first, slice_step, high - low, rays, last_row, last_column, np.int32(zero), np.int32(row_step * pitch)
    )
