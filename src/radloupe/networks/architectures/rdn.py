"""RDN: residual dense blocks (Zhang et al., CVPR 2018) as features for implicit functions, on images or volumes."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.layers.implicit import Encoder


def conv(channels_in: int, channels_out: int, side: int = 3, dimensions: int = 2) -> nn.Conv2d | nn.Conv3d:
    """A convolution of images or volumes that keeps the size."""
    return (nn.Conv3d if dimensions == 3 else nn.Conv2d)(channels_in, channels_out, side, padding=side // 2)


class Dense(nn.Module):
    """features + fuse(features and what `layers` convolutions, each of all before it, add to them)."""

    def __init__(self, width: int, layers: int, dimensions: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(conv(width * (i + 1), width, 3, dimensions) for i in range(layers))
        self.fuse = conv(width * (layers + 1), width, 1, dimensions)

    def forward(self, features: Float[Tensor, "b w *place"]) -> Float[Tensor, "b w *place"]:
        """One block."""
        known = features
        for layer in self.layers:
            known = torch.cat([known, layer(known).relu_()], 1)
        return features + self.fuse(known)


class Features(Encoder):
    """Two convolutions, dense blocks whose results are all fused, and the first convolution's result added."""

    def __init__(self, channels: int = 3, width: int = 64, blocks: int = 16, layers: int = 8, dimensions: int = 2) -> None:
        super().__init__()
        self.width, self.receptive_field_radius = width, 2 + blocks * layers + 1
        self.alive = width * max(
            2 * blocks + 4, blocks + 2 * layers + 5
        )  # all blocks' results twice, or with the last block's before and after
        self.head, self.second = conv(channels, width, 3, dimensions), conv(width, width, 3, dimensions)
        self.blocks = nn.ModuleList(Dense(width, layers, dimensions) for _ in range(blocks))
        self.fuse = nn.Sequential(conv(width * blocks, width, 1, dimensions), conv(width, width, 3, dimensions))

    def forward(self, low: Float[Tensor, "b c *place"]) -> Float[Tensor, "b w *place"]:
        """Features of each low pixel."""
        first = self.head(low)
        results, features = [], self.second(first)
        for block in self.blocks:
            features = block(features)
            results.append(features)
        return first + self.fuse(torch.cat(results, 1))


RELEASED = [  # of the two-dimensional encoder in LIIF and LTE, ours to theirs
    (r"head\.", "SFENet1."),
    (r"second\.", "SFENet2."),
    (r"blocks\.(\d+)\.layers\.(\d+)\.", r"RDBs.\1.convs.\2.conv.0."),
    (r"blocks\.(\d+)\.fuse\.", r"RDBs.\1.LFF."),
    (r"(^|\.)fuse\.", r"\1GFF."),
]
SMALL = {"width": 8, "blocks": 2, "layers": 2}
