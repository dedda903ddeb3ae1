"""PSRGAN: separable residual blocks beside a distillation branch (Huang et al., IEEE Signal Processing Letters 2021).

The same backbone is used by AID-SRGAN (`aid_srgan`), with a denoising head before it.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import Rules, official
from radloupe.networks.layers.blocks import Plus, conv, upconv_tail
from radloupe.networks.layers.distillation import MINIMUM, RULES, Distillation, separable
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


def block(width: int) -> Plus:
    """Residual block: input plus separable(relu(separable(input)))."""
    return Plus(*separable(width, width, 3), nn.ReLU(inplace=True), *separable(width, width, 3))


class Backbone(nn.Module):
    """Backbone from low-resolution features to the enlarged image: main path beside distillation branch, fusion, up-convolutions."""

    def __init__(self, scale: int, channels: int, width: int, blocks: int) -> None:
        super().__init__()
        self.main = Plus(*(block(width) for _ in range(blocks)), conv(width, width))
        self.branch = Distillation(width)
        self.fusion = conv(2 * width, width, 1)
        self.tail = upconv_tail(scale, width, channels, bias=False)

    def forward(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b channels sy sx"]:
        """The enlarged images."""
        return self.tail(self.fusion(torch.cat([self.branch(features), self.main(features)], 1)))


def bytes_of_backbone(scale: int, width: int) -> int:
    """Peak bytes of activations per low pixel: of the distillation branch, or of the last two maps at the enlarged size."""
    return 4 * max(7 * width, 2 * width * scale**2 + 2 * width)


class PSRGAN(Network):
    """PSRGAN: the generator, separable residual blocks beside a distillation branch (Huang et al., IEEE SPL 2021); images in 0..1.

    `forward`: `batch channels y x` of at least 13 pixels a side to `batch channels scale*y scale*x`.

    Args:
        scale: Enlargement factor: a power of two.
        channels: Of the images.
        width: Feature channels.
        blocks: Residual blocks of the main path.
    """

    def __init__(self, scale: int, channels: int = 3, width: int = 64, blocks: int = 16) -> None:
        super().__init__()
        self.head = conv(channels, width)
        self.backbone = Backbone(scale, channels, width, blocks)
        # the attention's coarse grid depends on the whole image's size
        self.spec = NetworkSpec(scale, math.inf, bytes_of_backbone(scale, width), channels, minimum_size=MINIMUM)

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images."""
        check_input(self.spec, low)
        return self.backbone(self.head(low))


NAMES: Rules = [
    *RULES,
    (r"^backbone\.", ""),
    (r"^branch", "KD"),
    (r"^main", "body.sub"),
    (r"^(body\.sub\.\d+)\.(\d)\.", r"\1.res.\2."),
    (r"^fusion", "copress"),
]
"""Official names of the backbone's tensors, with their spelling."""

PSRGAN_ROW = Architecture(
    PSRGAN,
    (4, 2),
    "Huang et al., IEEE Signal Processing Letters 2021",
    small={"width": 16, "blocks": 2},
    keys=official(PSRGAN, NAMES),
)
