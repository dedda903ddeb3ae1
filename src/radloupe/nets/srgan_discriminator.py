"""The discriminator of SRGAN (Ledig et al., CVPR 2017, figure 4), and XPGAN's, which ends in a mean and takes patches of any size."""

from itertools import pairwise
from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from radloupe.nets.blocks import conv
from radloupe.nets.check import check_patch

Scores = Literal["logits", "probabilities"]
WIDTHS = (64, 128, 256, 512)
SLOPE = 0.2


def trunk(channels: int) -> list[nn.Module]:
    """Eight convolutions; each second one halves the size."""
    layers: list[nn.Module] = [conv(channels, WIDTHS[0]), nn.LeakyReLU(SLOPE)]
    steps = [WIDTHS[0], *(width for width in WIDTHS for _ in range(2))][1:]
    for number, (before, after) in enumerate(pairwise(steps)):
        layers += [conv(before, after, stride=1 if number % 2 else 2), nn.BatchNorm2d(after), nn.LeakyReLU(SLOPE)]
    return layers


class Discriminator(nn.Module):
    """A score for each image, `batch 1`: any number (`logits`) or, after a sigmoid, 0 to 1 (`probabilities`)."""

    def __init__(self, channels: int, side: int | None, scores: Scores, *layers: nn.Module) -> None:
        super().__init__()
        self.channels, self.side, self.scores = channels, side, scores
        self.net = nn.Sequential(*trunk(channels), *layers)

    def forward(self, image: Float[Tensor, "b c y x"]) -> Float[Tensor, "b 1"]:
        """Raises `InputError` for images that the network does not take."""
        check_patch(image, self.channels, self.side)
        scores = self.net(image).flatten(1)
        return scores.sigmoid() if self.scores == "probabilities" else scores


def srgan_discriminator(channels: int = 3, side: int = 96, scores: Scores = "logits") -> Discriminator:
    """SRGAN's, for patches of one size, a multiple of 16. At 256 pixels its first linear layer has 134 million weights."""
    inside = WIDTHS[-1] * (side // 16) ** 2
    return Discriminator(channels, side, scores, nn.Flatten(), nn.Linear(inside, 1024), nn.LeakyReLU(SLOPE), nn.Linear(1024, 1))


def gap_discriminator(channels: int = 3, scores: Scores = "logits") -> Discriminator:
    """XPGAN's: the mean over the patch before the last two layers. The names of its tensors are those of the released files.

    XPGAN's own losses take `probabilities`.
    """
    last = [nn.AdaptiveAvgPool2d(1), conv(WIDTHS[-1], 1024, 1), nn.LeakyReLU(SLOPE), conv(1024, 1, 1)]
    return Discriminator(channels, None, scores, *last)
