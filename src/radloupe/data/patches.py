"""Where a patch is cut from an image and which way up it is: the one owner for everything that trains on patches."""

import numpy as np
from jaxtyping import Real

Plane = Real[np.ndarray, "y x"]
TRIES, EMPTY = 10, 0.1
"""A patch whose values span less than this share of its image's is drawn again, so many times."""


def corner(plane: Plane, side: int, rng: np.random.Generator | None) -> tuple[int, int]:
    """The first row and column of a patch: in the middle without `rng`, otherwise drawn, and drawn again where it is empty."""
    free = [n - side for n in plane.shape]
    if rng is None:
        return free[0] // 2, free[1] // 2
    for _ in range(TRIES):
        y, x = (int(rng.integers(n + 1)) for n in free)
        if np.ptp(plane[y : y + side, x : x + side]) > EMPTY * np.ptp(plane):
            break
    return y, x


def orientation(rng: np.random.Generator | None) -> tuple[int, int]:
    """One of the eight ways to turn and mirror an image: quarter turns, and the step along its columns; upright without `rng`."""
    return (0, 1) if rng is None else (int(rng.integers(4)), 1 - 2 * int(rng.integers(2)))


def oriented(image: np.ndarray, turn: tuple[int, int]) -> np.ndarray:
    """An image (y, x) turned and mirrored."""
    turns, mirror = turn
    return np.rot90(image, turns)[:, ::mirror]
