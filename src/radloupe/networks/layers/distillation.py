"""The distillation branch of PSRGAN and AID-SRGAN: separable convolutions and coarse spatial attention.

After the residual feature distillation block (Liu et al., ECCV Workshops 2020) and its spatial attention, with every convolution separable.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.networks.checkpoints.keys import Rules, shifted
from radloupe.networks.layers.blocks import conv

SLOPE = 0.05
MINIMUM = 13  # pixels a side: 7 remain after the stride of 2, the size of the pooling window


def separable(channels_in: int, channels_out: int, side: int, stride: int = 1) -> nn.Sequential:
    """Depthwise separable convolution: one per channel, then one across channels."""
    alone = nn.Conv2d(channels_in, channels_in, side, stride, side // 2, groups=channels_in)
    return nn.Sequential(alone, conv(channels_in, channels_out, 1))


class SpatialAttention(nn.Module):
    """Spatial attention: values multiplied by a gate in 0..1 that is computed on a grid about six times coarser."""

    def __init__(self, width: int) -> None:
        super().__init__()
        inner = width // 4
        self.squeeze = separable(width, inner, 1)
        self.shrink = separable(inner, inner, 3, stride=2)
        same = [separable(inner, inner, 3) for _ in range(3)]
        self.coarse = nn.Sequential(same[0], nn.ReLU(inplace=True), same[1], nn.ReLU(inplace=True), same[2])
        self.skip = separable(inner, inner, 1)
        self.expand = separable(inner, width, 1)

    def forward(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """The gated features."""
        squeezed = self.squeeze(features)
        coarse = self.coarse(F.max_pool2d(self.shrink(squeezed), 7, 3))
        coarse = F.interpolate(coarse, features.shape[-2:], mode="bilinear", align_corners=False)
        return features * torch.sigmoid(self.expand(coarse + self.skip(squeezed)))


class Distillation(nn.Module):
    """Distillation branch: three stages distil half of the channels and refine all; attention follows on the distilled channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        half = width // 2
        self.keep = nn.ModuleList(separable(width, half, 1) for _ in range(3))
        self.refine = nn.ModuleList(separable(width, width, 3) for _ in range(3))
        self.last = separable(width, half, 3)
        self.fuse = separable(4 * half, width, 1)
        self.attention = SpatialAttention(width)

    def forward(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """Features of the same size."""
        kept = []
        for keep, refine in zip(self.keep, self.refine, strict=True):
            kept.append(F.leaky_relu(keep(features), SLOPE))
            features = F.leaky_relu(refine(features) + features, SLOPE)
        kept.append(F.leaky_relu(self.last(features), SLOPE))
        return self.attention(self.fuse(torch.cat(kept, 1)))


RULES: Rules = [
    (r"keep\.(\d)", shifted(1, "c{}_d")),
    (r"refine\.(\d)", shifted(1, "c{}_r")),
    (r"\blast\b", "c4"),
    (r"branch\.fuse", "branch.c5"),
    (r"attention", "esa"),
    (r"squeeze", "conv1"),
    (r"shrink", "conv2"),
    (r"coarse\.0", "conv_max"),
    (r"coarse\.2", "conv3"),
    (r"coarse\.4", "conv3_"),
    (r"\bskip\b", "conv_f"),
    (r"expand", "conv4"),
]
"""The official names of the branch's tensors."""
