"""TTSR's critic for WGAN-GP (released as researchmm/TTSR)."""

from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.check import check_patch
from radloupe.networks.layers.blocks import conv

GROWTH = (1, 2, 4, 8, 16)
SLOPE = 0.2


class TTSRCritic(nn.Module):
    """TTSR's Wasserstein critic: `batch channels side side` to scores `batch 1`; `side` is a multiple of 32.

    It has no normalisation, as the gradient penalty is one of single images (Gulrajani et al., NeurIPS 2017, section 4).
    """

    def __init__(self, channels: int = 3, side: int = 160, width: int = 32) -> None:
        super().__init__()
        self.channels, self.side = channels, side
        steps = [channels, *(width * times for times in GROWTH for _ in range(2))]
        convolutions = [conv(before, after, stride=1 + number % 2) for number, (before, after) in enumerate(pairwise(steps))]
        last = [nn.Flatten(), nn.Linear(GROWTH[-1] * width * (side // 32) ** 2, 1024), nn.LeakyReLU(SLOPE), nn.Linear(1024, 1)]
        self.layers = nn.Sequential(*(layer for c in convolutions for layer in (c, nn.LeakyReLU(SLOPE))), *last)

    def forward(self, image: Float[Tensor, "b c y x"]) -> Float[Tensor, "b 1"]:
        """Raises `InputError` for images of other channels or another size."""
        check_patch(image, self.channels, self.side)
        return self.layers(image)
