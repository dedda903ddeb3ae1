"""RCAN: residual groups of blocks with channel attention (Zhang et al., ECCV 2018)."""

import math

from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import official
from radloupe.networks.layers.blocks import ChannelAttention, Plus, conv, div2k_shift, shuffle_up
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


def block(width: int, reduction: int) -> Plus:
    """Residual channel attention block: conv, ReLU, conv, channel attention, plus the input (figure 4)."""
    return Plus(conv(width, width), nn.ReLU(inplace=True), conv(width, width), ChannelAttention(width, reduction))


class RCAN(Network):
    """RCAN: residual channel attention network (Zhang et al., ECCV 2018, figure 2); images in 0..255.

    `forward`: `batch channels y x` to `batch channels scale*y scale*x`. With three channels, DIV2K's mean colour is subtracted.

    Args:
        scale: Enlargement factor: a power of two, or 3.
        channels: Of the images.
        width: Feature channels.
        groups: Residual groups.
        blocks: Residual channel attention blocks in each group.
        reduction: Channels per unit of the attention's bottleneck.

    >>> import torch
    >>> network = RCAN(scale=2, channels=1, width=8, groups=1, blocks=1, reduction=4)
    >>> network(torch.zeros(1, 1, 6, 8)).shape
    torch.Size([1, 1, 12, 16])
    """

    def __init__(self, scale: int, channels: int = 3, width: int = 64, groups: int = 10, blocks: int = 20, reduction: int = 16) -> None:
        super().__init__()
        self.sub_mean, self.add_mean = div2k_shift(channels, -1), div2k_shift(channels, 1)
        self.head = conv(channels, width)
        inner = (Plus(*(block(width, reduction) for _ in range(blocks)), conv(width, width)) for _ in range(groups))
        self.body = Plus(*inner, conv(width, width))
        self.up = shuffle_up(scale, width)
        self.tail = conv(width, channels)
        # inputs of body, group and block with two feature maps in a block; then the last shuffle before and after
        self.spec = NetworkSpec(
            scale, math.inf, 4 * max(6 * width, 2 * width * scale**2 + width + channels), channels, input_range=(0.0, 255.0)
        )

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images."""
        check_input(self.spec, low)
        return self.add_mean(self.tail(self.up(self.body(self.head(self.sub_mean(low))))))


KEYS = official(
    RCAN,
    [
        (r"^head", "head.0"),
        (r"^up", "tail.0"),
        (r"^tail\.(weight|bias)", r"tail.1.\1"),
        (r"^(body\.\d+)\.(\d+)\.(\d+)\.", r"\1.body.\2.body.\3."),
        (r"^(body\.\d+)\.(\d+)\.(weight|bias)", r"\1.body.\2.\3"),
        (r"\.gate\.", ".conv_du."),
    ],
)
RCAN_ROW = Architecture(
    RCAN, (4, 2, 3, 8), "Zhang et al., ECCV 2018", small={"width": 16, "groups": 2, "blocks": 2, "reduction": 4}, keys=KEYS
)
