"""Multi-scale structural similarity index (MS-SSIM)."""

import torch
from jaxtyping import Float64
from torch import Tensor
from torch.nn import functional as F

from radloupe.metrics.metric import Metric, Stack, Values, per_image
from radloupe.metrics.structural_similarity import similarity

EXPONENTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # Wang, Simoncelli and Bovik 2003, section 3.2


@per_image
def ms_ssim(image: Stack, truth: Stack, span: float, padding: str = "reflect") -> Values:
    """Multi-scale SSIM over five scales, each half as wide as the one before (means of 2x2 pixels; an odd last row or column is dropped).

    The 11x11 Gaussian window of `ssim`; contrast and structure are taken where it lies inside the image, the luminance of the last scale
    as `padding` says: `reflect` as torchmetrics has it, `valid` as the authors. What is below zero counts as zero. NaN for sides below
    176 pixels. Source: Wang, Simoncelli and Bovik, Asilomar 2003, equation 7.

    >>> import numpy as np
    >>> truth = np.random.default_rng(0).random((176, 176))
    >>> round(ms_ssim(truth, truth, span=1.0), 6)
    1.0
    """
    result = torch.ones(len(image), dtype=torch.float64, device=image.device)
    for exponent in EXPONENTS[:-1]:
        result *= similarity(image, truth, span)[1].clamp(min=0) ** exponent
        image, truth = halved(image), halved(truth)
    return result * similarity(image, truth, span, padding=padding)[0].clamp(min=0) ** EXPONENTS[-1]


def halved(image: Stack) -> Float64[Tensor, "image y2 x2"]:
    """Means of 2x2 pixels; an image of one row or column stays as it is."""
    return F.avg_pool2d(image, 2) if min(image.shape[-2:]) > 1 else image


MS_SSIM = Metric(ms_ssim, identical=1.0, symmetric=True)
