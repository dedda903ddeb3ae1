"""The engine `fast`: line integrals compiled by Numba, within 60 dB of `exact` in a few milliseconds.

Large images are resampled from sums of slices (`regions`), small ones rendered ray by ray (`ray_driven`).
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from jaxtyping import Float

from radloupe.drr.engines.engine import LineIntegrals, Render
from radloupe.drr.engines.fast.accumulate import BLOCK, add_slices
from radloupe.drr.engines.fast.occupancy import block_spans
from radloupe.drr.engines.fast.packed_volume import Layout, Packed, halve, pack
from radloupe.drr.engines.fast.ray_driven import render_rays
from radloupe.drr.engines.fast.regions import Order, Region, regions
from radloupe.drr.engines.fast.simd import LANES
from radloupe.drr.engines.fast.warp import resample_grid
from radloupe.drr.engines.jit import run_parallel
from radloupe.drr.engines.rays import VoxelRays, rays_in_voxels
from radloupe.drr.volume import Volume, check_source_outside
from radloupe.imaging.camera import View

PITCH = {"preview": 1.5, "default": 0.6, "fine": 0.27}
"""Voxels between grid points, in the slice that is farthest from the source, for large volumes; `preview` first halves the volume."""
RAY = 5  # grid points that take as long as one ray, measured: 3 to 8; this also bounds the memory of grids
PLANNING = 10_000_000  # points of a grid times slices that take as long as planning the grids does
MOST_CODES = 2**31  # that rays can address
ROWS = 16  # of the image that a thread takes at a time
Grid = Float[np.ndarray, "down along"]


def prepare(volume: Volume, quality: str = "default") -> Render:
    """The engine `fast`: `default` within 60 dB of `exact`, `fine` within 70 dB, `preview` from half the voxels.

    Holds two copies of the volume with 16 bits per voxel, cropped to its nonzero part. Images whose few pixels take less time than the
    grids that they need are rendered ray by ray.
    """
    packed = pack(halve(volume) if quality == "preview" else volume)
    occupied = block_spans(packed, 0), block_spans(packed, 1), block_spans(packed, 2)
    to_index, sizes, pitch = np.linalg.inv(packed.to_lps), packed.sizes, PITCH[quality]

    def render(view: View) -> LineIntegrals:
        check_source_outside(volume, view)
        rays, image = rays_in_voxels(view, to_index), np.zeros(view.shape, np.float32)
        if not packed.scale:
            return image
        most = RAY * image.size - PLANNING / max(sizes) if packed.along_x.codes.size < MOST_CODES else np.inf
        found = list(regions(rays, sizes, pitch)) if points_a_pixel(rays, sizes, pitch) * image.size <= most else []
        if not found or sum(len(region.spans) * region.width for region in found) > most:
            return render_rays(packed, occupied, rays)
        grids = [np.zeros((len(region.spans), -(-region.width // LANES) * LANES), np.float32) for region in found]
        run_parallel(lambda part: part(), [part for both in zip(found, grids, strict=True) for part in slice_sums(packed, *both)])
        steps_mm = packed.to_lps[:3, :3] @ rays.steps

        def read(first: int) -> None:
            for region, grid in zip(found, grids, strict=True):
                last = min(first + ROWS, view.shape[0])
                resample_grid(grid, region.to_grid, region.limits, region.linear, steps_mm, packed.scale, first, last, image)
            if not packed.zero:  # a volume without negative values: those below zero are ringing of the cubic kernel
                np.maximum(image[first : first + ROWS], 0, out=image[first : first + ROWS])

        run_parallel(read, range(0, view.shape[0], ROWS))
        return image

    return render


def points_a_pixel(rays: VoxelRays, sizes: Order, pitch: float) -> float:
    """Lower estimate of the grid points per pixel whose ray passes through the middle of the volume."""
    middle, across = (np.array(sizes) - 1) / 2, np.cross(*rays.pixel[:3, :2].T)
    source, origin = rays.source, rays.pixel[:3, 2]
    step = middle * source[3] - source[:3]
    shrink = across @ step / (across @ (origin * source[3] - source[:3]))
    return float(abs(across @ step) / np.abs(step).max() * shrink**2 / pitch**2)


def slice_sums(packed: Packed, region: Region, grid: Grid) -> list[Callable[[], None]]:
    """Tasks that add a region's slices to its grid."""
    layout, line_steps = layout_across(packed, region.order[0])
    depth = packed.sizes[region.order[1]]
    return [
        partial(
            add_slices,
            layout.codes,
            layout.spans,
            packed.zero,
            line_steps,
            depth,
            region.starts,
            region.strides,
            region.first,
            region.spans,
            begin,
            grid,
        )
        for begin in range(0, len(region.spans), BLOCK)
        if (region.spans[begin : begin + BLOCK, 0] < region.spans[begin : begin + BLOCK, 1]).any()
    ]


def layout_across(packed: Packed, axis: int) -> tuple[Layout, tuple[int, int]]:
    """The layout whose lines lie in slices across an axis, and the numbers of lines from slice to slice and row to row."""
    x, y, _ = packed.sizes
    return ((packed.along_y, (1, x)), (packed.along_x, (1, y)), (packed.along_x, (y, 1)))[axis]
