"""ESRGAN's generator: residual-in-residual dense blocks (Wang et al., ECCV Workshops 2018), without normalisation."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import Rules, official, shifted
from radloupe.networks.layers.blocks import Plus, conv, receptive_radius, stages, upconv_tail
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

SLOPE = 0.2
FACTOR = 0.2  # residual scaling of each dense block, and of each three
BLOCK_RADIUS = 15  # of one block: 3 dense blocks of 5 convolutions


class DenseBlock(nn.Module):
    """Dense block of five convolutions, each with the outputs of all before it (figure 4 of the paper)."""

    def __init__(self, width: int, growth: int = 32) -> None:
        super().__init__()
        layers = [conv(width + n * growth, growth if n < 4 else width) for n in range(5)]
        self.convs = nn.ModuleList(layers)
        for layer in layers:
            nn.init.kaiming_normal_(layer.weight)
            layer.weight.data *= 0.1  # as in BasicSR: deep residual sums start near the identity

    def forward(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """One residual step."""
        made = [features]
        for layer in self.convs[:-1]:
            made.append(F.leaky_relu(layer(torch.cat(made, 1)), SLOPE, inplace=True))
        return features + FACTOR * self.convs[-1](torch.cat(made, 1))


def residual_dense_block(width: int, growth: int) -> Plus:
    """Three dense blocks, scaled and added to their input."""
    return Plus(*(DenseBlock(width, growth) for _ in range(3)), factor=FACTOR)


def leaky() -> nn.Module:
    """Activation used throughout."""
    return nn.LeakyReLU(SLOPE, inplace=True)


class RRDBNet(Network):
    """RRDBNet: the generator of ESRGAN, residual-in-residual dense blocks (Wang et al., ECCV Workshops 2018, figure 4); images in 0..1.

    `forward`: `batch channels y x` to `batch channels scale*y scale*x`; sides must be even at scale 2 with `unshuffle`.

    Args:
        scale: Enlargement factor: a power of two.
        channels: Of the images.
        width: Feature channels.
        blocks: Residual-in-residual dense blocks.
        growth: Channels that each convolution of a dense block adds.
        unshuffle: At scale 2, fold 2 x 2 pixels into channels and enlarge by 4 (BasicSR); otherwise one up-convolution (KAIR).
    """

    def __init__(self, scale: int, channels: int = 3, width: int = 64, blocks: int = 23, growth: int = 32, unshuffle: bool = True) -> None:
        super().__init__()
        self.fold = 2 if unshuffle and scale == 2 else 1
        self.first = conv(channels * self.fold**2, width)
        self.trunk = Plus(*(residual_dense_block(width, growth) for _ in range(blocks)), conv(width, width))
        self.tail = upconv_tail(scale * self.fold, width, channels, leaky())
        radius = receptive_radius(BLOCK_RADIUS * blocks + 2, *[1] * (len(stages(scale * self.fold)) - 1), 3)
        # a dense block's pieces, the same side by side, and three inputs; or the last two maps of the enlarged size
        bytes_here = 4 * max(5 * width + 8 * growth, 2 * width * (scale * self.fold) ** 2 + width) // self.fold**2
        self.spec = NetworkSpec(scale, self.fold * radius, bytes_here, channels, size_multiple=self.fold)

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images."""
        check_input(self.spec, low)
        return self.tail(self.trunk(self.first(F.pixel_unshuffle(low, self.fold))))


DENSE = (r"\.(\d)\.convs\.(\d)", lambda match: f".RDB{int(match[1]) + 1}.conv{int(match[2]) + 1}")


def tail_names(count: int, names: str, high: str) -> Rules:
    """Rules for the last layers of a network that doubles `count` times: up-convolutions are numbered from 1."""
    ups = [(rf"^tail\.{3 * n + 1}\.", f"{names}{n + 1}.") for n in range(count)]
    return [*ups, (rf"^tail\.{3 * count}\.", f"{high}."), (rf"^tail\.{3 * count + 2}\.", "conv_last.")]


def conventions(count: int, blocks: int = 23) -> tuple[Rules, Rules, Rules]:
    """ESRGAN's names, its older numbered ones, and BasicSR's."""
    esrgan: Rules = [
        (rf"^trunk\.{blocks}\.", "trunk_conv."),
        (r"^trunk\.", "RRDB_trunk."),
        DENSE,
        (r"^first", "conv_first"),
        *tail_names(count, "upconv", "HRconv"),
    ]
    numbered: Rules = [
        (r"^first", "model.0"),
        (r"^trunk", "model.1.sub"),
        DENSE,
        (r"(conv\d)\.", r"\1.0."),
        (r"^tail\.(\d+)", shifted(2, "model.{}")),
    ]
    basicsr: Rules = [
        (rf"^trunk\.{blocks}\.", "conv_body."),
        (r"^trunk", "body"),
        DENSE,
        (r"RDB", "rdb"),
        (r"^first", "conv_first"),
        *tail_names(count, "conv_up", "conv_hr"),
    ]
    return esrgan, numbered, basicsr


PAPER = "Wang et al., ECCV Workshops 2018"
SMALL = {"width": 8, "blocks": 1, "growth": 4}
RRDB_ROW = Architecture(
    RRDBNet,
    (4, 2, 8),
    PAPER,
    small=SMALL,
    keys=lambda scale: official(RRDBNet, *conventions(max(2, len(stages(scale)))))(scale),
    note="By 2 as BasicSR: pixels folded into channels, then enlarged by 4.",
)
UPCONV_ROW = Architecture(
    RRDBNet,
    (2,),
    PAPER,
    {"unshuffle": False},
    SMALL,
    keys=official(lambda scale: RRDBNet(scale, unshuffle=False), *conventions(1)),
    note="By 2 with one up-convolution, as in the original code and KAIR.",
)
