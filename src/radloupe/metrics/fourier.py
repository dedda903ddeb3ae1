"""Radial power spectrum and Fourier ring correlation (FRC)."""

from functools import cache

import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from radloupe.metrics.metric import Metric, Stack, Values, per_image

Curves = Float64[Tensor, "image ring"]
THRESHOLD = 1 / 7  # where two halves of a data set hold half a bit: Rosenthal and Henderson 2003


@per_image
def radial_profile(image: Stack) -> Curves:
    """Mean power of an image in rings of equal frequency: ring r is at r / n cycles per pixel, n the shorter side, up to one half.

    Power is the squared modulus of the Fourier transform over the number of pixels, so that noise of variance v has v in every ring.
    """
    power = torch.fft.fft2(image).abs().square() / image[0].numel()
    return over_rings(power) / over_rings(torch.ones_like(power[:1]))


@per_image
def ring_correlation(image: Stack, truth: Stack) -> Curves:
    """Fourier ring correlation of two images, from -1 to 1, in the rings of `radial_profile`.

    Zero where one of the images has no power. Source: Saxton and Baumeister, J. Microscopy 127, 1982; van Heel, Ultramicroscopy 21, 1987.
    """
    a, b = torch.fft.fft2(image), torch.fft.fft2(truth)
    both = over_rings((a * b.conj()).real)
    scale = (over_rings(a.abs().square()) * over_rings(b.abs().square())).sqrt()
    return torch.where(scale > 0, both / scale, 0.0)


@per_image
def frc_cutoff(image: Stack, truth: Stack, span: float = 1.0, threshold: float = THRESHOLD) -> Values:
    """The lowest frequency, in cycles per pixel, where the ring correlation falls below the threshold; one half where it never does.

    Interpolated between rings; independent of the span.

    >>> import numpy as np
    >>> truth = np.random.default_rng(0).random((64, 64))
    >>> frc_cutoff(truth, truth)  # identical images agree up to Nyquist
    0.5
    """
    curve = ring_correlation(image, truth)
    below = curve < threshold
    first = below.int().argmax(-1, keepdim=True)
    before = (first - 1).clamp(min=0)
    high, low = curve.gather(-1, before), curve.gather(-1, first)
    fraction = torch.where(high > low, (high - threshold) / (high - low), 0.0)
    rings = torch.where(below.any(-1, keepdim=True), before + fraction, curve.shape[-1] - 1)
    return rings[:, 0] / min(image.shape[-2:])


def over_rings(values: Stack) -> Curves:
    """Sums of transforms over rings; what lies beyond one half (the corners, and the rows that only the longer side has) is left out."""
    rings = ring_numbers(*values.shape[-2:]).to(values.device)
    count = min(values.shape[-2:]) // 2 + 1
    sums = torch.zeros(len(values), int(rings.max()) + 1, dtype=values.dtype, device=values.device)
    return sums.index_add_(1, rings.flatten(), values.flatten(1))[:, :count]


@cache
def ring_numbers(height: int, width: int) -> Int64[Tensor, "y x"]:
    """The ring of each frequency of a transform: its distance from zero in cycles per pixel, times the shorter side, rounded."""
    down, across = torch.fft.fftfreq(height, dtype=torch.float64), torch.fft.fftfreq(width, dtype=torch.float64)
    return (torch.hypot(down[:, None], across[None]) * min(height, width)).round().long()


FRC_CUTOFF = Metric(frc_cutoff, identical=None, symmetric=True)
