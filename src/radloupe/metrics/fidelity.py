"""How close an image is to the truth, pixel by pixel: PSNR and SSIM in float64."""

import math

import numpy as np
from jaxtyping import Float, Real
from scipy.ndimage import correlate1d

SIGMA, RADIUS = 1.5, 5  # the 11x11 Gaussian window of Wang et al. 2004
K1, K2 = 0.01, 0.03


def psnr(image: Real[np.ndarray, "..."], truth: Real[np.ndarray, "..."], span: float) -> float:
    """Peak signal-to-noise ratio in dB for values that span `span`; infinite for identical images.

    >>> round(psnr(np.zeros(4), np.full(4, 0.1), 1.0), 6)
    20.0
    """
    error = float(np.mean(np.square(image.astype(np.float64) - truth)))
    return 10 * math.log10(span**2 / error) if error else math.inf


def ssim(image: Real[np.ndarray, "y x"], truth: Real[np.ndarray, "y x"], span: float) -> float:
    """Structural similarity (Wang et al., IEEE TIP 2004): 11x11 Gaussian window, sigma 1.5, only where it lies inside the image.

    NaN for images smaller than the window.
    """
    if min(image.shape) < 2 * RADIUS + 1:
        return math.nan
    a, b = image.astype(np.float64), truth.astype(np.float64)
    mean_a, mean_b = smooth(a), smooth(b)
    var_a, var_b = smooth(a * a) - mean_a**2, smooth(b * b) - mean_b**2
    both = smooth(a * b) - mean_a * mean_b
    c1, c2 = (K1 * span) ** 2, (K2 * span) ** 2
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return float(np.mean(luminance * (2 * both + c2) / (var_a + var_b + c2)))


def smooth(image: Float[np.ndarray, "y x"]) -> Float[np.ndarray, "y2 x2"]:
    """The Gaussian window's mean at every place where it lies inside the image."""
    window = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2)
    window /= window.sum()
    inside = slice(RADIUS, -RADIUS)
    return correlate1d(correlate1d(image, window, 0)[inside], window, 1)[:, inside]
