"""Layers and blocks that several architectures share."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.core.errors import UsageError

DIV2K_MEAN = (0.4488, 0.4371, 0.4040)  # of the training images of DIV2K, red green blue, in 0..1 (EDSR, RCAN)


def exactly(image: Tensor) -> AbstractContextManager[object]:
    """A context without autocast, in which float32 stays float32."""
    return nullcontext() if image.is_meta else torch.autocast(image.device.type, enabled=False)


def conv(channels_in: int, channels_out: int, side: int = 3, stride: int = 1, bias: bool = True) -> nn.Conv2d:
    """Convolution with padding that keeps the size, or divides it by `stride`."""
    return nn.Conv2d(channels_in, channels_out, side, stride, side // 2, bias=bias)


KEEPS_INITIALISATION = "keeps_initialisation"
"""Attribute of a layer that keeps its own initial weights where a recipe initialises the network."""


class Plus(nn.Sequential):
    """x + factor * layers(x)."""

    def __init__(self, *layers: nn.Module, factor: float = 1.0) -> None:
        super().__init__(*layers)
        self.factor = factor

    def forward(self, features: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c *space"]:
        """One residual step."""
        deep = features
        for layer in self:
            deep = layer(deep)
        return features + (deep if self.factor == 1 else deep * self.factor)


def residual_block(width: int, factor: float = 1.0) -> Plus:
    """EDSR's block without normalisation: x + factor * conv(relu(conv(x))) (Lim et al., CVPRW 2017, figure 2)."""
    return Plus(conv(width, width), nn.ReLU(inplace=True), conv(width, width), factor=factor)


class ChannelAttention(nn.Module):
    """Each channel times a gate in 0..1 computed from all channels' means (Zhang et al., ECCV 2018, equations 8 to 10)."""

    def __init__(self, width: int, reduction: int = 16) -> None:
        super().__init__()
        inner = width // reduction
        self.gate = nn.Sequential(conv(width, inner, 1), nn.ReLU(inplace=True), conv(inner, width, 1), nn.Sigmoid())

    def forward(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """The gated features."""
        return features * self.gate(features.mean((2, 3), keepdim=True))


class MeanShift(nn.Module):
    """Mean shift (image + sign * mean) / deviation as a 1x1 convolution with fixed values.

    The values are buffers, saved with the weights as in the official files.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, mean: Sequence[float], deviation: Sequence[float] = (1.0, 1.0, 1.0), sign: int = -1) -> None:
        super().__init__()
        inverse = 1 / torch.tensor(deviation)
        self.register_buffer("weight", torch.diag(inverse)[:, :, None, None])
        self.register_buffer("bias", sign * torch.tensor(mean) * inverse)

    def forward(self, image: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """The shifted image."""
        return F.conv2d(image, self.weight, self.bias)


def div2k_shift(channels: int, sign: int, white: float = 255.0) -> nn.Module:
    """Mean shift by DIV2K's mean colour for images in 0..white, subtracted (sign -1) or added (sign 1); identity unless RGB."""
    return MeanShift([value * white for value in DIV2K_MEAN], sign=sign) if channels == 3 else nn.Identity()


def stages(scale: int) -> list[int]:
    """Factors of successive up-sampling stages: 2, 2, 2 for 8, and 3 for 3. Raises `UsageError` for other scales."""
    if scale & (scale - 1) == 0 and scale > 0:
        return [2] * (scale.bit_length() - 1)
    if scale == 3:
        return [3]
    raise UsageError(f"Expected a scale that is a power of two or 3, found {scale}. Choose one of them.")


def shuffle_up(scale: int, width: int) -> nn.Sequential:
    """A convolution and a pixel shuffle for each stage, without activation (EDSR, RCAN, SwinIR)."""
    return nn.Sequential(*(layer for s in stages(scale) for layer in (conv(width, width * s * s), nn.PixelShuffle(s))))


def upconv_tail(scale: int, width: int, channels: int, activation: nn.Module | None = None, bias: bool = True) -> nn.Sequential:
    """Nearest-neighbour enlargement and a convolution for each stage, then two convolutions down to the image (ESRGAN, KAIR).

    `bias` is the last convolution's.
    """
    act = activation or nn.ReLU(inplace=True)
    ups = [layer for s in stages(scale) for layer in (nn.Upsample(scale_factor=s, mode="nearest"), conv(width, width), act)]
    return nn.Sequential(*ups, conv(width, width), act, conv(width, channels, bias=bias))


def receptive_radius(low: int, *radii: int, factor: int = 2) -> int:
    """Receptive-field radius, in low pixels, of layers of radius `low` on the low grid, then `radii` on each `factor` times finer grid.

    >>> receptive_radius(34, 1, 3)  # ESRGAN's tail: one convolution at twice the size, three at four times
    36
    """
    first = 0  # first input pixel of the output at a low pixel's first corner, grid by grid; the other corner is symmetric
    for radius in reversed(radii):
        first = (first - radius) // factor
    return low - first
