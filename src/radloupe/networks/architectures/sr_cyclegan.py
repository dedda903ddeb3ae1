"""SR-CycleGAN: clinical CT to micro-CT at x8, and its reverse generator (baseline of arXiv 2010.10207; zhuofeng/SR-cycleGAN)."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.networks.architecture import Architecture
from radloupe.networks.architectures.cyclegan import block, features, halving, mirrored, normed, start
from radloupe.networks.check import check_image, check_input
from radloupe.networks.layers.blocks import conv, stages
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


def growth(width: int) -> nn.Sequential:
    """Up-sampling block: twice the size, half the channels."""
    return nn.Sequential(conv(width, 2 * width), nn.InstanceNorm2d(2 * width), nn.PixelShuffle(2), nn.PReLU())


class SRCycleGAN(Network):
    """SR-CycleGAN: the generator from clinical CT to micro-CT that translates and enlarges (arXiv 2010.10207); images in -1..1.

    `forward`: `batch channels y x` of at least 4 pixels a side to `batch channels scale*y scale*x`.

    Args:
        scale: Enlargement factor: a power of two.
        channels: Of the images.
        blocks: Residual blocks.
        width: Feature channels on the low grid.
    """

    def __init__(self, scale: int = 8, channels: int = 1, blocks: int = 9, width: int = 64) -> None:
        super().__init__()
        count = len(stages(scale))
        last = width >> count
        self.layers = nn.Sequential(
            normed(*mirrored(channels, width, 7), width=width, activation=nn.PReLU()),
            *(block(width) for _ in range(blocks)),
            normed(*mirrored(width, width, 3), width=width, activation=nn.PReLU()),
            *(growth(width >> n) for n in range(count)),
            *mirrored(last, channels, 7),
        )
        self.apply(start)
        self.spec = NetworkSpec(scale, math.inf, 4 * 3 * last * scale**2, channels, minimum_size=4, input_range=(-1.0, 1.0))

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images. Raises `InputError` for images that the network does not take."""
        check_input(self.spec, low)
        return torch.tanh(self.layers(low))


class SRCycleGANDown(nn.Module):
    """Reverse generator of training: micro-CT in -1..1 to clinical images of an eighth of the size. With `skip` it adds to block means."""

    def __init__(self, channels: int = 1, blocks: int = 9, width: int = 64, skip: bool = False) -> None:
        super().__init__()
        self.skip = skip
        shrinking = [halving(width << n) for n in range(3)]
        self.layers = nn.Sequential(*features(channels, blocks, width), *shrinking, *mirrored(8 * width, channels, 7))
        self.apply(start)
        self.takes = NetworkSpec(1, math.inf, 0, channels, size_multiple=8, minimum_size=32, input_range=(-1.0, 1.0))

    def forward(self, high: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c v u"]:
        """The reduced images. Raises `InputError` for images that the network does not take."""
        check_image(self.takes, "image", high)
        made = torch.tanh(self.layers(high))
        return made + F.avg_pool2d(high, 8) if self.skip else made


SR_CYCLEGAN_ROW = Architecture(
    SRCycleGAN, (8, 4, 2), "zhuofeng/SR-cycleGAN, the group of arXiv 2010.10207", small={"blocks": 1, "width": 16}
)
