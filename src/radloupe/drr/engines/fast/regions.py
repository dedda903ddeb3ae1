"""Shear-warp factorisation of a view: for each dominant axis, the region of the detector and the grid on which its slices are summed.

Rays whose steepest axis (in voxels) is a, in one of its two directions, make a region of the detector. Each region has a base plane
across a with a regular grid. Rays from one source, or parallel ones, cut every slice in a similar grid: shifted and scaled, along its
two axes separately. So a slice is added to the grid by two linear interpolations in a row, and the image is read from the grid.

P. Lacroute, M. Levoy, "Fast volume rendering using a shear-warp factorization of the viewing transformation", SIGGRAPH 1994.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float, Int

from radloupe.drr.engines.fast.grid_spacing import pitches
from radloupe.drr.engines.rays import VoxelRays, plane_homography, slices_ahead

Order = tuple[int, int, int]
Ends = tuple[Float[np.ndarray, "2"], Float[np.ndarray, "2"]]
ORDERS: tuple[Order, ...] = ((0, 2, 1), (1, 2, 0), (2, 1, 0))  # z is never last: codes are not stored along it
POSITIONS = 9  # positions along a grid at which the slices' shifts are compared
MARGIN = 2  # grid points around a position for cubic interpolation
SLACK = 1e-9  # of a step: rays halfway between two axes belong to both regions


@dataclass(frozen=True)
class Region:
    """A grid on a base plane, and how slices and pixels map to it."""

    order: Order
    """The axes across the slices, down the grid's rows and along them."""
    first: int
    """The first slice."""
    starts: Float[np.ndarray, "slices 2"]
    """Position of the grid's first point in each slice (down, along), in voxels."""
    strides: Float[np.ndarray, "slices 2"]
    """Spacing of grid points in each slice (down, along), in voxels."""
    linear: tuple[bool, bool]
    """Whether grid points are voxel centres (down, along), between which sums are linear."""
    spans: Int[np.ndarray, "rows 2"]
    """The grid points of each row that pixels need: first and beyond last."""
    width: int
    """Grid points in a row."""
    to_grid: Float[np.ndarray, "3 3"]
    """Maps a pixel (column, row, 1) to w (down, along, 1) on the grid; w > 0 is its ray's step across the slices."""
    limits: Float[np.ndarray, "4 3"]
    """A pixel (column, row, 1) belongs to the region where none of these is negative."""


def regions(rays: VoxelRays, sizes: Order, pitch: float) -> Iterator[Region]:
    """Regions of a view of a volume of `sizes` voxels (x, y, z), with grids of `pitch` voxels in the farthest slice."""
    steps, (rows, columns) = rays.steps, rays.shape
    corners = steps @ np.array([[x, y, 1.0] for x, y in product((-0.5, columns - 0.5), (-0.5, rows - 0.5))]).T
    more, less = corners[:, None] + corners, corners[:, None] - corners
    extremes = {sign: [(sign * table).max(axis=2).tolist() for table in (more, less)] for sign in (1, -1)}
    for order, sign in product(ORDERS, (1, -1)):
        a, *others = order
        if all(table[a][b] >= 0 for table in extremes[sign] for b in others):
            limits = np.stack([sign * steps[a] + turn * steps[b] for b in others for turn in (1, -1)])
            limits[:, 2] += SLACK * np.abs(corners).max()
            found = region(rays, sizes, pitch, order, sign, limits)
            if found:
                yield found
                if rays.source[3] == 0:
                    return


def region(rays: VoxelRays, sizes: Order, pitch: float, order: Order, sign: int, limits: Float[np.ndarray, "4 3"]) -> Region | None:
    """Region of one axis and direction; None where no slice lies in that direction or no pixel sees one."""
    a, plane, source = order[0], list(order[1:]), rays.source
    first, last = slices_ahead(source, a, sign, sizes[a])
    if first > last:
        return None
    base = (first + last) / 2
    slices, far = np.arange(first, last + 1), base * source[3] - source[a]
    scale, shift = (slices * source[3] - source[a]) / far, np.outer((base - slices) / far, source[plane])
    to_plane = plane_homography(rays, a, plane, base) * (-sign if source[3] else sign)
    low, high = shadow(scale, shift, np.array([sizes[axis] for axis in plane], float))
    if source[3]:  # slopes beyond 1 belong to other regions
        low, high = np.maximum(low, source[plane] - abs(far)), np.minimum(high, source[plane] + abs(far))
    low, high = visible(to_plane, rays.shape, low, high)
    if not (low < high).all():
        return None
    positions = np.linspace(low, high, POSITIONS)
    spreads = np.abs(positions * (scale[-1] - scale[0]) + shift[-1] - shift[0])
    apart, linear = pitches(pitch / max(scale[0], scale[-1]), len(slices), high - low, spreads)
    corner = (np.floor(low / apart) - MARGIN) * apart  # whole voxels where points are voxels apart
    counts = np.ceil((high - low) / apart).astype(int) + 2 * MARGIN + 2
    to_grid = np.array([*(to_plane[:2] - np.outer(corner, to_plane[2])) / apart[:, None], to_plane[2]])
    starts, strides, spans = shift + np.outer(scale, corner), np.outer(scale, apart), needed_spans(to_grid, rays.shape, counts)
    return Region(order, first, starts, strides, linear, spans, int(counts[1]), to_grid, limits)


def shadow(scale: Float[np.ndarray, " slices"], shift: Float[np.ndarray, "slices 2"], sizes: Float[np.ndarray, "2"]) -> Ends:
    """Extent on the base plane of the slices' projections, including one voxel beyond their outermost centres."""
    edges = np.array([(edge - shift[k]) / scale[k] for k in (0, -1) for edge in (np.full(2, -1.0), sizes)])
    return edges.min(axis=0), edges.max(axis=0)


def visible(to_plane: Float[np.ndarray, "3 3"], shape: tuple[int, int], low: Float[np.ndarray, "2"], high: Float[np.ndarray, "2"]) -> Ends:
    """Part of a range on the base plane that the detector sees; the whole range where some of its rays do not meet the plane."""
    corners = to_plane @ np.array([[x, y, 1.0] for x, y in product((-0.5, shape[1] - 0.5), (-0.5, shape[0] - 0.5))]).T
    if (corners[2] <= 0).any():
        return low, high
    ends = corners[:2] / corners[2]
    return np.maximum(low, ends.min(axis=1)), np.minimum(high, ends.max(axis=1))


def needed_spans(to_grid: Float[np.ndarray, "3 3"], shape: tuple[int, int], counts: Int[np.ndarray, "2"]) -> Int[np.ndarray, "rows 2"]:
    """Range of grid points of each row (first, beyond last) on which pixels of the detector depend."""
    column, row, one = np.linalg.inv(to_grid)
    low, high = np.zeros(counts[0]), np.full(counts[0], float(counts[1]))
    for down, along, rest in (column + one / 2, (shape[1] - 0.5) * one - column, row + one / 2, (shape[0] - 0.5) * one - row):
        inside = rest + MARGIN * (abs(down) + abs(along)) + down * np.arange(counts[0])  # + along * j is negative outside
        if along > 0:
            low = np.maximum(low, np.ceil(-inside / along))
        elif along < 0:
            high = np.minimum(high, np.floor(-inside / along) + 1)
        else:
            high = np.where(inside < 0, 0.0, high)
    return np.stack([low, np.maximum(low, high)], axis=1).clip(0, counts[1]).astype(np.int32)
