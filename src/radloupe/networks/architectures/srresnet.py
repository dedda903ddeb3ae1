"""SRResNet, the generator of SRGAN (Ledig et al., CVPR 2017, figure 4), and its forms in XPGAN and in clinical CT to micro-CT.

They differ in the number of blocks, the channels and the output activation. Each PReLU has one learned slope.
"""

from collections.abc import Mapping
from functools import partial
from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import official
from radloupe.networks.layers.blocks import Plus, conv, receptive_radius, stages
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

Output = Literal["linear", "unit", "tanh"]
RANGES: Mapping[Output, tuple[float, float]] = {"linear": (0.0, 1.0), "unit": (0.0, 1.0), "tanh": (-1.0, 1.0)}


def block(width: int) -> Plus:
    """Residual block: x + bn(conv(prelu(bn(conv(x)))))."""
    return Plus(conv(width, width), nn.BatchNorm2d(width), nn.PReLU(), conv(width, width), nn.BatchNorm2d(width))


def growth(factor: int, width: int) -> nn.Sequential:
    """Up-sampling block: convolution, pixel shuffle, PReLU."""
    return nn.Sequential(conv(width, width * factor**2), nn.PixelShuffle(factor), nn.PReLU())


class SRResNet(Network):
    """SRResNet: the generator of SRGAN, residual blocks with batch normalisation (Ledig et al., CVPR 2017, figure 4).

    `forward`: `batch channels y x` to `batch channels scale*y scale*x`; images in 0..1, or in -1..1 where the output is tanh.

    Args:
        scale: Enlargement factor: a power of two, or 3.
        channels: Of the images.
        blocks: Residual blocks.
        width: Feature channels.
        output: Last activation: none (`linear`), (tanh + 1) / 2 (`unit`, XPGAN) or `tanh`.
    """

    def __init__(self, scale: int, channels: int = 3, blocks: int = 16, width: int = 64, output: Output = "linear") -> None:
        super().__init__()
        factors = stages(scale)
        before = (scale // factors[-1]) ** 2  # pixels per low pixel at the input of the last up-sampling block
        self.head = nn.Sequential(conv(channels, width, 9), nn.PReLU())
        self.body = Plus(*(block(width) for _ in range(blocks)), conv(width, width), nn.BatchNorm2d(width))
        self.up = nn.Sequential(*(growth(factor, width) for factor in factors))
        self.tail = conv(width, channels, 9)
        self.output = output
        self.spec = NetworkSpec(
            scale,
            receptive_field_radius=receptive_radius(4 + 2 * blocks + 1 + 1, *[1] * (len(factors) - 1), 4, factor=factors[0]),
            bytes_per_pixel=4 * max(5 * width, 2 * width * scale**2 + width * before + width, (width + 3 * channels) * scale**2),
            channels=channels,
            input_range=RANGES[output],
        )

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images. Raises `InputError` for images that the network does not take."""
        check_input(self.spec, low)
        enlarged = self.tail(self.up(self.body(self.head(low))))
        if self.output == "linear":
            return enlarged
        return enlarged.tanh() if self.output == "tanh" else (enlarged.tanh() + 1) / 2


def released_keys(scale: int) -> Mapping[str, str]:
    """Names in XPGAN's files (their `gen_state_dict`), which are those of leftthomas/SRGAN."""
    inside = ((0, "conv1"), (1, "bn1"), (2, "prelu"), (3, "conv2"), (4, "bn2"))
    rules = [
        (r"^head\.", "block1."),
        *((rf"^body\.{i}\.{j}\.", f"block{i + 2}.{name}.") for i in range(5) for j, name in inside),
        *((rf"^body\.{5 + j}\.", f"block7.{j}.") for j in range(2)),
        *((rf"^up\.(\d+)\.{j}\.", rf"block8.\1.{name}.") for j, name in ((0, "conv"), (2, "prelu"))),
        (r"^tail\.", f"block8.{len(stages(scale))}."),
    ]
    return official(partial(SRResNet, blocks=5), rules)(scale)


SMALL = {"blocks": 2, "width": 8}
SRRESNET_ROW = Architecture(
    SRResNet,
    (4, 2, 8),
    "Ledig et al., CVPR 2017",
    small=SMALL,
    note="Low and high images share the range 0 to 1; the paper has high images in -1 to 1.",
)
XPGAN_ROW = Architecture(
    SRResNet,
    (4, 2, 8),
    "XPGAN: Vikram, Research Science Institute, 2021; network of leftthomas/SRGAN",
    settings={"blocks": 5, "output": "unit"},
    small={"width": 8},
    keys=released_keys,
    note="Five residual blocks, as in the released notebook; the paper gives no number.",
)
CT_UCT_ROW = Architecture(
    SRResNet,
    (8, 4, 2),
    "Unsupervised super-resolution of clinical CT to micro-CT, arXiv 2010.10207, stage 2",
    settings={"channels": 1, "output": "tanh"},
    small=SMALL,
    note="The paper says SRGAN and no more: 16 blocks, three pixel shuffles and tanh are ours.",
)
