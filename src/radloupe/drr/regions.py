"""A view seen by a volume: which part of the detector looks mostly along which axis, and the grid its rays are gathered on.

Rays whose steepest axis (in voxels) is a, in one of its two directions, make a region of the detector. Each region has a base plane
across a with a regular grid. Rays from one source, or parallel ones, cut every slice in a similar grid: shifted and scaled, along its
two axes separately. So a slice is added to the grid by two linear interpolations in a row, and the picture is read from the grid.

P. Lacroute, M. Levoy, "Fast volume rendering using a shear-warp factorization of the viewing transformation", SIGGRAPH 1994.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float, Int

from radloupe.camera import View
from radloupe.errors import InputError

Order = tuple[int, int, int]
ORDERS: tuple[Order, ...] = ((0, 2, 1), (1, 2, 0), (2, 1, 0))  # z is never last: codes are not stored along it
MARGIN = 2  # grid points that a cubic reading needs around it
EDGE_ON = 1e-9  # sine of the least angle between rays and detector
SLACK = 1e-9  # of a step: rays halfway between two axes belong to both regions


@dataclass(frozen=True)
class Region:
    """A grid on a base plane, and how slices and pixels map to it."""

    order: Order
    """The axes across the slices, down the grid's rows and along them."""
    first: int
    """The first slice."""
    starts: Float[np.ndarray, "slices 2"]
    """Where the grid's first point lies in each slice (down, along), in voxels."""
    strides: Float[np.ndarray, " slices"]
    """How far apart grid points are in each slice, in voxels."""
    spans: Int[np.ndarray, "rows 2"]
    """The grid points of each row that pixels need: first and beyond last."""
    width: int
    """Grid points in a row."""
    to_grid: Float[np.ndarray, "3 3"]
    """Maps a pixel (column, row, 1) to w (down, along, 1) on the grid; w > 0 is its ray's step across the slices."""
    limits: Float[np.ndarray, "4 3"]
    """A pixel (column, row, 1) belongs to the region where none of these is negative."""


@dataclass(frozen=True)
class Lines:
    """A view in voxel indices: pixels and the source as homogeneous points x y z w, at infinity where w is 0."""

    shape: tuple[int, int]
    pixel: Float[np.ndarray, "4 3"]
    """Maps a pixel (column, row, 1) to its place."""
    source: Float[np.ndarray, "4"]

    @property
    def steps(self) -> Float[np.ndarray, "3 3"]:
        """Maps a pixel (column, row, 1) to the step of its ray."""
        if self.source[3] == 0:
            return np.outer(self.source[:3], [0.0, 0.0, 1.0])
        return self.pixel[:3] - np.outer(self.source[:3], [0.0, 0.0, 1.0])


def in_index(view: View, to_index: Float[np.ndarray, "4 4"]) -> Lines:
    """The lines of a view, in voxels; raises `InputError` where they run along the detector."""
    if view.source is None:
        source = towards = np.append(np.asarray(view.direction, float), 0.0)
    else:
        source = np.append(view.source, 1.0)
        towards = np.append(view.origin, 1.0) - source
    across = np.cross(view.u, view.v)
    if abs(across @ towards[:3]) < EDGE_ON * np.linalg.norm(across) * np.linalg.norm(towards):
        raise InputError("Expected rays that cross the detector, found a detector seen edge on. Turn it towards the source.")
    pixel = np.stack([[*view.u, 0.0], [*view.v, 0.0], [*view.origin, 1.0]], axis=1)
    return Lines(view.shape, to_index @ pixel, to_index @ source)


def regions(lines: Lines, sizes: Order, pitch: float) -> Iterator[Region]:
    """The regions in which a view sees a volume of so many voxels (x, y, z), with grids of `pitch` voxels in the farthest slice."""
    steps, (rows, columns) = lines.steps, lines.shape
    corners = steps @ np.array([[x, y, 1.0] for x, y in product((-0.5, columns - 0.5), (-0.5, rows - 0.5))]).T
    more, less = corners[:, None] + corners, corners[:, None] - corners
    reach = {sign: [(sign * table).max(axis=2).tolist() for table in (more, less)] for sign in (1, -1)}
    for order, sign in product(ORDERS, (1, -1)):
        a, *others = order
        if all(table[a][b] >= 0 for table in reach[sign] for b in others):
            limits = np.stack([sign * steps[a] + turn * steps[b] for b in others for turn in (1, -1)])
            limits[:, 2] += SLACK * np.abs(corners).max()
            found = region(lines, sizes, pitch, order, sign, limits)
            if found:
                yield found
                if lines.source[3] == 0:
                    return


def region(lines: Lines, sizes: Order, pitch: float, order: Order, sign: int, limits: Float[np.ndarray, "4 3"]) -> Region | None:
    """The region of one axis and direction; None where no slice lies that way or no pixel sees one."""
    a, plane, source = order[0], list(order[1:]), lines.source
    first, last = ahead(source, a, sign, sizes[a])
    if first > last:
        return None
    base = (first + last) / 2
    slices, apart = np.arange(first, last + 1), base * source[3] - source[a]
    scale, shift = (slices * source[3] - source[a]) / apart, np.outer((base - slices) / apart, source[plane])
    pitch = pitch / max(scale[0], scale[-1])
    ends = np.array([sizes[axis] for axis in plane], float)
    shadow = np.array([(edge - shift[k]) / scale[k] for k in (0, -1) for edge in (np.full(2, -1.0), ends)])
    low, high = shadow.min(axis=0), shadow.max(axis=0)
    if source[3]:  # slopes beyond 1 belong to other regions
        low, high = np.maximum(low, source[plane] - abs(apart)), np.minimum(high, source[plane] + abs(apart))
    if not (low < high).all():
        return None
    corner, counts = low - MARGIN * pitch, np.ceil((high - low) / pitch).astype(int) + 2 * MARGIN + 1
    to_grid = cast(lines, a, plane, base) * (-sign if source[3] else sign)
    to_grid[:2] = (to_grid[:2] - np.outer(corner, to_grid[2])) / pitch
    spans = needed(to_grid, lines.shape, counts)
    return Region(order, first, shift + scale[:, None] * corner, scale * pitch, spans, int(counts[1]), to_grid, limits)


def ahead(source: Float[np.ndarray, "4"], a: int, sign: int, size: int) -> tuple[int, int]:
    """The first and last slice across axis `a` that rays reach in a direction."""
    if source[3] == 0:
        return 0, size - 1
    return (max(0, int(np.floor(source[a])) + 1), size - 1) if sign > 0 else (0, min(size - 1, int(np.ceil(source[a])) - 1))


def cast(lines: Lines, a: int, plane: list[int], base: float) -> Float[np.ndarray, "3 3"]:
    """Maps a pixel (column, row, 1) to w (down, along, 1), where its line meets the base plane."""
    across = np.zeros(4)
    across[a], across[3] = 1.0, -base  # zero for points of the plane
    return ((across @ lines.source) * lines.pixel - np.outer(lines.source, across @ lines.pixel))[[*plane, 3]]


def needed(to_grid: Float[np.ndarray, "3 3"], shape: tuple[int, int], counts: Int[np.ndarray, "2"]) -> Int[np.ndarray, "rows 2"]:
    """The grid points of each row, first and beyond last, on which pixels of the detector depend."""
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
