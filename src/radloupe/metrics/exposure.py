"""The part of a radiograph that shows the patient: without shutters, clipped surroundings and burnt-in marks."""

import math

import numpy as np
from jaxtyping import Bool, Float, Real
from scipy import ndimage

FINE = 1024
"""Longer side, in pixels, at which edges and marks are detected; larger images are reduced by whole blocks first."""
TAILS = (0.1, 99.9)
"""Percentiles that become level 0 and 1."""
CLIPPED = 0.03
"""Clipped surroundings are within this of the darkest level."""
STEP = 0.06
"""Smallest step of level across a shutter's edge, of one sign along all of it."""
STRAIGHT, PARTLY = 0.7, 0.4
"""Fraction of a line across the image that must have the step: by itself, and where the region beyond the line is uniform."""
EVEN, ALL = 0.1, 0.9
"""The region beyond a line is uniform where the fraction `ALL` of it is within `EVEN` of the darkest or brightest level."""
DEPTH, TILT = 0.33, 0.18
"""Largest depth of a shutter as a fraction of the image, and largest slope of its edge (rise over run, 10 degrees)."""
COLUMNS, SLOPES, EDGE = 64, 37, 3.0
"""Sampled positions along a side, tested slopes, and the edge filter's sigma in pixels."""
WIDER, SUDDEN = 4, 0.33
"""With a filter `WIDER` times as wide, the step of an edge grows at most by 1 / `SUDDEN`; that of a spine keeps growing."""
STROKE, SEED, WHOLE = 21, 0.26, 0.12
"""Widest stroke of a mark at `FINE` pixels; contrast to both sides of a seed, and of the whole mark."""
USUAL, SHARPER = 95, 2.5
"""A mark's gradient is at least `SHARPER` times the percentile `USUAL` of the image's gradients, unlike noise and bone."""
AROUND = 10
"""Margin around each mark, in pixels at `FINE`, which also covers the gaps between letters."""


def exposed(plane: Real[np.ndarray, "y x"]) -> Bool[np.ndarray, "y x"]:
    """Mask of the exposed field of a radiograph: inside the shutters, without clipped borders and burnt-in marks.

    Independent of polarity. All False for a constant image.
    """
    block = math.ceil(max(plane.shape) / FINE)
    levels = leveled(reduced(plane, block))
    field = within_shutters(levels) & ~surroundings(levels)
    field = largest(ndimage.binary_opening(field, np.ones((3, 3)), iterations=2)) & ~marks(levels, max(levels.shape) / FINE)
    return enlarged(field, block, plane.shape)


def reduced(plane: Real[np.ndarray, "y x"], block: int) -> Float[np.ndarray, "y2 x2"]:
    """Means of blocks; the last rows and columns are repeated to fill theirs."""
    height, width = plane.shape
    whole = np.pad(plane, ((0, -height % block), (0, -width % block)), mode="edge").astype(np.float64)
    return whole.reshape(-(-height // block), block, -(-width // block), block).mean((1, 3))


def enlarged(mask: Bool[np.ndarray, "y2 x2"], block: int, shape: tuple[int, ...]) -> Bool[np.ndarray, "y x"]:
    """A mask enlarged by whole blocks and cropped to a shape."""
    return mask.repeat(block, 0).repeat(block, 1)[: shape[0], : shape[1]]


def leveled(plane: Float[np.ndarray, "y x"]) -> Float[np.ndarray, "y x"]:
    """Values as levels 0 to 1 between the tails; all 0 for an image of one value."""
    low, high = np.percentile(plane, TAILS)
    return np.clip((plane - low) / (high - low), 0, 1) if high > low else np.zeros_like(plane)


def largest(mask: Bool[np.ndarray, "y x"]) -> Bool[np.ndarray, "y x"]:
    """The largest connected part of a mask."""
    parts, count = ndimage.label(mask)
    return parts == 1 + np.argmax(np.bincount(parts.ravel(), minlength=2)[1:]) if count else mask


def surroundings(levels: Float[np.ndarray, "y x"]) -> Bool[np.ndarray, "y x"]:
    """Regions of the darkest levels connected to the image's border: outside the detector, or unattenuated beam."""
    return at_border(ndimage.gaussian_filter(levels, 1.5) < CLIPPED)


def at_border(mask: Bool[np.ndarray, "y x"]) -> Bool[np.ndarray, "y x"]:
    """The connected parts of a mask that touch the border of the image, without parts a few pixels thin."""
    parts, _ = ndimage.label(ndimage.binary_opening(np.pad(mask, 8, mode="edge"), np.ones((3, 3)), iterations=3)[8:-8, 8:-8])
    touching = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    return np.isin(parts, touching[touching > 0])


def within_shutters(levels: Float[np.ndarray, "y x"]) -> Bool[np.ndarray, "y x"]:
    """Mask of the region inside the shutters' straight edges."""
    inside = np.ones(levels.shape, bool)
    for turn in range(4):
        turned = np.rot90(levels, turn)
        if edge := shutter(turned):
            row, slope = edge
            down, across = np.ogrid[: turned.shape[0], : turned.shape[1]]
            inside &= np.rot90(down > row + EDGE + slope * (across - turned.shape[1] / 2), -turn)
    return inside


def shutter(levels: Float[np.ndarray, "y x"]) -> tuple[float, float] | None:
    """The shutter edge at the top of an image that is closest to its centre: row at the middle column, and slope."""
    height, width = levels.shape
    columns = np.linspace(EDGE, width - 1 - EDGE, COLUMNS).astype(int)
    smooth = ndimage.uniform_filter1d(levels, 9, axis=1)[:, columns]
    steps, wide = (ndimage.gaussian_filter1d(smooth, s, axis=0, order=1) * math.sqrt(2 * math.pi) * s for s in (EDGE, WIDER * EDGE))
    steps = np.where(np.abs(steps) > SUDDEN * np.abs(wide), steps, 0)
    rows, found = np.arange(int(DEPTH * height)), None
    beyond = {sign: outside(levels, sign) for sign in (1, -1)}
    for slope in np.linspace(-TILT, TILT, SLOPES):
        edge_rows = np.rint(rows[:, None] + slope * (columns - width / 2)).astype(int)
        there = (edge_rows >= EDGE) & (edge_rows < height)
        for sign in (1, -1):
            hit = ndimage.maximum_filter1d(sign * steps, 5, axis=0) > STEP
            share = (hit[np.clip(edge_rows, 0, height - 1), np.arange(COLUMNS)] & there).sum(1) / COLUMNS
            good = np.flatnonzero((share >= STRAIGHT) | ((share >= PARTLY) & (beyond[sign][: len(rows)] >= ALL)))
            if len(good) and (found is None or good[-1] > found[0]):
                found = float(good[-1]), float(slope)
    return found


def outside(levels: Float[np.ndarray, "y x"], sign: int) -> Float[np.ndarray, " y"]:
    """Fraction of the pixels above each row with a shutter's level: dark where levels rise inwards (`sign` 1), bright where they fall."""
    even = (levels < EVEN if sign > 0 else levels > 1 - EVEN).mean(1)
    return np.cumsum(even) / np.arange(1, len(even) + 1)


def marks(levels: Float[np.ndarray, "y x"], size: float) -> Bool[np.ndarray, "y x"]:
    """Mask of burnt-in letters, arrows and discs, which contrast with all their surroundings, with a margin."""
    stroke, around = max(3, round(STROKE * size) | 1), max(1, round(AROUND * size))
    out = np.maximum(ndimage.white_tophat(levels, size=stroke), ndimage.black_tophat(levels, size=stroke))
    steps = ndimage.morphological_gradient(levels, size=max(3, round(5 * size) | 1))
    seeds = (out > SEED) & (steps > max(SEED, SHARPER * float(np.percentile(steps, USUAL))))
    found = ndimage.binary_dilation(seeds, iterations=around, mask=out > WHOLE)
    return ndimage.binary_fill_holes(ndimage.maximum_filter(found, size=2 * around + 1))
