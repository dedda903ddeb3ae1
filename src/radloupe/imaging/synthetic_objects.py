"""Synthetic objects on a pixel grid: discs to plant into images, and edges to measure resolution with."""

import math

import numpy as np
from jaxtyping import Float
from scipy.special import erf


def disc(shape: tuple[int, int], centre: tuple[float, float], diameter: float) -> Float[np.ndarray, "y x"]:
    """Disc of value 1 on 0, with an edge one pixel wide that approximates averaging over pixels.

    Args:
        shape: Rows and columns.
        centre: Row and column of its centre, from the centre of the first pixel.
        diameter: Diameter in pixels.

    >>> round(float(disc((32, 32), (15.5, 16.2), 10).sum()), 1)  # its area is 25 pi = 78.5
    78.8

    """
    y, x = np.ogrid[: shape[0], : shape[1]]
    return np.clip(diameter / 2 + 0.5 - np.hypot(y - centre[0], x - centre[1]), 0, 1)


def blurred_edge(shape: tuple[int, int], degrees: float, sigma: float) -> Float[np.ndarray, "y x"]:
    """Straight edge from 0 to 1 through the centre, at an angle to the columns, blurred by a Gaussian.

    Args:
        shape: Rows and columns.
        degrees: Angle to the columns.
        sigma: Standard deviation of the Gaussian in pixels, above 0.

    >>> edge = blurred_edge((64, 64), 5, 0.5)
    >>> round(float(edge.mean()), 3), round(float(edge[32, 63]), 3)
    (0.5, 1.0)

    """
    found: np.ndarray = 0.5 * (1 + erf(edge_distance(shape, degrees) / (sigma * math.sqrt(2))))
    return found


def edge_distance(shape: tuple[int, int], degrees: float) -> Float[np.ndarray, "y x"]:
    """Signed distance in pixels of each pixel's centre from an edge through the image's centre, positive to its right."""
    y, x = (np.arange(n) - (n - 1) / 2 for n in shape)
    angle = math.radians(degrees)
    return x * math.cos(angle) - y[:, None] * math.sin(angle)
