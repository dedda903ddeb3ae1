"""SAFMN: spatially-adaptive feature modulation at four resolutions (Sun et al., ICCV 2023), with 0.24 million parameters."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import Rules, official
from radloupe.networks.layers.blocks import conv
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

LEVELS = 4  # resolutions: 1, 1/2, 1/4, 1/8


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of each pixel, with learned scale and offset."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))

    def forward(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """The normalised features."""
        centred = features - features.mean(1, keepdim=True)
        unit = centred * torch.rsqrt(centred.square().mean(1, keepdim=True) + 1e-6)
        return unit * self.weight[:, None, None] + self.bias[:, None, None]


class Modulation(nn.Module):
    """Multi-scale gate: each quarter of the channels is convolved at its own resolution; together they gate the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        part = width // LEVELS
        self.alone = nn.ModuleList(nn.Conv2d(part, part, 3, padding=1, groups=part) for _ in range(LEVELS))
        self.join = conv(width, width, 1)

    def forward(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """The gated features."""
        height, width = features.shape[-2:]
        seen = []
        for level, (part, layer) in enumerate(zip(features.chunk(LEVELS, 1), self.alone, strict=True)):
            coarse = F.adaptive_max_pool2d(part, (height >> level, width >> level)) if level else part
            seen.append(F.interpolate(layer(coarse), (height, width), mode="nearest") if level else layer(coarse))
        return F.gelu(self.join(torch.cat(seen, 1))) * features


class Block(nn.Module):
    """Feature mixing block: spatial modulation, then channel mixing, each a residual of its normalised input."""

    def __init__(self, width: int, growth: int = 2) -> None:
        super().__init__()
        self.before_space, self.before_mix = ChannelNorm(width), ChannelNorm(width)
        self.space = Modulation(width)
        self.mix = nn.Sequential(conv(width, growth * width), nn.GELU(), conv(growth * width, width, 1))

    def forward(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """One residual step."""
        features = features + self.space(self.before_space(features))
        return features + self.mix(self.before_mix(features))


class SAFMN(Network):
    """SAFMN: spatially-adaptive feature modulation network (Sun et al., ICCV 2023, figure 2); images in 0..1.

    `forward`: `batch channels y x` of at least 8 pixels a side to `batch channels scale*y scale*x`.

    Args:
        scale: Enlargement factor.
        channels: Of the images.
        width: Feature channels.
        blocks: Feature mixing modules.
    """

    def __init__(self, scale: int, channels: int = 3, width: int = 36, blocks: int = 8) -> None:
        super().__init__()
        self.first = conv(channels, width)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(blocks)))
        self.up = nn.Sequential(conv(width, channels * scale * scale), nn.PixelShuffle(scale))
        # pooling windows depend on the whole image's size
        bytes_here = 4 * max(8 * width, 2 * width + 2 * channels * scale**2)
        self.spec = NetworkSpec(scale, math.inf, bytes_here, channels, minimum_size=2 ** (LEVELS - 1))

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images."""
        check_input(self.spec, low)
        first = self.first(low)
        return self.up(self.blocks(first) + first)


NAMES: Rules = [
    (r"^first", "to_feat"),
    (r"^blocks", "feats"),
    (r"^up", "to_img"),
    (r"before_space", "norm1"),
    (r"before_mix", "norm2"),
    (r"space\.alone", "safm.mfr"),
    (r"space\.join", "safm.aggr"),
    (r"\.mix\.", ".ccm.ccm."),
]
SAFMN_ROW = Architecture(SAFMN, (4, 2, 3), "Sun et al., ICCV 2023", small={"width": 8, "blocks": 2}, keys=official(SAFMN, NAMES))
