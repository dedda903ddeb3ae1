"""Small networks of others, written from their papers for `frontier.py`; their weights are read from a local folder and stay there."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

SLOPE = 0.05  # of the leaky rectifiers of IMDN and RLFN


def conv(channels_in: int, channels_out: int, size: int = 3, **settings: int) -> nn.Conv2d:
    """A convolution that keeps the size."""
    return nn.Conv2d(channels_in, channels_out, size, padding=size // 2 * settings.get("dilation", 1), **settings)


def leaky(features: Tensor) -> Tensor:
    """The leaky rectifier."""
    return F.leaky_relu(features, SLOPE, inplace=True)


def shuffled(width: int, scale: int) -> nn.Module:
    """The enlargement at the end: three channels by sub-pixel convolution."""
    return nn.Sequential(conv(width, 3 * scale**2), nn.PixelShuffle(scale))


class Distilling(nn.Module):
    """IMDN's block: after each of three convolutions a quarter of the channels is set aside; weighed by channel contrast in the end."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.aside = width // 4
        rest = width - self.aside
        self.steps = nn.ModuleList([conv(width, width), conv(rest, width), conv(rest, width), conv(rest, self.aside)])
        self.squeeze, self.excite, self.join = conv(width, width // 16, 1), conv(width // 16, width, 1), conv(width, width, 1)

    def forward(self, features: Tensor) -> Tensor:
        """One block."""
        kept, rest = [], features
        for step in list(self.steps)[:-1]:
            result = leaky(step(rest))
            kept.append(result[:, : self.aside])
            rest = result[:, self.aside :]
        together = torch.cat([*kept, self.steps[-1](rest)], 1)
        contrast = together.std((2, 3), correction=0, keepdim=True) + together.mean((2, 3), keepdim=True)
        weights = torch.sigmoid(self.excite(F.relu(self.squeeze(contrast))))
        return self.join(together * weights) + features


class IMDN(Network):
    """Information multi-distillation network (Hui et al., ACM MM 2019)."""

    def __init__(self, scale: int, width: int = 64, blocks: int = 6) -> None:
        super().__init__()
        self.head = conv(3, width)
        self.blocks = nn.ModuleList(Distilling(width) for _ in range(blocks))
        self.join, self.last, self.up = conv(width * blocks, width, 1), conv(width, width), shuffled(width, scale)
        self.spec = NetworkSpec(scale, float("inf"), 4 * width * (blocks + 6), 3)

    def forward(self, low: Tensor) -> Tensor:
        """The enlarged images."""
        head = features = self.head(low)
        found = []
        for block in self.blocks:
            features = block(features)
            found.append(features)
        return self.up(self.last(leaky(self.join(torch.cat(found, 1)))) + head)


class SpatialAttention(nn.Module):
    """RLFN's enhanced spatial attention: weights from a coarse grid, enlarged again."""

    def __init__(self, width: int, inner: int = 16) -> None:
        super().__init__()
        self.enter, self.skip, self.leave = conv(width, inner, 1), conv(inner, inner, 1), conv(inner, width, 1)
        self.stride, self.coarse = nn.Conv2d(inner, inner, 3, stride=2), conv(inner, inner)

    def forward(self, features: Tensor) -> Tensor:
        """The weighed features."""
        entered = self.enter(features)
        coarse = self.coarse(F.max_pool2d(self.stride(entered), 7, 3))
        wide = F.interpolate(coarse, features.shape[2:], mode="bilinear")
        return features * torch.sigmoid(self.leave(wide + self.skip(entered)))


class LocalBlock(nn.Module):
    """RLFN's residual local feature block."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.steps = nn.ModuleList([conv(width, inner), conv(inner, inner), conv(inner, width)])
        self.join, self.attention = conv(width, width, 1), SpatialAttention(width)

    def forward(self, features: Tensor) -> Tensor:
        """One block."""
        deep = features
        for step in self.steps:
            deep = leaky(step(deep))
        return self.attention(self.join(deep + features))


class RLFN(Network):
    """Residual local feature network, the form of the NTIRE 2022 challenge (Kong et al., CVPR Workshops 2022); images in 0..255."""

    def __init__(self, scale: int, width: int = 46, inner: int = 48, blocks: int = 4) -> None:
        super().__init__()
        self.head, self.last, self.up = conv(3, width), conv(width, width), shuffled(width, scale)
        self.blocks = nn.Sequential(*(LocalBlock(width, inner) for _ in range(blocks)))
        self.spec = NetworkSpec(scale, float("inf"), 4 * width * 6, 3, minimum_size=15, input_range=(0.0, 255.0))

    def forward(self, low: Tensor) -> Tensor:
        """The enlarged images."""
        head = self.head(low)
        return self.up(self.last(self.blocks(head)) + head)


class Separable(nn.Module):
    """Blueprint separable convolution (Haase and Amthor, CVPR 2020): 1x1, then 3x3 by channel."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.point = nn.Conv2d(channels_in, channels_out, 1, bias=False)
        self.depth = conv(channels_out, channels_out, groups=channels_out)

    def forward(self, features: Tensor) -> Tensor:
        """The convolved features."""
        return self.depth(self.point(features))


class LargeKernelBlock(nn.Module):
    """LKDN's block: distilled in three steps, weighed by a large kernel made of a 5x5 and a dilated 5x5 one."""

    def __init__(self, width: int) -> None:
        super().__init__()
        half = width // 2
        self.aside = nn.ModuleList(conv(width, half, 1) for _ in range(3))
        self.steps = nn.ModuleList(Separable(width, width) for _ in range(3))
        self.final, self.join, self.leave = Separable(width, half), conv(4 * half, width, 1), conv(width, width, 1)
        self.point = conv(width, width, 1)
        self.near, self.far = conv(width, width, 5, groups=width), conv(width, width, 5, groups=width, dilation=3)
        self.norm = nn.LayerNorm(width)

    def forward(self, features: Tensor) -> Tensor:
        """One block."""
        kept, deep = [], features
        for aside, step in zip(self.aside, self.steps, strict=True):
            kept.append(F.gelu(aside(deep)))
            deep = F.gelu(step(deep))
        together = self.join(torch.cat([*kept, F.gelu(self.final(deep))], 1))
        weighed = self.leave(together * self.far(self.near(self.point(together))))
        return self.norm(weighed.movedim(1, -1)).movedim(-1, 1) + features


class LKDN(Network):
    """Large kernel distillation network (Xie et al., CVPR Workshops 2023)."""

    def __init__(self, scale: int, width: int = 56, blocks: int = 8) -> None:
        super().__init__()
        self.head, self.blocks = Separable(12, width), nn.ModuleList(LargeKernelBlock(width) for _ in range(blocks))
        self.join, self.last, self.up = conv(width * blocks, width, 1), Separable(width, width), shuffled(width, scale)
        self.spec = NetworkSpec(scale, 8 * blocks + 40, 4 * width * (blocks + 8), 3)

    def forward(self, low: Tensor) -> Tensor:
        """The enlarged images."""
        head = features = self.head(low.repeat(1, 4, 1, 1))
        found = []
        for block in self.blocks:
            features = block(features)
            found.append(features)
        return self.up(self.last(F.gelu(self.join(torch.cat(found, 1)))) + head)


Rules = Mapping[str, str]


class Peer(NamedTuple):
    """A network, and what its released names are called here (regular expressions, in turn)."""

    build: Callable[[int], Network]
    names: Rules


def numbered(found: re.Match[str]) -> str:
    """Blocks counted from 0."""
    return f"blocks.{int(found[1]) - 1}."


ENDS = {r"^module\.": "", r"^fea_conv": "head", r"^LR_conv": "last", r"^upsampler": "up"}
STEPS = {rf"^(blocks\.\d)\.c{n + 1}(_r)?\.": rf"\1.steps.{n}." for n in range(4)}
PEERS = {
    "IMDN": Peer(
        IMDN, {**ENDS, **STEPS, r"\.c5\.": ".join.", r"cca\.conv_du\.0": "squeeze", r"cca\.conv_du\.2": "excite", r"^c\.0": "join"}
    ),
    "RLFN": Peer(
        RLFN,
        {
            **ENDS,
            **STEPS,
            r"\.c5\.": ".join.",
            r"esa\.conv1": "attention.enter",
            r"esa\.conv_f": "attention.skip",
            r"esa\.conv2": "attention.stride",
            r"esa\.conv3": "attention.coarse",
            r"esa\.conv4": "attention.leave",
        },
    ),
    "LKDN": Peer(
        LKDN,
        {
            **ENDS,
            r"\.pw\.": ".point.",
            r"\.dw\.": ".depth.",
            **{rf"\.c{n + 1}_d\.": f".aside.{n}." for n in range(3)},
            **{rf"\.c{n + 1}_r\.": f".steps.{n}." for n in range(3)},
            r"\.c4\.": ".final.",
            r"\.c5\.": ".join.",
            r"\.c6\.": ".leave.",
            r"atten\.pointwise": "point",
            r"atten\.depthwise\.": "near.",
            r"atten\.depthwise_dilated": "far",
            r"pixel_norm": "norm",
            r"^c1\.": "join.",
            r"^c2\.": "last.",
        },
    ),
}
"""By name; SMFANet is not among them."""


def load_peer(name: str, scale: int, folder: Path) -> Network | None:
    """A network with the weights `folder/name-xscale.pth` (lower case), loaded strictly; None where there is no such file."""
    path = folder / f"{name.lower()}-x{scale}.pth"
    if not path.exists():
        return None
    peer = PEERS[name]
    found = torch.load(path, map_location="cpu", weights_only=True)
    found = found.get("params_ema", found.get("params", found))
    network = peer.build(scale)
    network.load_state_dict({renamed(key, peer.names): value for key, value in found.items()}, strict=True)
    return network.eval()


def renamed(key: str, rules: Rules) -> str:
    """A released name as it is here."""
    key = re.sub(r"^(?:module\.)?(?:IMDB|B)(\d)\.", numbered, key)
    for pattern, name in rules.items():
        key = re.sub(pattern, name, key)
    return key
