"""Substitute for DRFSA (Wang et al., BIBM 2023), designed from its title and one sentence about it: neither code nor text is public.

EDSR features, windowed self-attention, and for each position an MLP whose layers add Fourier features of their input.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.architecture import Architecture
from radloupe.networks.architectures import edsr
from radloupe.networks.architectures.arbitrary_scale import ArbitraryScaleNetwork
from radloupe.networks.architectures.liif import LIIFDecoder
from radloupe.networks.layers.implicit import Encoder
from radloupe.networks.layers.swin import Body, mirrored


class Wave(nn.Module):
    """values + linear(sine and cosine of pi linear(values))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.angle, self.mix = nn.Linear(width, width // 2), nn.Linear(width, width)

    def forward(self, values: Float[Tensor, "*positions w"]) -> Float[Tensor, "*positions w"]:
        """One layer."""
        angle = math.pi * self.angle(values)
        return values + self.mix(torch.cat([angle.sin(), angle.cos()], -1))


class Attentive(Encoder):
    """Encoder of EDSR features followed by two blocks of window attention."""

    receptive_field_radius = math.inf

    def __init__(self, channels: int, width: int = 64, blocks: int = 16, heads: int = 4, side: int = 8) -> None:
        super().__init__()
        self.width = width
        self.features = edsr.Features(channels, width, blocks)
        self.attention = Body(width, (2,), heads, side, drop=0.0)
        self.alive = width + self.attention.alive

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b w y x"]:
        """Features of each low pixel."""
        y, x = low.shape[2:]
        return self.attention(mirrored(self.features(low), self.attention.side))[..., :y, :x]


def drfsa_like(
    scale: int, channels: int = 1, width: int = 256, depth: int = 4, inner: Mapping[str, Any] = MappingProxyType({})
) -> ArbitraryScaleNetwork:
    """Network with the substitute's encoder and decoder; `inner` are settings of the encoder."""
    encoder = Attentive(channels, **inner)
    head = LIIFDecoder(encoder.width, channels, nn.Sequential(*(Wave(width) for _ in range(depth))), width)
    return ArbitraryScaleNetwork(scale, encoder, head, channels, skip=False)


DRFSA_LIKE_ROW = Architecture(
    drfsa_like,
    (4, 2, 3, 8),
    "after Wang et al., BIBM 2023",
    small={"width": 16, "depth": 2, "inner": {"width": 8, "blocks": 2, "heads": 2, "side": 4}},
    note="Not the authors' network: a substitute made after its title. For any scale; the row's is that of `forward`.",
)
