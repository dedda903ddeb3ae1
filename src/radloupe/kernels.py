"""Interpolation kernels."""

import numpy as np
from jaxtyping import Float


def cubic(distance: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """Keys' cubic convolution kernel with a = -1/2 (Keys 1981, IEEE TASSP 29, equation 15)."""
    x = np.abs(distance)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))
