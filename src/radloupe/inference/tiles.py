"""Tiled inference that yields rows as they are finished."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from jaxtyping import Float

from radloupe.inference.tile_plan import Piece, Plan, pieces, round_up
from radloupe.networks.spec import NetworkSpec

Run = Callable[[Float[np.ndarray, "y x"]], Float[np.ndarray, "sy sx"]]
"""A network as a function of one low slice in network range."""


def batched(low: Float[np.ndarray, "*channel y x"], spec: NetworkSpec) -> Float[np.ndarray, "1 channel y x"]:
    """Network input `1 channel y x` of a slice, with or without its maps; missing maps are zero."""
    planes = low if low.ndim == 3 else low[None]
    missing = spec.input_channels - len(planes) if spec.maps else 0
    return np.ascontiguousarray(np.pad(planes, [(0, missing), (0, 0), (0, 0)]))[None]


def strips(run: Run, low: Float[np.ndarray, "y x"], plan: Plan, spec: NetworkSpec) -> Iterator[Float[np.ndarray, "rows sx"]]:
    """The enlarged slice, from top to bottom, in strips of full width.

    When memory runs out, tiles are halved and the work continues at the same row; with a finite receptive field the bytes are the same.
    Raises `LimitError` where the smallest tile does not fit, or blended tiles would have to change within a slice.
    """
    done = 0
    while done < low.shape[0]:
        try:
            for strip in sweep(run, low, plan, spec, done):
                done += strip.shape[0] // spec.scale
                yield strip
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error) or (plan.blend and done):
                raise
            plan = plan.halved()


def out_of_memory(error: BaseException) -> bool:
    """Whether an exception is one of exhausted memory, on the CPU or on an accelerator."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)


def sweep(run: Run, low: np.ndarray, plan: Plan, spec: NetworkSpec, begin: int) -> Iterator[np.ndarray]:
    """Strips from low row `begin` on; rows to which later tiles still contribute are buffered."""
    scale = spec.scale
    down, across = pieces(begin, low.shape[0], plan, spec), pieces(0, low.shape[1], plan, spec)
    rows, done = np.zeros((0, low.shape[1] * scale), np.float32), begin
    for index, row in enumerate(down):
        rows = extend(rows, (row.keep.stop - done) * scale)
        for column in across:
            tile = run_fitted(run, low[row.start : row.stop, column.start : column.stop], spec)
            region = (scaled(row.keep, scale, done), scaled(column.keep, scale))
            rows[region] += kept(tile, row, column, scale) * row.weights[:, None] * column.weights
        final = down[index + 1].keep.start if index + 1 < len(down) else low.shape[0]
        yield rows[: (final - done) * scale]
        rows, done = rows[(final - done) * scale :], final


def extend(rows: np.ndarray, height: int) -> np.ndarray:
    """Rows zero-padded below to `height`."""
    return np.concatenate([rows, np.zeros((height - len(rows), rows.shape[1]), np.float32)])


def scaled(part: slice, scale: int, origin: int = 0) -> slice:
    """Slice of output samples for a slice of low pixels, relative to low pixel `origin`."""
    return slice((part.start - origin) * scale, (part.stop - origin) * scale)


def kept(tile: np.ndarray, row: Piece, column: Piece, scale: int) -> np.ndarray:
    """The part of a tile's result that is used."""
    return tile[scaled(row.keep, scale, row.start), scaled(column.keep, scale, column.start)]


def run_fitted(run: Run, region: np.ndarray, spec: NetworkSpec) -> np.ndarray:
    """Output of a network on a region padded by edge replication to a size that it takes, with the excess cropped."""
    height, width = region.shape
    fitted = [round_up(max(n, spec.minimum_size), spec.size_multiple) for n in region.shape]
    padded = np.pad(region, [(0, fitted[0] - height), (0, fitted[1] - width)], mode="edge")
    return run(padded)[: height * spec.scale, : width * spec.scale]
