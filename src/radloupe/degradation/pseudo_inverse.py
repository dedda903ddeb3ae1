"""Linear degradations as one matrix along each axis, and the pseudo-inverse of that matrix.

A separable linear degradation maps a high slice x to the low slice `A x B^T`. A low slice determines the range part of the high slice and
says nothing of its null-space part. The pseudo-inverse `A^T (A A^T)^-1` gives the high slice without null-space part; its weights
decay by a constant factor a low pixel, so that those below `NEGLIGIBLE` are left out and a high pixel depends on few low ones.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float
from scipy import sparse

from radloupe.degradation.apply import example, shrink
from radloupe.degradation.presets import preset

NEGLIGIBLE = 1e-6
"""Weights of the pseudo-inverse below this are left out: a projected slice then degrades to the low slice within 1e-6 of its range."""
TEMPLATE = 128
"""Low pixels of the axis whose matrices are computed; on longer axes the weights of the middle pixel repeat. At least twice the longest
receptive field of a pseudo-inverse (29 low pixels, of `pyramid-centred`), so that both borders have their own weights."""


@dataclass(frozen=True)
class AxisOperator:
    """A linear degradation along one axis and its pseudo-inverse."""

    shrink: sparse.csr_array
    """Degradation matrix (low x high)."""
    expand: sparse.csr_array
    """Pseudo-inverse (high x low)."""
    shrink_radius: int
    """In low pixels: low pixel j depends on the high pixels under low pixels j - radius to j + radius."""
    expand_radius: int
    """In low pixels: the high pixels under low pixel j depend on low pixels j - radius to j + radius."""


def is_linear(name: str, scale: int) -> bool:
    """Whether a preset is a separable linear map: deterministic, with a finite receptive field. False for an unknown preset.

    >>> is_linear("bicubic", 4), is_linear("kspace-centred", 4), is_linear("bsrgan", 4)
    (True, False, False)
    """
    if example(name, scale) is None:
        return False
    found = preset(name)
    return not found.drawn and np.isfinite(found.receptive_field_radius).item()


@lru_cache(maxsize=16)
def axis_operator(name: str, scale: int, count: int) -> AxisOperator:
    """The operator of a linear preset along an axis of `count` low pixels.

    Args:
        name: A preset for which `is_linear` holds.
        scale: Whole factor of reduction.
        count: Low pixels of the axis.

    Returns:
        Sparse matrices of float64 weights and their receptive fields.

    >>> along = axis_operator("bicubic", 2, 8)
    >>> low = np.arange(8.0)
    >>> np.allclose(along.shrink @ (along.expand @ low), low, atol=1e-5)
    True

    """
    matrix = axis_matrix(name, scale, min(count, TEMPLATE))
    inverse = np.linalg.solve(matrix @ matrix.T, matrix).T
    down, up = (repeated(values, count, scale) for values in (matrix.T, np.where(np.abs(inverse) > NEGLIGIBLE, inverse, 0.0)))
    return AxisOperator(sparse.csr_array(down.T), up, radius(down, scale), radius(up, scale))


def axis_matrix(name: str, scale: int, count: int) -> Float[np.ndarray, "low high"]:
    """Matrix of a preset along an axis: its impulse responses, one column per high row."""
    high = count * scale
    impulses = np.broadcast_to(np.eye(high)[:, :, None], (high, high, scale))
    return shrink(impulses, scale, name)[:, :, 0].T


def repeated(template: Float[np.ndarray, "high low"], count: int, scale: int) -> sparse.csr_array:
    """Weights of an axis of `count` low pixels: at both ends those of the template, in the middle those of its middle pixel."""
    known = template.shape[1]
    low = np.arange(count)
    column = np.where(low < count - known // 2, np.minimum(low, known // 2), low - (count - known))
    taken = [np.flatnonzero(template[:, k]) for k in range(known)]
    rows = np.concatenate([taken[k] + (j - k) * scale for j, k in zip(low, column, strict=True)])
    values = np.concatenate([template[taken[k], k] for k in column])
    columns = np.repeat(low, [len(taken[k]) for k in column])
    return sparse.csr_array((values, (rows, columns)), (count * scale, count))


def radius(weights: sparse.csr_array, scale: int) -> int:
    """Receptive-field radius of weights (high x low) in low pixels."""
    found = weights.tocoo()
    return int(np.abs(found.row // scale - found.col).max())
