"""Blind estimation of the noise level of an image."""

import numpy as np
from jaxtyping import Float, Real

BLOCK = 8
"""Side of a block in pixels."""
FLAT = 0.25
"""Share of the blocks that are used: those with the least structure."""
STRUCTURE = 0.2
"""Power of anatomy in the finest octave, as a share of that in the octave below: CT, MR and radiographs of the training split, native and
shrunk by 2 and by 4, then read 0 to 2 of 255 without noise, and 4.6 to 5.3 with white noise of 5."""
BACKGROUND = 0.15
"""Blocks with a pixel below this share of the way from the darkest to the brightest percent are background: the noise of MR magnitude is
smaller there, and scanners mask it."""


def noise_level(plane: Real[np.ndarray, "y x"], structure: float = STRUCTURE) -> float:
    """Standard deviation of the white noise in a slice: Immerkaer's estimate in flat blocks, minus the contribution of structure.

    The mask [1 -2 1] x [1 -2 1] takes away constants, slopes and straight edges; white noise of standard deviation s leaves 6 s. The same
    mask with holes, which sees the octave below, leaves as much of white noise and several times as much of structure. Both powers are
    averaged over the blocks of 8 x 8 pixels with the least structure; background and constant blocks are left out. With s^2 the variance
    of the noise and p the power of structure in the lower octave they are s^2 + structure * p and s^2 + p.

    Noise that is correlated over several pixels (smooth reconstruction kernels, interpolation) counts as structure; `structure=0` counts
    it, and fine anatomy, as noise.

    Args:
        plane: Values `y x` in any unit.
        structure: The share above, from 0 to below 1.

    Returns:
        The standard deviation in the unit of the plane; 0 for a slice without noise, or of less than 12 pixels a side.

    Source: Immerkaer, "Fast noise variance estimation", Computer Vision and Image Understanding 64(2), 1996; blocks and the second octave
    are Radloupe's own.

    >>> slope = np.add.outer(np.arange(128.0), np.arange(128.0))
    >>> noisy = slope + np.random.default_rng(0).normal(0, 5, slope.shape)
    >>> abs(noise_level(noisy) - 5) < 0.25, noise_level(slope)
    (True, 0.0)
    """
    if min(plane.shape) < BLOCK + 4:
        return 0.0
    values = plane.astype(np.float64)
    fine, coarse = (blocks(one**2).mean(-1) for one in (response(values, 1)[1:-1, 1:-1], response(values, 2)))
    darkest = blocks(values[2:-2, 2:-2]).min(-1)
    dark, bright = np.quantile(darkest, (0.01, 0.99))
    shows = (fine > 0) & (darkest >= dark + BACKGROUND * (bright - dark))
    if not shows.any():
        return 0.0
    fine, coarse = fine[shows], coarse[shows]
    flat = coarse <= np.quantile(coarse, FLAT)
    variance = (fine[flat].mean() - structure * coarse[flat].mean()) / (1 - structure) / 36
    return float(np.sqrt(max(variance, 0.0)))


def response(values: Float[np.ndarray, "y x"], step: int) -> Float[np.ndarray, "y2 x2"]:
    """Second differences along both axes between pixels `step` apart, where they fit: 36 times the variance of white noise."""
    across = values[:, : -2 * step] - 2 * values[:, step:-step] + values[:, 2 * step :]
    found: np.ndarray = across[: -2 * step] - 2 * across[step:-step] + across[2 * step :]
    return found


def blocks(values: Float[np.ndarray, "y x"]) -> Float[np.ndarray, "rows columns pixels"]:
    """The pixels of each whole block of a slice."""
    rows, columns = (n // BLOCK for n in values.shape)
    whole = values[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return whole.swapaxes(1, 2).reshape(rows, columns, -1)
