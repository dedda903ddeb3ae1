"""TTSR's cross-scale feature integration: branches at several scales exchange features (Yang et al., CVPR 2020, figure 4)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.networks.layers.blocks import conv, residual_block


def enlarge(features: Float[Tensor, "b c y x"], factor: int) -> Float[Tensor, "b c sy sx"]:
    """PyTorch's bicubic interpolation (Keys' kernel with a = -3/4), as in the released network."""
    return features if factor == 1 else F.interpolate(features, scale_factor=float(factor), mode="bicubic")


class Path(nn.Sequential):
    """Resampling of one branch's features to the size of another; branch n is 2**n times as large as branch 0."""

    def __init__(self, here: int, there: int, width: int) -> None:
        down = [layer for _ in range(here - there) for layer in (conv(width, width, stride=2), nn.ReLU(inplace=True))]
        super().__init__(*(down or [conv(width, width, 1), nn.ReLU(inplace=True)]))
        self.factor = 2 ** max(there - here, 0)

    def forward(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c v u"]:
        """The resampled features."""
        return super().forward(enlarge(features, self.factor))  # type: ignore[no-untyped-call]


class Gathering(nn.Module):
    """Merges the features of all branches at the size of one."""

    def __init__(self, own: int, count: int, width: int) -> None:
        super().__init__()
        self.own = own
        self.paths = nn.ModuleList(Path(other, own, width) for other in range(count) if other != own)
        self.merge = conv(count * width, width)

    def forward(self, branches: list[Float[Tensor, "b c _y _x"]]) -> Float[Tensor, "b c y x"]:
        """The merged features; `branches` are all of them, small to large."""
        others = branches[: self.own] + branches[self.own + 1 :]
        brought = [path(features) for path, features in zip(self.paths, others, strict=True)]
        return F.relu(self.merge(torch.cat([branches[self.own], *brought], 1)))


class Stage(nn.Module):
    """A new branch from the finest so far, textures for it, an exchange between all branches, and residual blocks for each."""

    def __init__(self, number: int, width: int, texture_width: int, blocks: int) -> None:
        super().__init__()
        count = number + 1
        self.factor = 2**number
        self.grow = nn.Sequential(conv(width, 4 * width), nn.PixelShuffle(2), nn.ReLU(inplace=True)) if number else None
        self.fuse = conv(width + texture_width, width)
        self.exchange = nn.ModuleList(Gathering(own, count, width) for own in range(count)) if number else None
        self.bodies = nn.ModuleList(nn.Sequential(*residual_blocks(blocks, width)) for _ in range(count))

    def forward(
        self, branches: list[Float[Tensor, "b c _y _x"]], texture: Float[Tensor, "b d v u"], soft: Float[Tensor, "b 1 y x"]
    ) -> list[Float[Tensor, "b c _y _x"]]:
        """The branches with one more, twice as large as the largest; the first stage adds none."""
        if self.grow:
            branches = [*branches, self.grow(branches[-1])]
        fused = self.fuse(torch.cat([branches[-1], texture], 1))
        branches = [*branches[:-1], branches[-1] + fused * enlarge(soft, self.factor)]
        mixed = [gather(branches) for gather in self.exchange] if self.exchange else branches
        return [own + body(features) for own, body, features in zip(branches, self.bodies, mixed, strict=True)]


def residual_blocks(count: int, width: int) -> list[nn.Module]:
    """Residual blocks and a final convolution."""
    return [*(residual_block(width) for _ in range(count)), conv(width, width)]
