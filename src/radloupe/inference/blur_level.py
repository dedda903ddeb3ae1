"""Blind estimation of the blur of an image."""

import numpy as np
from jaxtyping import Real

from radloupe.inference.noise_level import BLOCK, blocks, noise_level, response

STRUCTURED = 0.75
"""Quantile of the power in the lower octave above which blocks are used: structure outweighs noise in them."""
CALIBRATION = ((-1.75, 0.87), (-1.48, 0.69), (-1.22, 0.5), (-1.0, 0.0))
"""Common logarithm of the power of structure in the finest octave over that in the octave below, and the blur: medians over 72 radiographs,
CT and MR slices of the training split, reduced by 2 and by 4, with Gaussian blur and after interpolation. Nine in ten lie within 0.15 of
the median of their kind; sharp reductions read -1.1 and more, and area averaging and the centre of k-space -0.9 and more: not blurred."""


def blur_level(plane: Real[np.ndarray, "y x"]) -> float:
    """Blur of a slice, 0 to 1: relative loss of amplitude in its finest octave against a bicubic reduction.

    In anatomy of any modality an octave has about ten times the power of the next finer one, as long as the pixels limit the resolution.
    Blur and interpolation reduce it further. The noise power (`noise_level`) is subtracted from both.

    Args:
        plane: Values `y x` in any unit.

    Returns:
        0 for an image as sharp as its pixels allow, 0.5 for a Gaussian blur of half a pixel, 0.87 for one enlarged twice by interpolation;
        0 where no estimate is possible.

    >>> from scipy.ndimage import gaussian_filter
    >>> rough = gaussian_filter(np.random.default_rng(0).normal(size=(128, 128)), 0.6)
    >>> blur_level(rough) < blur_level(gaussian_filter(rough, 1.0))
    True
    """
    if min(plane.shape) < BLOCK + 4:
        return 0.0
    values = plane.astype(np.float64)
    noise = 36 * noise_level(values) ** 2
    fine, coarse = (blocks(one**2).mean(-1) for one in (response(values, 1)[1:-1, 1:-1], response(values, 2)))
    structured = coarse >= np.quantile(coarse, STRUCTURED)
    above, below = (float(one[structured].mean()) - noise for one in (fine, coarse))
    if not (above > 0 and below > 0):
        return 0.0
    ratios, blurs = zip(*CALIBRATION, strict=True)
    return float(np.interp(np.log10(above / below), ratios, blurs))
