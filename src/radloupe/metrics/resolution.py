"""Resolution and noise of images: modulation transfer function (MTF) of an edge, and noise power spectrum (NPS).

Super-resolution is not linear: its MTF depends on contrast and noise, and is printed with them (AAPM TG-233, task transfer function).
"""

import math

import numpy as np
from jaxtyping import Float

from radloupe.core.errors import InputError
from radloupe.metrics.fourier import radial_profile

BIN = 0.25
"""Width of the bins of the edge-spread function in pixels."""
HALF_WIDTH = 24.0
"""Pixels on each side of the edge that the line-spread function is taken from; its outer half is tapered."""


def edge_mtf(
    image: Float[np.ndarray, "y x"], distance: Float[np.ndarray, "y x"]
) -> tuple[Float[np.ndarray, " frequency"], Float[np.ndarray, " frequency"]]:
    """Modulation transfer function from a slanted edge.

    Args:
        image: An edge, noise averaged out; any unit.
        distance: Of each pixel from the edge in pixels, such as `imaging.synthetic_objects.edge_distance`.

    Returns:
        Frequencies in cycles per pixel up to 1, and the MTF there, 1 at zero.

    Raises:
        InputError: For an image without contrast, or one that leaves less than 24 pixels on a side of the edge.

    Source: ISO 12233 (slanted edge); bins and differences of a quarter of a pixel are divided out as sinc^2.

    """
    count = round(2 * HALF_WIDTH / BIN) + 1
    index = np.floor(distance / BIN + count / 2).astype(int)
    inside = (index >= 0) & (index < count)
    samples = np.bincount(index[inside], minlength=count)
    if not samples.all():
        raise InputError(f"Expected pixels on both sides of the edge up to {HALF_WIDTH:g} pixels away, found gaps. Use a larger image.")
    spread = np.bincount(index[inside], image[inside], count) / samples
    line = np.diff(spread) * tapered(count - 1)
    power = np.abs(np.fft.rfft(line, 8 * count))
    if not power[0] > 0:
        raise InputError("Expected an edge, found the same value on both sides. Check its position.")
    frequency = np.fft.rfftfreq(8 * count, BIN)
    kept = frequency <= 1
    return frequency[kept], (power / power[0])[kept] / np.sinc(frequency[kept] * BIN) ** 2


def tapered(count: int) -> Float[np.ndarray, " count"]:
    """A window of ones whose outer quarters fall to zero as a cosine (Tukey's), so that it does not narrow what it is put on."""
    distance = np.abs(np.arange(count) - (count - 1) / 2) / (count / 2)
    return np.where(distance < 0.5, 1.0, np.cos(np.pi * (distance - 0.5)) ** 2)


def mtf_crossing(frequency: Float[np.ndarray, " frequency"], mtf: Float[np.ndarray, " frequency"], level: float = 0.5) -> float:
    """The lowest frequency where an MTF falls to a level (0.5 for MTF50); infinity where it does not.

    >>> frequency = np.linspace(0, 1, 101)
    >>> round(mtf_crossing(frequency, np.exp(-2 * (np.pi * frequency) ** 2)), 3)  # a Gaussian of one pixel: sqrt(ln 2 / 2) / pi = 0.187
    0.187

    """
    below = np.flatnonzero(mtf <= level)
    if not len(below):
        return math.inf
    after = int(below[0])
    if after == 0:
        return float(frequency[0])
    share = (mtf[after - 1] - level) / (mtf[after - 1] - mtf[after])
    return float(frequency[after - 1] + share * (frequency[after] - frequency[after - 1]))


def noise_power(noise: Float[np.ndarray, "realisation y x"]) -> Float[np.ndarray, "y x"]:
    """Noise power spectrum: mean over realisations, in the order of the FFT; its mean over frequencies is the variance.

    Args:
        noise: Images of noise alone, without trend; under a Hann window, so that borders leave no cross.

    >>> noise = np.random.default_rng(0).normal(0, 2, (8, 64, 64))
    >>> bool(abs(noise_power(noise).mean() / 4 - 1) < 0.02)
    True

    """
    power = np.abs(np.fft.fft2(under_hann(noise))) ** 2 / noise[0].size
    return np.asarray(power.mean(0))


def radial_noise_power(noise: Float[np.ndarray, "realisation y x"]) -> Float[np.ndarray, " ring"]:
    """Noise power in rings of equal frequency (`metrics.fourier.radial_profile`), mean over realisations."""
    return np.asarray(radial_profile(under_hann(noise))).mean(0)


def under_hann(noise: Float[np.ndarray, "realisation y x"]) -> Float[np.ndarray, "realisation y x"]:
    """Noise without its means, under a window whose mean square is one."""
    height, width = noise.shape[-2:]
    window = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1])
    return (noise - noise.mean((1, 2), keepdims=True)) * (window / math.sqrt(np.mean(window**2)))


def share_above(power: Float[np.ndarray, "y x"], frequency: float) -> float:
    """Share of a spectrum's power where one of the two frequencies exceeds a frequency in cycles per pixel.

    >>> round(share_above(np.ones((64, 64)), 0.25), 2)  # white noise: three quarters of the plane, less the rows on the limit
    0.73

    """
    down, across = (np.abs(np.fft.fftfreq(n)) for n in power.shape)
    above = np.maximum(down[:, None], across) > frequency
    return float(power[above].sum() / power.sum())
