"""The engine `exact`: ray-driven line integrals compiled by Numba, equal to `reference` for any rays in double precision.

P. M. Joseph, "An improved algorithm for reprojecting rays through pixel images", IEEE Transactions on Medical Imaging 1(3), 1982. A ray
that crosses the volume from face to face across its steepest axis is integrated without error where the volume is uniform. Where it
enters or leaves through another face, the voxel-wide slope of the border is sampled once a slice.
"""

from functools import partial

import numpy as np
from jaxtyping import Float

from radloupe.core.errors import InputError
from radloupe.drr.engines.engine import LineIntegrals, Render
from radloupe.drr.engines.jit import compiled, run_parallel
from radloupe.drr.volume import Volume, check_source_outside
from radloupe.imaging.camera import View

Rays = Float[np.ndarray, "rays 3"]
Lengths = Float[np.ndarray, " rays"]
RAYS, ROWS = 4096, 8  # rows per task of a thread


def prepare(volume: Volume, quality: str = "default") -> Render:
    """The engine `exact`: one quality for all names; holds no copy of float32 values."""
    values, to_index = np.ascontiguousarray(volume.values, np.float32), volume.to_index

    def render(view: View) -> LineIntegrals:
        check_source_outside(volume, view)
        image = np.zeros(view.shape, np.float32)
        run_parallel(partial(render_rows, values, to_index, view, image), range(0, view.shape[0], ROWS))
        return image

    return render


def render_rows(
    values: Float[np.ndarray, "z y x"], to_index: Float[np.ndarray, "4 4"], view: View, image: LineIntegrals, first: int
) -> None:
    """Fill `ROWS` rows of an image from the row `first` on."""
    rows = image[first : first + ROWS]
    begin = view.origin + first * view.v
    pixels = (begin + np.arange(len(rows))[:, None, None] * view.v + np.arange(view.shape[1])[:, None] * view.u).reshape(-1, 3)
    if view.source is None:
        starts, steps = pixels, np.tile(np.asarray(view.direction, float), (len(pixels), 1))
    else:
        starts, steps = np.tile(np.asarray(view.source, float), (len(pixels), 1)), pixels - view.source
    integrate_rays(values, *to_voxels(to_index, starts, steps), view.source is None, rows.reshape(-1))


def integrate(volume: Volume, starts: Rays, ends: Rays) -> Lengths:
    """Line integrals along any rays, each a half line from its start through its end.

    Starts and ends are in LPS mm. Gives float32; exactly 0 where a ray misses the volume. Raises `InputError` for a ray of no length and
    for one that starts inside the volume, or within a voxel of it.
    """
    values, to_index, total = np.ascontiguousarray(volume.values, np.float32), volume.to_index, np.zeros(len(starts), np.float32)
    steps = np.asarray(ends, float) - starts
    begin, slopes, lengths = to_voxels(to_index, np.asarray(starts, float), steps)
    if not (lengths > 0).all():
        raise InputError("Expected rays between two different points, found rays of no length. Move the ends away from the starts.")
    if ((begin > -1) & (begin < volume.values.shape[::-1])).all(axis=1).any():
        raise InputError("Expected rays that start outside the volume, found some that start inside. Move the starts back.")

    def some(first: int) -> None:
        part = slice(first, first + RAYS)
        integrate_rays(values, begin[part], slopes[part], lengths[part], False, total[part])

    run_parallel(some, range(0, len(total), RAYS))
    return total


def to_voxels(to_index: Float[np.ndarray, "4 4"], starts: Rays, steps: Rays) -> tuple[Rays, Rays, Lengths]:
    """Rays in LPS mm converted to starts and steps in voxels, and the steps' lengths in mm."""
    linear = to_index[:3, :3].T
    return starts @ linear + to_index[:3, 3], steps @ linear, np.linalg.norm(steps, axis=1)


@compiled
def integrate_rays(
    values: Float[np.ndarray, "z y x"],
    starts: Rays,
    steps: Rays,
    lengths: Lengths,
    whole_line: bool,
    total: Lengths,
) -> None:
    """Write the integrals of rays in voxels (x, y, z), as half lines or whole lines, with the steps' lengths in mm."""
    sizes = values.shape[2], values.shape[1], values.shape[0]
    strides = 1, sizes[0], sizes[0] * sizes[1]
    flat = values.reshape(-1)
    for ray in range(len(total)):
        step, start = steps[ray], starts[ray]
        a = 0
        for other in range(1, 3):
            if abs(step[other]) > abs(step[a]):
                a = other
        b, c = (a + 1) % 3, (a + 2) % 3
        first, last = slice_range(start, step, a, sizes, whole_line)
        nb, nc, slope_b, slope_c, reading = sizes[b], sizes[c], step[b] / step[a], step[c] / step[a], 0.0
        for k in range(first, last):
            y, x = start[b] + (k - start[a]) * slope_b, start[c] + (k - start[a]) * slope_c
            row, column = int(np.floor(y)), int(np.floor(x))
            y, x = y - row, x - column
            at = k * strides[a] + row * strides[b] + column * strides[c]
            if 0 <= row < nb - 1 and 0 <= column < nc - 1:
                here = np.uint64(at)
                low = flat[here] * (1 - x) + flat[here + np.uint64(strides[c])] * x
                here += np.uint64(strides[b])
                reading += low * (1 - y) + (flat[here] * (1 - x) + flat[here + np.uint64(strides[c])] * x) * y
            else:
                for down in range(2):
                    for right in range(2):
                        if 0 <= row + down < nb and 0 <= column + right < nc:
                            weight = (y if down else 1 - y) * (x if right else 1 - x)
                            reading += weight * flat[at + down * strides[b] + right * strides[c]]
        total[ray] = reading * lengths[ray] / abs(step[a])


@compiled
def slice_range(
    start: Float[np.ndarray, "3"], step: Float[np.ndarray, "3"], a: int, sizes: tuple[int, int, int], whole_line: bool
) -> tuple[int, int]:
    """Range of slices across axis `a` (first, beyond last) in which a ray can meet the volume; at most one slice too many."""
    low, high = 0.0, sizes[a] - 1.0
    for other in range(3):
        slope = step[other] / step[a]
        if other == a:
            continue
        if slope == 0:
            if not -1 < start[other] < sizes[other]:
                return 0, 0
            continue
        one, two = start[a] + (-1 - start[other]) / slope, start[a] + (sizes[other] - start[other]) / slope
        low, high = max(low, min(one, two) - 1), min(high, max(one, two) + 1)
    if not whole_line:
        low, high = (max(low, start[a]), high) if step[a] > 0 else (low, min(high, start[a]))
    if low > high:
        return 0, 0
    return int(np.ceil(low)), int(np.floor(high)) + 1
