"""The residual generator of CycleGAN (Zhu et al., ICCV 2017, appendix; Johnson et al., ECCV 2016): image translation at the same size."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import official
from radloupe.networks.layers.blocks import Plus
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


def mirrored(before: int, after: int, side: int) -> list[nn.Module]:
    """Convolution with reflection padding."""
    return [nn.ReflectionPad2d(side // 2), nn.Conv2d(before, after, side)]


def normed(*layers: nn.Module, width: int, activation: nn.Module | None = None) -> nn.Sequential:
    """Layers followed by instance normalisation without learned parameters and an activation."""
    return nn.Sequential(*layers, nn.InstanceNorm2d(width), activation or nn.ReLU(inplace=True))


def block(width: int) -> Plus:
    """A residual block: x + in(conv(relu(in(conv(x)))))."""
    return Plus(*normed(*mirrored(width, width, 3), width=width), *mirrored(width, width, 3), nn.InstanceNorm2d(width))


def halving(width: int) -> nn.Sequential:
    """Down-sampling block: half the size, twice the channels."""
    return normed(nn.Conv2d(width, 2 * width, 3, 2, 1), width=2 * width)


def doubling(width: int) -> nn.Sequential:
    """Up-sampling block: twice the size, half the channels."""
    return normed(nn.ConvTranspose2d(width, width // 2, 3, 2, 1, output_padding=1), width=width // 2)


def features(channels: int, blocks: int, width: int) -> list[nn.Module]:
    """All layers but the last convolution: `width` features at the size of the image."""
    return [
        normed(*mirrored(channels, width, 7), width=width),
        halving(width),
        halving(2 * width),
        nn.Sequential(*(block(4 * width) for _ in range(blocks))),
        doubling(4 * width),
        doubling(2 * width),
    ]


def start(module: nn.Module) -> None:
    """CycleGAN's initialisation, for `Module.apply`: normal weights of standard deviation 0.02, zero biases."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class CycleGAN(Network):
    """CycleGAN: the residual generator for unpaired translation (Zhu et al., ICCV 2017, section 7.1); images in -1..1 of unchanged size.

    `forward`: `batch channels y x` with sides in steps of 4 to the same. Instance normalisation makes the receptive field global.

    Args:
        scale: 1.
        channels: Of the images.
        blocks: Residual blocks (6 or 9).
        width: Channels after the first convolution.
    """

    def __init__(self, scale: int = 1, channels: int = 1, blocks: int = 9, width: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(*features(channels, blocks, width), *mirrored(width, channels, 7))
        self.apply(start)
        self.spec = NetworkSpec(scale, math.inf, 4 * 3 * width, channels, size_multiple=4, minimum_size=8, input_range=(-1.0, 1.0))

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """The translated images. Raises `InputError` for images that the network does not take."""
        check_input(self.spec, low)
        return torch.tanh(self.layers(low))


def released_rules(blocks: int) -> list[tuple[str, str]]:
    """From our names to those of junyanz/pytorch-CycleGAN-and-pix2pix: one list of layers, a convolution every third."""
    first = 10  # index of the first residual block
    return [
        (r"^layers\.0\.1\.", "model.1."),
        (r"^layers\.1\.0\.", "model.4."),
        (r"^layers\.2\.0\.", "model.7."),
        *((rf"^layers\.3\.{n}\.", f"model.{first + n}.conv_block.") for n in range(blocks)),
        (r"^layers\.4\.0\.", f"model.{first + blocks}."),
        (r"^layers\.5\.0\.", f"model.{first + blocks + 3}."),
        (r"^layers\.7\.", f"model.{first + blocks + 7}."),
    ]


def architecture(blocks: int) -> Architecture:
    """The generator with 6 or 9 residual blocks."""
    return Architecture(
        CycleGAN,
        (1,),
        "Zhu et al., ICCV 2017; stage 1 of clinical CT to micro-CT, arXiv 2010.10207",
        settings={"blocks": blocks},
        small={"blocks": 1, "width": 8},
        keys=official(lambda scale: CycleGAN(scale, blocks=blocks), released_rules(blocks)),
    )


CYCLEGAN_6_ROW, CYCLEGAN_9_ROW = architecture(6), architecture(9)
