"""SPSR: structure-preserving super resolution, a dense trunk beside a branch that enlarges gradients (Ma et al., CVPR 2020)."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.networks.architecture import Architecture
from radloupe.networks.architectures.rrdb import BLOCK_RADIUS, DENSE, leaky, residual_dense_block
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import Rules, official, shifted
from radloupe.networks.layers.blocks import conv, receptive_radius, stages, upconv_tail
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


class SPSRParts(NamedTuple):
    """SPSR's outputs."""

    enlarged: Float[Tensor, "b c sy sx"]
    gradient: Float[Tensor, "b c sy sx"]
    """The branch's estimate of the enlarged image's gradient magnitude."""
    low_gradient: Float[Tensor, "b c y x"]
    """Gradient magnitude of the low image."""


class GradientMagnitude(nn.Module):
    """Gradient magnitude sqrt(dx^2 + dy^2 + 1e-6) by central differences, channel by channel, with zero padding."""

    weight_h: Tensor
    weight_v: Tensor

    def __init__(self) -> None:
        super().__init__()
        across = torch.tensor([[0.0, 0.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
        self.register_buffer("weight_h", across[None, None])
        self.register_buffer("weight_v", across.T[None, None].contiguous())

    def forward(self, image: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """The magnitude, in the image's unit per two pixels."""
        channels = image.shape[1]
        dx, dy = (F.conv2d(image, w.repeat(channels, 1, 1, 1), padding=1, groups=channels) for w in (self.weight_h, self.weight_v))
        return torch.sqrt(dx.square() + dy.square() + 1e-6)


class SPSR(Network):
    """SPSR: structure-preserving super-resolution with a gradient branch (Ma et al., CVPR 2020, figure 2); images in 0..1.

    `forward`: `batch channels y x` to `batch channels scale*y scale*x`. `parts` also returns the enlarged gradient map.

    Args:
        scale: Enlargement factor: a power of two.
        channels: Of the images.
        width: Feature channels.
        blocks: Residual-in-residual dense blocks of the trunk.
        growth: Channels that each convolution of a dense block adds.
        taps: How many of the trunk's blocks feed the gradient branch.
    """

    def __init__(self, scale: int, channels: int = 3, width: int = 64, blocks: int = 23, growth: int = 32, taps: int = 4) -> None:
        super().__init__()
        self.every, self.taps = blocks // taps, taps
        self.magnitude = GradientMagnitude()
        self.first = conv(channels, width)
        self.trunk = nn.ModuleList(residual_dense_block(width, growth) for _ in range(blocks))
        self.trunk_last = conv(width, width)
        self.trunk_up = upconv_tail(scale, width, width, leaky())
        self.branch_first = conv(channels, width)
        self.branch = nn.ModuleList(nn.Sequential(residual_dense_block(2 * width, growth), conv(2 * width, width)) for _ in range(taps))
        self.branch_last = conv(width, width)
        self.branch_up = upconv_tail(scale, width, width, leaky())
        self.branch_image = conv(width, channels, 1)
        self.finish = nn.Sequential(
            residual_dense_block(2 * width, growth), conv(2 * width, width), conv(width, width), leaky(), conv(width, channels)
        )
        seen = [1 + BLOCK_RADIUS * self.every * n + (BLOCK_RADIUS + 1) * (taps + 1 - n) for n in range(1, taps + 1)]
        radius = receptive_radius(1 + max(1 + BLOCK_RADIUS * blocks, *seen), *[1] * (len(stages(scale)) - 1), 3 + BLOCK_RADIUS + 3)
        # in the last dense block: the two paths' features, both side by side, the block's pieces and those side by side
        self.spec = NetworkSpec(scale, radius, 4 * (scale**2 * (10 * width + 8 * growth) + 4 * width + channels), channels)

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images."""
        return self.parts(low).enlarged

    def parts(self, low: Float[Tensor, "b c y x"]) -> SPSRParts:
        """The enlarged images, the branch's gradient maps, and those of the low images."""
        check_input(self.spec, low)
        low_gradient = self.magnitude(low)
        trunk, taps = self.look(self.first(low))
        branch = self.follow(self.branch_first(low_gradient), taps)
        return SPSRParts(self.finish(torch.cat([branch, trunk], 1)), self.branch_image(branch), low_gradient)

    def look(self, first: Float[Tensor, "b c y x"]) -> tuple[Float[Tensor, "b c sy sx"], list[Tensor]]:
        """The trunk's enlarged features, and the low-resolution features for the branch."""
        taps: list[Tensor] = []
        features = first
        for number, block in enumerate(self.trunk, 1):
            features = block(features)
            if number % self.every == 0 and len(taps) < self.taps:
                taps.append(features)
        return self.trunk_up(first + self.trunk_last(features)), taps

    def follow(self, first: Float[Tensor, "b c y x"], taps: list[Tensor]) -> Float[Tensor, "b c sy sx"]:
        """The branch's enlarged features."""
        features = first
        for tap, block in zip(taps, self.branch, strict=True):
            features = block(torch.cat([features, tap], 1))
        return self.branch_up(first + self.branch_last(features))


NAMES: Rules = [
    DENSE,
    (r"(RDB\d\.conv\d)", r"\1.0"),
    (r"^first", "model.0"),
    (r"^trunk\.", "model.1.sub."),
    (r"^trunk_last", "model.1.sub.23"),
    (r"^trunk_up\.(\d+)", shifted(2, "model.{}")),
    (r"^magnitude", "get_g_nopadding"),
    (r"^branch_first", "b_fea_conv.0"),
    (r"^branch\.(\d)\.0", shifted(1, "b_block_{}")),
    (r"^branch\.(\d)\.1", shifted(1, "b_concat_{}.0")),
    (r"^branch_last", "b_LR_conv.0"),
    (r"^branch_up", "b_module"),
    (r"^branch_image", "conv_w.0"),
    (r"^finish\.0", "f_block"),
    (r"^finish\.1", "f_concat.0"),
    (r"^finish\.2", "f_HR_conv0.0"),
    (r"^finish\.4", "f_HR_conv1.0"),
]


def keys(scale: int) -> dict[str, str]:
    """The released names; the layer before the trunk's last stands there twice, and the last by itself."""
    last = 3 * len(stages(scale)) + 4  # of the numbered layers
    own: Rules = [(rf"^model\.{last}", "HR_conv1_new.0")]
    twice: Rules = [(rf"^model\.{last - 2}", "HR_conv0_new.0")]
    return dict(official(SPSR, [*NAMES, *own], [*NAMES, *own, *twice])(scale))


SPSR_ROW = Architecture(SPSR, (4, 2), "Ma et al., CVPR 2020", small={"width": 8, "blocks": 1, "growth": 4, "taps": 1}, keys=keys)
