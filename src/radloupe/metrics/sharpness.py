"""Sharpness (variance of the Laplacian) and high-frequency error norm (HFEN)."""

import math
from typing import Any

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor
from torch.nn import functional as F

from radloupe.metrics.metric import Metric, Stack, Values, check_shapes, correlate, gaussian, per_image

EDGE_SIGMA, EDGE_RADIUS = 1.5, 7  # the 15x15 Laplacian of Gaussian of Ravishankar and Bresler 2011


@per_image
def laplacian_variance(image: Stack, span: float) -> Values:
    """Variance of the Laplacian on a scale of 0 to 255 for values that span `span`; NaN for sides below two pixels.

    OpenCV's kernel for aperture 1 (0 1 0, 1 -4 1, 0 1 0), borders mirrored without the edge, variance of the population.
    """
    if min(image.shape[-2:]) < 2:
        return nothing(image)
    wide = F.pad(image * (255.0 / span), (1, 1, 1, 1), mode="reflect")
    second = (1.0, -2.0, 1.0)
    laplacian = correlate(wide[:, 1:-1], second, -1) + correlate(wide[:, :, 1:-1], second, -2)
    return laplacian.var((-2, -1), correction=0)


@per_image
def hfen(image: Stack, truth: Stack, span: float = 1.0) -> Values:
    """High-frequency error norm: the norm of the error's edges over that of the truth's edges, independent of the span.

    Edges are the response of a 15x15 Laplacian of Gaussian (sigma 1.5, sum zero) where it lies inside the image. NaN for sides below 15
    pixels and for a truth without edges. Source: Ravishankar and Bresler, IEEE TMI 30(5), 2011, section IV.
    """
    if min(image.shape[-2:]) <= 2 * EDGE_RADIUS:
        return nothing(image)
    error, all_edges = (edges(one).square().sum((-2, -1)).sqrt() for one in (image - truth, truth))
    return error / all_edges


def edges(image: Stack) -> Float64[Tensor, "image y2 x2"]:
    """The Laplacian of Gaussian as MATLAB's fspecial makes it: three separable parts, the last of which makes its sum zero."""
    bell = gaussian(EDGE_SIGMA, EDGE_RADIUS)
    steps = np.arange(-EDGE_RADIUS, EDGE_RADIUS + 1)
    curved = tuple(((steps**2 - EDGE_SIGMA**2) / EDGE_SIGMA**4 * bell).tolist())
    across, down = (correlate(correlate(image, first, -1), second, -2) for first, second in ((curved, bell), (bell, curved)))
    box = (1.0,) * len(bell)
    mean = 2 * math.fsum(curved) / len(bell) ** 2
    return across + down - mean * correlate(correlate(image, box, -1), box, -2)


def nothing(image: Stack) -> Values:
    """NaN for each image, where the filter is larger than the image."""
    return torch.full((len(image),), math.nan, dtype=torch.float64, device=image.device)


def sharpness(image: Any, truth: Any, span: float) -> Any:
    """`laplacian_variance` of the image, after a check of the shapes."""
    check_shapes(image, truth)
    return laplacian_variance(image, span)


LAPLACIAN_VARIANCE = Metric(sharpness)
HFEN = Metric(hfen, identical=0.0)
