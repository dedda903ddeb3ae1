"""Traces of resampling: pixels that their neighbours predict better when each phase of a period has a predictor of its own.

An interpolated image repeats its interpolation weights with the period of the two grids, so pixel k follows from its neighbours by weights
that depend on k modulo the period (Popescu and Farid, IEEE Trans. Signal Processing 53(2), 2005; Gallagher, CRV 2005). Image content
does not know the grid. On each block the residual of one least-squares predictor is compared with that of one predictor for each
phase. Unlike the variance of single phases, the comparison also sees enlargement by 2, whose phases are mirror images of each other.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Real

SIDE = 48
"""Of a block in pixels: a multiple of all periods."""
TAPS = 3
"""Neighbours on each side that predict a pixel."""
PERIODS = (2, 3, 4)
"""Of enlargements by 2, by 1.5 and 3, and by 4."""
ACTIVE = 1e-6
"""Least variance of a block, as a share of the plane's: flat background says nothing."""
FEWEST = 4
"""Active blocks below which an edge in one of them could decide."""
EXACT = 1e-9
"""Residual, as a share of the plane's variance, below which a prediction counts as exact."""


def period_gains(plane: Real[np.ndarray, "y x"], periods: Sequence[int] = PERIODS) -> dict[int, float]:
    """How much better a predictor for each phase of a period does than one for all, for each period.

    Args:
        plane: Values `y x` in any unit.
        periods: In pixels.

    Returns:
        The logarithm of the ratio of residual variances: the median over the blocks, along rows or columns, whichever is smaller; near 0
        for an image that was not resampled, and 0 for one of fewer than `FEWEST` active blocks.

    >>> noise = np.random.default_rng(0).normal(size=(150, 150))
    >>> gains = period_gains(noise.repeat(2, 0).repeat(2, 1)[:200, :200])
    >>> gains[2] > 1, period_gains(noise)[2] < 0.05
    (True, True)

    """
    found = [along_rows(np.ascontiguousarray(axis, np.float32), periods) for axis in (plane, plane.T)]
    return {period: float(min(np.median(one[period]) if len(one[period]) >= FEWEST else 0.0 for one in found)) for period in periods}


def along_rows(plane: Float[np.ndarray, "y x"], periods: Sequence[int]) -> dict[int, Float[np.ndarray, " blocks"]]:
    """The gains of the active blocks, with neighbours in the same row."""
    taps = 2 * TAPS + 1
    rows, columns = plane.shape[0] // SIDE, (plane.shape[1] - taps + 1) // SIDE
    if rows < 1 or columns < 1 or not plane.std():
        return {period: np.empty(0) for period in periods}
    scaled = (plane[: rows * SIDE] - plane.mean()) / plane.std()
    windows = np.lib.stride_tricks.sliding_window_view(scaled, taps, axis=1)[:, : columns * SIDE]
    blocks = windows.reshape(rows, SIDE, columns, SIDE, taps).transpose(0, 2, 3, 1, 4).astype(np.float64)
    blocks -= blocks.mean((2, 3, 4), keepdims=True)
    gram = blocks.swapaxes(-1, -2) @ blocks  # rows, columns, x of the block, taps, taps
    whole = gram.sum(2)
    active = whole[..., TAPS, TAPS] / SIDE**2 > ACTIVE
    pooled = residual(whole[active]) + EXACT
    gains = {}
    for period in periods:
        phases = gram[active].reshape(-1, SIDE // period, period, taps, taps).sum(1)
        gains[period] = np.log(pooled / (residual(phases).sum(-1) + EXACT))
    return gains


def residual(gram: Float[np.ndarray, "*blocks taps taps"]) -> Float[np.ndarray, "*blocks"]:
    """The squared error left by the least-squares prediction of the middle sample from the others, given their inner products."""
    others = [k for k in range(2 * TAPS + 1) if k != TAPS]
    ridge = (EXACT * np.trace(gram, axis1=-2, axis2=-1) + 1e-30)[..., None, None] * np.eye(len(others))
    between, towards = gram[..., others, :][..., others] + ridge, gram[..., others, TAPS]
    explained = (towards * np.linalg.solve(between, towards[..., None])[..., 0]).sum(-1)
    return np.maximum(gram[..., TAPS, TAPS] - explained, 0)
