"""Second-order blind degradation of Real-ESRGAN (Wang et al., ICCV workshops 2021): two rounds of blur, resampling, noise and JPEG."""

import math
from dataclasses import dataclass

import numpy as np

from radloupe.degradation import draw
from radloupe.degradation.blur import Blur, GaussianBlur, SincBlur
from radloupe.degradation.compress import JPEG
from radloupe.degradation.degradation_preset import Preset
from radloupe.degradation.noise import GaussianNoise, PoissonNoise
from radloupe.degradation.plain import to_low
from radloupe.degradation.resample import Method, Resize
from radloupe.degradation.step import Chain, Step

INTERPOLATIONS: tuple[Method, ...] = ("area", "bilinear", "bicubic-cv")
SHAPES = ("round", "turned", "generalised round", "generalised turned", "plateau round", "plateau turned")
SHAPE_CHANCES = (0.45, 0.25, 0.12, 0.03, 0.12, 0.03)
SINC_CHANCE, LAST_SINC_CHANCE = 0.1, 0.8


@dataclass(frozen=True)
class Round:
    """Parameter ranges of one round."""

    blur: float
    """Probability of a blur."""
    sigma: tuple[float, float]
    resize: tuple[float, float, float]
    """Probabilities of upsampling, downsampling, and no resampling."""
    factor: tuple[float, float]
    gaussian: tuple[float, float]
    photons: tuple[float, float]
    """Strength of Poisson noise."""
    jpeg: tuple[int, int] = (30, 95)


FIRST = Round(1.0, (0.2, 3.0), (0.2, 0.7, 0.1), (0.15, 1.5), (1.0, 30.0), (0.05, 3.0))
SECOND = Round(0.8, (0.2, 1.5), (0.3, 0.4, 0.3), (0.3, 1.2), (1.0, 25.0), (0.05, 2.5))


@dataclass(frozen=True)
class RealEsrgan:
    """Settings of the degradation."""

    second: bool = True
    """Whether there is a second round."""
    last_sinc: bool = True
    """Whether a final sinc filter may follow."""


def real_esrgan(settings: RealEsrgan, shape: draw.Shape, scale: int, rng: np.random.Generator) -> Chain:
    """Draw two rounds; in the second the final resampling, with a sinc filter, comes before or after JPEG."""
    chain = [*blurred(FIRST, rng), resized(shape, FIRST, rng), noisy(FIRST, rng), JPEG(draw.quality(rng, FIRST.jpeg))]
    if settings.second:
        low = (shape[0] // scale, shape[1] // scale)
        chain += [*blurred(SECOND, rng), resized(low, SECOND, rng), noisy(SECOND, rng)]
    final: list[Step] = [to_low(shape, scale, interpolation(rng))]
    if settings.last_sinc and draw.chance(rng, LAST_SINC_CHANCE):
        final.append(sinc(side(rng), rng, least=math.pi / 3))
    jpeg = [JPEG(draw.quality(rng, SECOND.jpeg))] if settings.second else []
    return [*chain, *final, *jpeg] if draw.chance(rng, 0.5) else [*chain, *jpeg, *final]


def interpolation(rng: np.random.Generator) -> Method:
    """One of the three interpolation methods, drawn at random."""
    return INTERPOLATIONS[int(rng.integers(len(INTERPOLATIONS)))]


def side(rng: np.random.Generator) -> int:
    """Kernel side in pixels: 7, 9, ... 21."""
    return 7 + 2 * int(rng.integers(8))


def sinc(size: int, rng: np.random.Generator, least: float) -> SincBlur:
    """Sinc filter with a cutoff between `least` radians per pixel and Nyquist."""
    return SincBlur(size, draw.uniform(rng, least, math.pi))


def blurred(ranges: Round, rng: np.random.Generator) -> list[Blur]:
    """One blur of six kernel shapes or a sinc filter, or none."""
    if not draw.chance(rng, ranges.blur):
        return []
    size = side(rng)
    if draw.chance(rng, SINC_CHANCE):
        return [sinc(size, rng, least=math.pi / 3 if size < 13 else math.pi / 5)]
    shape = str(rng.choice(SHAPES, p=SHAPE_CHANCES))
    one, other, angle = draw.uniform(rng, *ranges.sigma), draw.uniform(rng, *ranges.sigma), draw.uniform(rng, -180, 180)
    power = {"generalised": draw.uniform(rng, 0.5, 4), "plateau": draw.uniform(rng, 1, 2)}.get(shape.split()[0], 1.0)
    if shape.endswith("round"):
        other, angle = one, 0.0
    return [GaussianBlur(size, size, one, other, angle, power, shape.startswith("plateau"))]


def resized(size: draw.Shape, ranges: Round, rng: np.random.Generator) -> Resize:
    """Resampling up, down, or to the same size."""
    least, largest = ranges.factor
    direction = str(rng.choice(("up", "down", "keep"), p=ranges.resize))
    factor = {"up": draw.uniform(rng, 1, largest), "down": draw.uniform(rng, least, 1), "keep": 1.0}[direction]
    return Resize(max(1, int(size[0] * factor)), max(1, int(size[1] * factor)), interpolation(rng))


def noisy(ranges: Round, rng: np.random.Generator) -> Step:
    """Gaussian or photon noise with equal probability."""
    if draw.chance(rng, 0.5):
        return GaussianNoise(draw.uniform(rng, *ranges.gaussian), draw.seed(rng))
    return PoissonNoise(0, draw.seed(rng), strength=draw.uniform(rng, *ranges.photons))


REAL_ESRGAN = Preset(real_esrgan, RealEsrgan())
