"""Position and orientation of training patches: the one owner of both."""

import numpy as np
from jaxtyping import Real

Plane = Real[np.ndarray, "y x"]
TRIES, EMPTY = 10, 0.1
"""Patches whose value range is below `EMPTY` of the image's are redrawn up to `TRIES` times."""


def corner(plane: Plane, side: int, rng: np.random.Generator | None) -> tuple[int, int]:
    """First row and column of a patch: central without `rng`, otherwise random, redrawn where the patch is empty."""
    free = [n - side for n in plane.shape]
    if rng is None:
        return free[0] // 2, free[1] // 2
    for _ in range(TRIES):
        y, x = (int(rng.integers(n + 1)) for n in free)
        if np.ptp(plane[y : y + side, x : x + side]) > EMPTY * np.ptp(plane):
            break
    return y, x


def orientation(rng: np.random.Generator | None) -> tuple[int, int]:
    """A random orientation: quarter turns 0 to 3, and column step 1 or -1 (mirrored); upright without `rng`."""
    return (0, 1) if rng is None else (int(rng.integers(4)), 1 - 2 * int(rng.integers(2)))


def oriented(image: np.ndarray, turn: tuple[int, int]) -> np.ndarray:
    """An image (y, x) turned and mirrored."""
    turns, mirror = turn
    return np.rot90(image, turns)[:, ::mirror]
