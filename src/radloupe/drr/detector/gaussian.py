"""Sum-preserving Gaussian blur whose run time does not depend on sigma."""

import numpy as np
from jaxtyping import Float
from scipy import ndimage

MANY_PIXELS = 8.0  # from this sigma on, three running means approximate a Gaussian; their odd widths miss sigma by up to 6 %

Planes = Float[np.ndarray, "*batch rows columns"]


def gaussian_blur(planes: Planes, down: float, right: float) -> Planes:
    """Gaussian blur with standard deviations `down` and `right` in pixels, reflected at the borders, so that the sum is preserved."""
    for axis, sigma in ((-2, down), (-1, right)):
        if 0 < sigma < MANY_PIXELS:
            planes = ndimage.gaussian_filter1d(planes, sigma, axis, mode="reflect")
        elif sigma:
            width = round(((4 * sigma**2 + 1) ** 0.5 - 1) / 2) * 2 + 1  # the nearest odd width, of variance (width^2 - 1) / 12
            for _ in range(3):
                planes = ndimage.uniform_filter1d(planes, width, axis, mode="reflect")
    return planes
