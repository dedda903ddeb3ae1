"""The degradation of AID-SRGAN, as its paper describes it and as its released scripts do it."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Real
from torch import Tensor

from radloupe.core.settings import validated, within
from radloupe.degradation import draw
from radloupe.degradation.blur import GaussianBlur, MotionBlur
from radloupe.degradation.compress import JPEG
from radloupe.degradation.degradation_preset import Preset
from radloupe.degradation.noise import PoissonNoise
from radloupe.degradation.plain import to_low
from radloupe.degradation.resample import Method
from radloupe.degradation.step import Chain, Step

RECIPES = ("", "G", "M", "P", "GM", "GP", "PM", "GPM", "PGM", "MGP")  # of the released script: Gaussian, motion, photons; equally likely


@dataclass(frozen=True)
class ContrastStretch(Step):
    """Linear stretch of every slice from its smallest and largest value to 0 and 255, as the released script does after motion blur."""

    def _array(self, pixels: Real[np.ndarray, "... y x"]) -> Float[np.ndarray, "... y x"]:
        low, high = (find((-2, -1), keepdims=True) for find in (pixels.min, pixels.max))
        return 255.0 * (pixels - low) / np.where(high > low, high - low, 1)

    def _tensor(self, pixels: Float[Tensor, "batch 1 y x"]) -> Float[Tensor, "batch 1 y x"]:
        low, high = (find(pixels, (-2, -1), keepdim=True) for find in (torch.amin, torch.amax))
        return 255.0 * (pixels - low) / torch.where(high > low, high - low, 1)


@validated
class Paper:
    """Settings of the degradation as the paper describes it."""

    kernels: tuple[int, ...] = within((1, 3, 5, 7, 9, 11), 1, 63)
    """Kernel sides in pixels of Gaussian and motion blur, drawn with equal probability."""
    jpeg: int = within(3, 1, 100)


def paper(settings: Paper, shape: draw.Shape, scale: int, rng: np.random.Generator) -> Chain:
    """Draw Gaussian blur, motion blur and photon noise in random order, each with a probability of 0.1 to 1; then bicubic and JPEG."""
    probability = rng.integers(1, 11) / 10
    chain: list[Step] = []
    for kind in rng.permutation(list("GMP")):
        if not draw.chance(rng, probability):
            continue
        side = int(rng.choice(settings.kernels))
        sigma = round(0.3 * ((side - 1) / 2 - 1) + 0.8, 4)  # OpenCV's default sigma for a kernel's side
        gaussian, motion = GaussianBlur(side, side, sigma, sigma), MotionBlur(side, draw.uniform(rng, 0, 180))
        chain.append({"G": gaussian, "M": motion, "P": PoissonNoise(0, draw.seed(rng))}[str(kind)])
    return [*chain, to_low(shape, scale, "bicubic"), JPEG(settings.jpeg)]


@validated
class Released:
    """Settings of the degradation as the released script does it."""

    kernels: tuple[int, ...] = within((1, 3, 3, 5, 5), 1, 63)
    """Kernel sides in pixels of the Gaussian, drawn along y and along x; 3 and 5 are twice as likely as 1."""
    sigma: float = within(1.1, 0.0, 100.0)
    """Largest standard deviation of the Gaussian in pixels."""
    length: int = within(6, 1, 63)
    """Length of the motion in pixels. The script's diagonal, rotated by 45 degrees, becomes a row of six pixels."""
    angle: float = within(0.0, -360.0, 360.0)
    stretch: bool = True
    """Whether the contrast is stretched after motion blur."""
    method: Method = "bicubic-cv"
    jpeg: int = within(0, 0, 100)
    """JPEG quality; 0 for no JPEG: the script's setting is the compression level of PNG, which is lossless."""


def released(settings: Released, shape: draw.Shape, scale: int, rng: np.random.Generator) -> Chain:
    """Draw one of ten sequences of Gaussian blur, motion blur and photon noise; then bicubic without antialiasing, and JPEG if set."""
    chain: list[Step] = []
    for kind in RECIPES[int(rng.integers(len(RECIPES)))]:
        if kind == "G":
            height, width = (int(rng.choice(settings.kernels)) for _ in range(2))
            chain.append(GaussianBlur(height, width, draw.uniform(rng, 0, settings.sigma), draw.uniform(rng, 0, settings.sigma)))
        elif kind == "P":
            chain.append(PoissonNoise(0, draw.seed(rng)))
        else:
            chain += [MotionBlur(settings.length, settings.angle), *([ContrastStretch()] if settings.stretch else [])]
    compression = [JPEG(settings.jpeg)] if settings.jpeg else []
    return [*chain, to_low(shape, scale, settings.method), *compression]


PAPER = Preset(paper, Paper())
MINI = Preset(paper, Paper(kernels=(1, 3, 5)))
PLUS = Preset(paper, Paper(kernels=(7, 9, 11)))
RELEASED = Preset(released, Released())
