"""Training mixture of the default models: a share of clean images, the rest blurred, noisy or compressed."""

import numpy as np

from radloupe.core.settings import validated, within
from radloupe.degradation import draw
from radloupe.degradation.blur import GaussianBlur
from radloupe.degradation.compress import JPEG
from radloupe.degradation.degradation_preset import Preset
from radloupe.degradation.kspace import KSpaceCrop
from radloupe.degradation.noise import CorrelatedNoise, GaussianNoise, PoissonNoise, Rician
from radloupe.degradation.plain import to_low
from radloupe.degradation.resample import Resize
from radloupe.degradation.step import Chain, Step

MID_GREY = 128.0
"""The grey level at which photon noise has the drawn standard deviation."""
REDUCTIONS = {"bicubic": 0.35, "area": 0.2, "blur": 0.25, "interpolated": 0.2}
"""Downsampling methods of degraded images with their probabilities: see `reduction`."""


@validated
class Mixed:
    """Settings of the mixture."""

    clean: float = within(0.4, 0.0, 1.0)
    """Share of clean images: downsampled by `bicubic` or a k-space crop, with no further degradation."""
    kspace: float = within(0.0, 0.0, 1.0)
    """Share of images that are downsampled by a k-space crop, as MR acquisition does."""
    noisy: float = within(0.65, 0.0, 1.0)
    """Share of degraded images with noise."""
    noise: tuple[float, float] = within((0.2, 5.0), 0.0, 255.0)
    """Smallest and largest standard deviation in grey levels."""
    rician: bool = False
    """Rician noise (MR magnitude images) in place of photon and correlated noise."""
    compressed: float = within(0.35, 0.0, 1.0)
    """Share of degraded images with JPEG compression."""
    jpeg: tuple[int, int] = within((60, 95), 1, 100)
    """Lowest and highest JPEG quality."""


def mixed(settings: Mixed, shape: draw.Shape, scale: int, rng: np.random.Generator) -> Chain:
    """Draw a downsampling and, for all but the clean share, noise and JPEG, each with its own probability."""
    from_kspace, clean = draw.chance(rng, settings.kspace), draw.chance(rng, settings.clean)
    if from_kspace:
        chain: list[Step] = [KSpaceCrop(scale, "centre")]
    else:
        chain = [to_low(shape, scale, "bicubic")] if clean else reduction(shape, scale, rng)
    if not clean and draw.chance(rng, settings.noisy):
        chain.append(noise(settings, rng))
    if not clean and draw.chance(rng, settings.compressed):
        chain.append(JPEG(draw.quality(rng, settings.jpeg)))
    return chain


def reduction(shape: draw.Shape, scale: int, rng: np.random.Generator) -> list[Step]:
    """To 1/scale: antialiased bicubic; means of areas; a Gaussian blur of 0.3 to 0.8 low pixels, then samples; or bicubic to fewer pixels
    yet and back to 1/scale, as an image that was interpolated before.
    """
    kind = str(rng.choice(list(REDUCTIONS), p=list(REDUCTIONS.values())))
    if kind == "blur":
        width = scale * draw.uniform(rng, 0.3, 0.8)
        side = 2 * int(np.ceil(3 * width)) + 1  # three standard deviations hold all but 0.3 % of a Gaussian
        return [GaussianBlur(side, side, width, width), to_low(shape, scale, "bilinear")]
    if kind == "interpolated":
        factor = draw.uniform(rng, 1.1, 2.0)
        height, width_ = (max(1, round(n / scale / factor)) for n in shape)
        return [Resize(height, width_, "bicubic"), Resize(shape[0] // scale, shape[1] // scale, "bicubic")]
    return [to_low(shape, scale, "area" if kind == "area" else "bicubic")]


def noise(settings: Mixed, rng: np.random.Generator) -> Step:
    """One noise step of a drawn standard deviation: Rician, or else white, photon, or correlated noise over 0.5 to 1 pixel."""
    sigma, seed = draw.uniform(rng, *settings.noise), draw.seed(rng)
    if settings.rician:
        return Rician(sigma, seed)
    kind = str(rng.choice(["white", "photons", "correlated"], p=[0.5, 0.25, 0.25]))
    if kind == "photons":
        return PoissonNoise(round(255 * MID_GREY / sigma**2, 4), seed)
    return CorrelatedNoise(sigma, draw.uniform(rng, 0.5, 1.0), seed) if kind == "correlated" else GaussianNoise(sigma, seed)


MIXED = Preset(mixed, Mixed())
MIXED_MRI = Preset(mixed, Mixed(kspace=0.5, rician=True))
