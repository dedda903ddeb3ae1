"""The blind degradation of BSRGAN: blur, resampling, noise and JPEG in random order (Zhang et al., ICCV 2021)."""

from collections.abc import Callable

import numpy as np

from radloupe.core.settings import validated, within
from radloupe.degradation import draw
from radloupe.degradation.blur import GaussianBlur
from radloupe.degradation.compress import JPEG
from radloupe.degradation.degradation_preset import Preset
from radloupe.degradation.noise import GaussianNoise
from radloupe.degradation.plain import to_low
from radloupe.degradation.resample import Method, Resize
from radloupe.degradation.step import Chain, Step

INTERPOLATIONS: tuple[Method, ...] = ("bilinear", "bicubic-cv", "area")


@validated
class Bsrgan:
    """Settings of the degradation."""

    noise: tuple[float, float] = within((2.0, 25.0), 0.0, 255.0)
    """Smallest and largest standard deviation in grey levels."""
    jpeg: tuple[int, int] = within((30, 95), 1, 100)
    """Lowest and highest JPEG quality."""


def bsrgan(settings: Bsrgan, shape: draw.Shape, scale: int, rng: np.random.Generator) -> Chain:
    """Draw two blurs, two resamplings (the final one second), Gaussian noise and JPEG in random order, then a last JPEG."""
    start: list[Step] = []
    rest = scale
    if scale == 4 and draw.chance(rng, 0.25):
        start, rest = [to_low(shape, 2, interpolation(rng))], 2
    size = (shape[0] // (scale // rest), shape[1] // (scale // rest))
    order = [str(name) for name in rng.permutation(["blur", "blur", "resize", "final", "noise", "jpeg"])]
    first, second = sorted((order.index("resize"), order.index("final")))
    order[first], order[second] = "resize", "final"
    stages: dict[str, Callable[[], list[Step]]] = {
        "blur": lambda: [blur(rest, rng)],
        "resize": lambda: resize(size, rest, rng),
        "final": lambda: [to_low(shape, scale, interpolation(rng))],
        "noise": lambda: [GaussianNoise(draw.uniform(rng, *settings.noise), draw.seed(rng))],
        "jpeg": lambda: [JPEG(draw.quality(rng, settings.jpeg))] if draw.chance(rng, 0.9) else [],
    }
    return [*start, *(step for name in order for step in stages[name]()), JPEG(draw.quality(rng, settings.jpeg))]


def interpolation(rng: np.random.Generator) -> Method:
    """One of the three interpolation methods, drawn at random."""
    return INTERPOLATIONS[int(rng.integers(len(INTERPOLATIONS)))]


def blur(scale: int, rng: np.random.Generator) -> GaussianBlur:
    """Gaussian kernel of side 7 to 25: anisotropic with variances up to 4 + scale, or isotropic with a sigma up to 2 + scale/5."""
    side = 2 * int(rng.integers(2, 12)) + 3
    if draw.chance(rng, 0.5):
        one, other = (round(draw.uniform(rng, 0, 4 + scale) ** 0.5, 4) for _ in range(2))
        return GaussianBlur(side, side, one, other, draw.uniform(rng, 0, 180))
    width = draw.uniform(rng, 0, 2 + 0.2 * scale)
    return GaussianBlur(side, side, width, width)


def resize(size: draw.Shape, scale: int, rng: np.random.Generator) -> list[Step]:
    """Downsampling by 1 to 2*scale (probability 3/4), or a blur and the sample at the centre of each low pixel."""
    if draw.chance(rng, 0.75):
        factor = 1 / draw.uniform(rng, 1, 2 * scale)
        return [Resize(max(1, int(factor * size[0])), max(1, int(factor * size[1])), interpolation(rng))]
    width = draw.uniform(rng, 0.1, 0.6 * scale)
    return [GaussianBlur(25, 25, width, width), to_low(size, scale, "bilinear")]


BSRGAN = Preset(bsrgan, Bsrgan())
