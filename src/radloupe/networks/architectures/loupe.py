"""LoupeNet: Radloupe's default network, designed for CPUs with few cores.

A residual network of plain 3x3 convolutions on the low grid (the shape of EDSR, Lim et al. 2017, without its scaling) whose output is
added to the bicubic enlargement: untrained, it is bicubic. It has no bias, so k times the contrast gives k times the detail and
nothing depends on how an image was scaled (Mohan et al., ICLR 2020, "Robust and interpretable blind image denoising via bias-free
convolutional neural networks").
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.layers.bicubic_upsampling import BicubicPhases
from radloupe.networks.layers.blocks import exactly
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

MAP_RADIUS = 2  # low pixels around a pixel that decide about its noise (`inference.conditioning`)
SLOPE = 0.1  # of the leaky ReLU: no dead channels, and still homogeneous


def conv3x3(channels_in: int, channels_out: int, dilation: int = 1) -> nn.Conv2d:
    """Padded 3x3 convolution without bias."""
    return nn.Conv2d(channels_in, channels_out, 3, padding=dilation, dilation=dilation, bias=False)


class Block(nn.Module):
    """features + conv(leaky(conv(features))), the taps of the first convolution `dilation` pixels apart."""

    def __init__(self, width: int, dilation: int = 1) -> None:
        super().__init__()
        self.first, self.second = conv3x3(width, width, dilation), conv3x3(width, width)
        nn.init.kaiming_normal_(self.first.weight, a=SLOPE)
        nn.init.kaiming_normal_(self.second.weight, a=SLOPE)
        self.second.weight.data *= 0.3  # blocks are initially near the identity, so depth does not amplify

    def forward(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """One residual step."""
        return features + self.second(F.leaky_relu(self.first(features), SLOPE, inplace=True))


class Head(nn.Conv2d):
    """First convolution, from an image with its noise and blur maps to features; an image without maps has maps of zero.

    Its inputs are the image x, the noise level and blur * x. All three scale with the contrast, so a conditioned network is as homogeneous
    as one without maps: k times the image and the noise level give k times the output.
    """

    def __init__(self, width: int) -> None:
        super().__init__(3, width, 3, padding=1, bias=False)

    def forward(self, planes: Float[Tensor, "b c y x"]) -> Float[Tensor, "b f y x"]:
        """The features."""
        if planes.shape[1] == 1:
            return F.conv2d(planes, self.weight[:, :1], padding=1)
        image, noise, blur = planes[:, :1], planes[:, 1:2], planes[:, 2:]
        return super().forward(torch.cat([image, noise, blur * image], 1))


class LoupeNet(Network):
    """LoupeNet: Radloupe's default, a bias-free residual network added to bicubic enlargement; images in any unit.

    `forward`: `batch 1 y x` to `batch 1 scale*y scale*x`, raises `InputError` for another number of channels. The body may run in another
    precision (`body_in`); the first and last convolution and the bicubic path stay in float32, where 12-bit images need them.

    With `maps` the input may be `batch 3 y x`: the image, the standard deviation of its noise in the unit of the image, and its blur from 0
    (as antialiased bicubic reduction leaves it) to 1 (no fine detail is left), after SRMD (Zhang et al., CVPR 2018) and FFDNet (Zhang et
    al., IEEE TIP 2018). Zeros, and no maps, mean a clean and sharp image.

    >>> import torch
    >>> LoupeNet(4, width=8, blocks=2)(torch.zeros(1, 1, 16, 24)).shape
    torch.Size([1, 1, 64, 96])

    Args:
        scale: Enlargement factor.
        width: Feature channels.
        blocks: Residual blocks.
        dilations: Of the blocks' first convolutions, repeated over the blocks: a larger receptive field for the same work.
        maps: Whether the network takes maps of noise and blur.
    """

    def __init__(self, scale: int, width: int = 48, blocks: int = 10, dilations: Sequence[int] = (1,), maps: bool = False) -> None:
        super().__init__()
        self.scale = scale
        self.base = BicubicPhases(scale)
        self.head = Head(width) if maps else conv3x3(1, width)
        spread = [dilations[n % len(dilations)] for n in range(blocks)]
        self.body = nn.Sequential(*(Block(width, dilation) for dilation in spread))
        self.tail = conv3x3(width, scale * scale)
        nn.init.zeros_(self.tail.weight)
        # x, the block's two results and the head's features are alive together, then the phases of base, tail and their sum
        self.spec = NetworkSpec(
            scale,
            receptive_field_radius=sum(spread) + blocks + 2 + (MAP_RADIUS if maps else 0),
            bytes_per_pixel=4 * max(5 * width, 2 * width + 4 * scale * scale),
            maps=("noise", "blur") if maps else (),
        )

    @property
    def body_dtype(self) -> torch.dtype:
        """The precision of the body."""
        return next(self.body.parameters()).dtype

    def body_in(self, dtype: torch.dtype) -> "LoupeNet":
        """Keep the body in `dtype` from now on; returns the network."""
        self.body.to(dtype)
        return self

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b 1 sy sx"]:
        """The enlarged images, in the unit of the input. Raises `InputError` for another number of channels."""
        check_input(self.spec, low)
        with exactly(low):
            features = self.head(low)
        inner = features.to(self.body_dtype, memory_format=torch.channels_last)  # the faster layout for convolutions of many channels
        return self.finish(self.body(inner).to(features.dtype), features, low)

    def finish(
        self, deep: Float[Tensor, "b f y x"], features: Float[Tensor, "b f y x"], low: Float[Tensor, "b c y x"]
    ) -> Float[Tensor, "b 1 sy sx"]:
        """The enlarged images from the body's output and the head's features, in float32 whatever the body's precision."""
        with exactly(low):
            return F.pixel_shuffle(self.tail(deep + features) + self.base(low[:, :1]), self.scale)


PAPER = "Radloupe, 2026; after Lim et al., CVPRW 2017, and Mohan et al., ICLR 2020"
LOUPE_ROW = Architecture(LoupeNet, (4, 2, 3, 8), PAPER, small={"blocks": 2, "width": 8})
LOUPE_MAPS_ROW = Architecture(
    LoupeNet,
    (4, 2, 3, 8),
    f"{PAPER}; maps after Zhang et al., CVPR 2018",
    settings={"width": 64, "blocks": 8, "dilations": (1, 2, 3), "maps": True},
    small={"blocks": 3, "width": 8},
)
