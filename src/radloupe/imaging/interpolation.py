"""Interpolation kernels."""

import numpy as np
from jaxtyping import Float


def cubic(distance: Float[np.ndarray, "..."], a: float = -0.5) -> Float[np.ndarray, "..."]:
    """Keys' cubic convolution kernel (Keys 1981, IEEE TASSP 29, equation 15 for a = -1/2); OpenCV and PyTorch take a = -3/4."""
    x = np.abs(distance)
    near = (a + 2) * x**3 - (a + 3) * x**2 + 1
    far = a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))
