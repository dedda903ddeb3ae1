"""Discriminators of SRGAN (Ledig et al., CVPR 2017, figure 4) and of XPGAN, with global mean pooling for patches of any size."""

from itertools import pairwise
from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.check import check_patch
from radloupe.networks.layers.blocks import conv

Scores = Literal["logits", "probabilities"]
GROWTH = (1, 2, 4, 8)
SLOPE = 0.2


def trunk(channels: int, width: int) -> list[nn.Module]:
    """Eight convolutions, the first of `width`, the last eight times as wide; each second one halves the size."""
    layers: list[nn.Module] = [conv(channels, width), nn.LeakyReLU(SLOPE)]
    steps = [width * times for times in GROWTH for _ in range(2)]
    for number, (before, after) in enumerate(pairwise(steps)):
        layers += [conv(before, after, stride=1 if number % 2 else 2), nn.BatchNorm2d(after), nn.LeakyReLU(SLOPE)]
    return layers


class SRGANDiscriminator(nn.Module):
    """SRGAN's convolutional discriminator (Ledig et al., CVPR 2017, figure 4): `batch channels y x` to scores `batch 1`.

    Scores are `logits` or, after a sigmoid, `probabilities`. `layers` follow the eight convolutions.
    """

    def __init__(self, channels: int, side: int | None, scores: Scores, width: int, *layers: nn.Module) -> None:
        super().__init__()
        self.channels, self.side, self.scores = channels, side, scores
        self.net = nn.Sequential(*trunk(channels, width), *layers)

    def forward(self, image: Float[Tensor, "b c y x"]) -> Float[Tensor, "b 1"]:
        """Raises `InputError` for images that the network does not take."""
        check_patch(image, self.channels, self.side)
        scores = self.net(image).flatten(1)
        return scores.sigmoid() if self.scores == "probabilities" else scores


def srgan_discriminator(channels: int = 3, side: int = 96, scores: Scores = "logits", width: int = 64) -> SRGANDiscriminator:
    """The discriminator of SRGAN, for patches of `side` pixels, a multiple of 16 (134 million weights in its first dense layer at 256)."""
    inside = GROWTH[-1] * width * (side // 16) ** 2
    return SRGANDiscriminator(channels, side, scores, width, nn.Flatten(), nn.Linear(inside, 1024), nn.LeakyReLU(SLOPE), nn.Linear(1024, 1))


def gap_discriminator(channels: int = 3, scores: Scores = "logits", width: int = 64) -> SRGANDiscriminator:
    """The discriminator of XPGAN: global average pooling before the last two layers, so patches of any size; released tensor names.

    XPGAN's own losses take `probabilities`.
    """
    last = [nn.AdaptiveAvgPool2d(1), conv(GROWTH[-1] * width, 1024, 1), nn.LeakyReLU(SLOPE), conv(1024, 1, 1)]
    return SRGANDiscriminator(channels, None, scores, width, *last)
