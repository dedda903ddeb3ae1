"""How sharp an image is, without a truth."""

import numpy as np
from jaxtyping import Real
from scipy.ndimage import correlate

LAPLACIAN = np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])  # OpenCV's kernel for aperture 1


def laplacian_variance(image: Real[np.ndarray, "y x"], span: float) -> float:
    """Variance of the Laplacian (aperture 1, borders mirrored without the edge) on a scale of 0 to 255 for values that span `span`."""
    return float(np.var(correlate(image * (255.0 / span), LAPLACIAN, mode="mirror")))
