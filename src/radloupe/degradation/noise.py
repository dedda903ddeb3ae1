"""Noise: Poisson (photons), Gaussian (electronics), correlated, and Rician (MR magnitude); NumPy and torch draw the same for a seed."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Real
from scipy import ndimage, special
from torch import Tensor

from radloupe.core import seeds
from radloupe.degradation.step import Step

NORMAL_ABOVE = 10.0  # photons; below, the distribution is summed term by term


def normal(shape: tuple[int, ...], seed: int, key: str) -> Float[np.ndarray, "..."]:
    """Standard normal deviates in float32 (for speed), one per pixel, independent of the pixels' values."""
    return seeds.generator(seed, "noise", key).standard_normal(shape, np.float32)


def poisson(mean: Float[np.ndarray, "..."], z: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """Poisson deviates of these means from standard normal ones, by inversion of the distribution.

    Each deviate depends only on its own mean and z and increases with both, so a rounding difference in one mean changes no other
    pixel. For large means the inverse is Giles' normal expansion (2016, ACM TOMS 42, algorithm 955); for small ones it is exact.
    """
    large = np.maximum(mean, NORMAL_ABOVE)
    root = np.sqrt(large)
    count = np.floor(large + root * z + 1 / 3 + z**2 / 6 - (z + z**3 / 2) / (36 * root))
    few = mean < NORMAL_ABOVE
    count[few] = summed(mean[few], special.ndtr(z[few]))
    return np.maximum(count, 0)


def summed(mean: Float[np.ndarray, " count"], share: Float[np.ndarray, " count"]) -> Float[np.ndarray, " count"]:
    """The smallest counts whose cumulative probability reaches `share`, for means below `NORMAL_ABOVE`."""
    term = np.exp(-mean)
    below, count = term.copy(), np.zeros_like(mean)
    for k in range(1, 60):  # a mean of 10 exceeds 60 photons once in 1e25
        count += below < share
        term = term * mean / k
        below += term
    return count


def tones(pixels: Real[np.ndarray, "..."]) -> int:
    """Number of distinct whole grey levels, rounded up to a power of two: scikit-image's estimate of the photons at white."""
    return int(2 ** np.ceil(np.log2(len(np.unique(np.rint(np.clip(pixels, 0, 255)))))))


@dataclass(frozen=True)
class PoissonNoise(Step):
    """Poisson noise of `photons` at white (grey 255), scaled by `dose`, and Gaussian electronic noise of `electronic` counts.

    Black and below get no Poisson noise. `photons=0` estimates the number from the grey levels that occur (scikit-image's rule).
    `strength` multiplies the Poisson noise, whose variance is grey * 255 / (photons * dose).
    """

    photons: float
    seed: int
    dose: float = 1.0
    electronic: float = 0.0
    strength: float = 1.0

    def _array(self, pixels: Real[np.ndarray, "... y x"]) -> Float[np.ndarray, "... y x"]:
        gain = (self.photons or tones(pixels)) * self.dose / 255
        expected = np.maximum(pixels, 0.0) * gain
        noise = self.strength * (poisson(expected, normal(pixels.shape, self.seed, "photons")) - expected)
        if self.electronic:
            noise += self.electronic * normal(pixels.shape, self.seed, "electronic")
        return pixels + noise / gain


@dataclass(frozen=True)
class GaussianNoise(Step):
    """White Gaussian noise with one standard deviation in the unit of the pixels."""

    sigma: float
    seed: int

    def _array(self, pixels: Real[np.ndarray, "... y x"]) -> Float[np.ndarray, "... y x"]:
        return pixels + self.sigma * normal(pixels.shape, self.seed, "white").astype(np.float64)

    def _tensor(self, pixels: Float[Tensor, "batch 1 y x"]) -> Float[Tensor, "batch 1 y x"]:
        return pixels.add(torch.from_numpy(normal(tuple(pixels.shape), self.seed, "white")).to(pixels), alpha=self.sigma)


@dataclass(frozen=True)
class CorrelatedNoise(Step):
    """Gaussian noise of one standard deviation, blurred by a Gaussian of `width` pixels before: the mottle that a smooth reconstruction
    kernel, or interpolation, makes of white noise.
    """

    sigma: float
    width: float
    seed: int

    def _array(self, pixels: Real[np.ndarray, "... y x"]) -> Float[np.ndarray, "... y x"]:
        white = normal(pixels.shape, self.seed, "correlated").astype(np.float64)
        taps = np.exp(-0.5 * (np.arange(-4, 5) / self.width) ** 2)  # four pixels hold the whole kernel for widths up to 1
        taps /= np.sqrt(np.square(taps).sum())  # keeps the variance
        for axis in (-2, -1):
            white = ndimage.correlate1d(white, taps, axis, mode="wrap")
        return pixels + self.sigma * white


@dataclass(frozen=True)
class Rician(Step):
    """Rician noise of MR magnitude images: Gaussian in the real and the imaginary part (Gudbjartsson and Patz 1995).

    >>> noisy = Rician(sigma=2.0, seed=1)(np.zeros((64, 64)))
    >>> round(float(noisy.mean()), 1)  # sqrt(pi / 2) sigma where there is no signal
    2.5
    """

    sigma: float
    seed: int

    def _array(self, pixels: Real[np.ndarray, "... y x"]) -> Float[np.ndarray, "... y x"]:
        real, imaginary = (self.sigma * normal(pixels.shape, self.seed, part).astype(np.float64) for part in ("real", "imaginary"))
        return np.hypot(pixels + real, imaginary)
