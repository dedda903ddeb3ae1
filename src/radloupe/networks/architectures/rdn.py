"""RDN: residual dense network (Zhang et al., CVPR 2018); its features are also an encoder of implicit functions on images or volumes."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import official
from radloupe.networks.layers.blocks import receptive_radius, shuffle_up, stages
from radloupe.networks.layers.implicit import Encoder
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


def conv(channels_in: int, channels_out: int, side: int = 3, dimensions: int = 2) -> nn.Conv2d | nn.Conv3d:
    """Padded convolution of images or volumes."""
    return (nn.Conv3d if dimensions == 3 else nn.Conv2d)(channels_in, channels_out, side, padding=side // 2)


class Dense(nn.Module):
    """Residual dense block: `layers` densely connected convolutions, a 1x1 fusion, and the input added."""

    def __init__(self, width: int, layers: int, dimensions: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(conv(width * (i + 1), width, 3, dimensions) for i in range(layers))
        self.fuse = conv(width * (layers + 1), width, 1, dimensions)

    def forward(self, features: Float[Tensor, "b w *space"]) -> Float[Tensor, "b w *space"]:
        """One block."""
        dense = features
        for layer in self.layers:
            dense = torch.cat([dense, layer(dense).relu_()], 1)
        return features + self.fuse(dense)


class Features(Encoder):
    """RDN without its up-sampler: two convolutions, dense blocks with global feature fusion, and the first convolution's output added."""

    def __init__(self, channels: int = 3, width: int = 64, blocks: int = 16, layers: int = 8, dimensions: int = 2) -> None:
        super().__init__()
        self.width, self.receptive_field_radius = width, 2 + blocks * layers + 1
        self.alive = width * max(
            2 * blocks + 4, blocks + 2 * layers + 5
        )  # outputs of all blocks twice, or with the last block's input and output
        self.head, self.second = conv(channels, width, 3, dimensions), conv(width, width, 3, dimensions)
        self.blocks = nn.ModuleList(Dense(width, layers, dimensions) for _ in range(blocks))
        self.fuse = nn.Sequential(conv(width * blocks, width, 1, dimensions), conv(width, width, 3, dimensions))

    def forward(self, low: Float[Tensor, "b c *space"]) -> Float[Tensor, "b w *space"]:
        """Features of each low pixel."""
        first = self.head(low)
        results, features = [], self.second(first)
        for block in self.blocks:
            features = block(features)
            results.append(features)
        return first + self.fuse(torch.cat(results, 1))


class RDN(Network):
    """Residual dense network with sub-pixel up-sampling (section 3); images in 0..255.

    Args:
        scale: Enlargement factor: 2, 3, 4 or 8.
        channels: Of the images.
        width: Feature channels, also the growth rate of dense blocks (configuration B: 64).
        blocks: Residual dense blocks (B: 16).
        layers: Convolutions in each dense block (B: 8).

    """

    def __init__(self, scale: int, channels: int = 3, width: int = 64, blocks: int = 16, layers: int = 8) -> None:
        super().__init__()
        self.features = Features(channels, width, blocks, layers)
        self.up = shuffle_up(scale, width)
        self.tail = conv(width, channels)
        factors = stages(scale)
        radius = receptive_radius(int(self.features.receptive_field_radius) + 1, *[1] * len(factors), factor=factors[0])
        alive = max(self.features.alive, (2 * width + channels) * scale**2 + 2 * width)  # in the blocks; around the last shuffle
        self.spec = NetworkSpec(scale, radius, 4 * alive, channels, input_range=(0.0, 255.0))

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images. Raises `InputError` for other channels than it was built for."""
        check_input(self.spec, low)
        return self.tail(self.up(self.features(low)))


RELEASED = [  # of the two-dimensional encoder in LIIF and LTE, ours to theirs
    (r"head\.", "SFENet1."),
    (r"second\.", "SFENet2."),
    (r"blocks\.(\d+)\.layers\.(\d+)\.", r"RDBs.\1.convs.\2.conv.0."),
    (r"blocks\.(\d+)\.fuse\.", r"RDBs.\1.LFF."),
    (r"(^|\.)fuse\.", r"\1GFF."),
]
SMALL = {"width": 8, "blocks": 2, "layers": 2}


def keys(scale: int) -> Mapping[str, str]:
    """The names in sanghyun-son/EDSR-PyTorch, whose up-sampler and last convolution are one list."""
    rules = [(r"^features\.", ""), *RELEASED, (r"^up\.", "UPNet."), (r"^tail\.", f"UPNet.{2 * len(stages(scale))}.")]
    return official(RDN, rules)(scale)


ROW = Architecture(RDN, (4, 2, 3), "Zhang et al., CVPR 2018", small=SMALL, keys=keys, note="Configuration B of the authors' code.")
