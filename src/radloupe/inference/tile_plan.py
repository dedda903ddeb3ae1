"""Tiling of an image within a memory budget, without changing the result.

For a network with a finite receptive field a tile has a halo of its radius, whose output is discarded: the tile contains every input of its
output pixels, so the result is bit-identical. Other networks get overlapping tiles, blended with a Hann window.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from radloupe.core.errors import LimitError, UsageError
from radloupe.networks.spec import NetworkSpec

FLOOR = 32
"""Smallest side of a tile in low pixels; below it the halo dominates the work."""
LARGEST = 208
"""Largest side of a tile. Feature maps of larger tiles are so large that the C library returns their memory after each convolution and
the system clears it again for the next, which costs more than the halo (`bench/tiles.py`)."""
BLENDED = 256
"""Side of tiles for networks with global operations, which are trained on small patches."""


@dataclass(frozen=True)
class Plan:
    """Tiling plan: tiles of at most `tile` low pixels a side, with a `halo` on all sides, or overlapping by half and blended."""

    tile: int
    halo: int
    blend: bool = False

    def halved(self) -> "Plan":
        """The plan with tiles of half the side; raises `LimitError` below the smallest tile."""
        if self.tile // 2 < FLOOR:
            raise LimitError(f"Memory ran out even with tiles of {self.tile} pixels. Close other programs or use a smaller image.")
        return replace(self, tile=self.tile // 2)


@dataclass(frozen=True)
class Piece:
    """Part of one axis: low pixels `start:stop` are read, and the part `keep` is used with `weights` (one per output sample)."""

    start: int
    stop: int
    keep: slice
    weights: Float[np.ndarray, " samples"]


def plan_tiles(shape: Sequence[int], spec: NetworkSpec, memory_bytes: int, tile: str | int = "auto") -> Plan:
    """Tiling plan of slices of a shape (..., y, x): one tile where memory allows (or `tile="off"`), else the largest tiles that fit.

    `memory_bytes` is the budget of tiles and finished rows. Raises `UsageError` for a bad `tile`, `LimitError` where even the smallest
    tile does not fit.
    """
    longest = max(shape[-2:])
    halo = round_up(int(spec.receptive_field_radius), spec.size_multiple) if spec.finite else 0
    if tile == "off":
        return Plan(longest, halo)
    if tile != "auto":
        return Plan(check_tile(tile, spec), halo, not spec.finite)
    side = min(longest, LARGEST if spec.finite else BLENDED)
    while tile_bytes(side, halo, shape, spec) > memory_bytes:
        side //= 2
        if side < FLOOR:
            needed = tile_bytes(FLOOR, halo, shape, spec) / 2**20
            raise LimitError(
                f"The smallest tiles need {needed:.0f} MiB beside what is loaded, and {max(memory_bytes, 0) / 2**20:.0f} MiB are left. "
                "Choose a larger `memory`."
            )
    return Plan(round_up(side, spec.size_multiple), halo, not spec.finite)


def check_tile(tile: str | int, spec: NetworkSpec) -> int:
    """The side of a tile, checked; raises `UsageError`."""
    if not str(tile).isdecimal() or int(tile) < FLOOR or int(tile) % spec.size_multiple:
        raise UsageError(f"Expected a `tile` of auto, off or at least {FLOOR} pixels in steps of {spec.size_multiple}, found {tile!r}.")
    return int(tile)


def tile_bytes(side: int, halo: int, shape: Sequence[int], spec: NetworkSpec) -> int:
    """Bytes of one tile with its halo, and of its finished rows (float32, and float64 during conversion)."""
    height, width = (min(side + 2 * halo, n) for n in shape[-2:])
    tile = height * width * spec.bytes_per_pixel + spec.bytes_beside
    return tile + 2 * 4 * min(side, shape[-2]) * shape[-1] * spec.scale**2


def round_up(value: int, multiple: int) -> int:
    """The smallest multiple that is not below a value."""
    return -(-value // multiple) * multiple


def pieces(begin: int, end: int, plan: Plan, spec: NetworkSpec) -> list[Piece]:
    """Pieces of about equal size that cover the low pixels `begin:end` of an axis of length `end`."""
    if plan.blend:
        return blended(end, plan, spec.scale)
    count = -(-(end - begin) // plan.tile)
    edges = [begin + round_up((end - begin) * k // count, spec.size_multiple) for k in range(count)] + [end]
    cut = []
    for first, last in pairwise(edges):
        start, stop = max(first - plan.halo, 0), min(last + plan.halo, end)
        cut.append(Piece(start, stop, slice(first, last), np.ones((last - first) * spec.scale, np.float32)))
    return cut


def count_tiles(shape: Sequence[int], plan: Plan, spec: NetworkSpec) -> int:
    """The number of tiles of one slice (..., y, x)."""
    return math.prod(len(pieces(0, n, plan, spec)) for n in shape[-2:])


def blended(length: int, plan: Plan, scale: int) -> list[Piece]:
    """Pieces that overlap by half; the weights of a Hann window, divided by their sum so that they add to one at the border too."""
    side = min(plan.tile, length)
    starts = [*range(0, length - side, max(side // 2, 1)), length - side]
    window = np.sin(np.pi * (np.arange(side * scale) + 0.5) / (side * scale)) ** 2
    total = np.zeros(length * scale)
    for start in starts:
        total[start * scale : (start + side) * scale] += window
    shares = [(window / total[s * scale : (s + side) * scale]).astype(np.float32) for s in starts]
    return [Piece(s, s + side, slice(s, s + side), share) for s, share in zip(starts, shares, strict=True)]
