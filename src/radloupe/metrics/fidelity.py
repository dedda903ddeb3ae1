"""Pixel-wise fidelity: PSNR and NRMSE."""

import math
from collections.abc import Sequence

import torch

from radloupe.metrics.metric import Metric, Stack, Values, per_image


@per_image
def psnr(image: Stack, truth: Stack, span: float) -> Values:
    """Peak signal-to-noise ratio (PSNR) in dB, `10 log10(span^2 / MSE)`; infinite for identical images.

    Args:
        image: Arrays or tensors `(..., y, x)`.
        truth: Of the same shape.
        span: The range of the values (peak), such as 255 for 8 bits.

    Returns:
        One value for each image, of the kind that went in; a plain number for a single array.

    Raises:
        InputError: For different shapes.

    >>> import numpy as np
    >>> psnr(np.full((8, 8), 10.0), np.zeros((8, 8)), span=255)  # 20 log10(25.5)
    28.1308...
    """
    return 10 * torch.log10(span**2 / (image - truth).square().mean((-2, -1)))


@per_image
def nrmse(image: Stack, truth: Stack, span: float = 1.0) -> Values:
    """Normalised root-mean-square error: RMSE over the truth's root mean square, for any span; NaN for a truth of zeros."""
    return ((image - truth).square().mean((-2, -1)) / truth.square().mean((-2, -1))).sqrt()


def mean_decibels(values: Sequence[float]) -> float:
    """The PSNR of all pixels together from those of equally large parts."""
    error = math.fsum(10 ** (-value / 10) for value in values) / len(values)
    return -10 * math.log10(error) if error else math.inf


PSNR = Metric(psnr, identical=math.inf, symmetric=True, average=mean_decibels)
NRMSE = Metric(nrmse, identical=0.0)
