"""SPAN: parameter-free attention computed from the features themselves (Wan et al., CVPR Workshops 2024)."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import Rules, official
from radloupe.networks.layers.blocks import DIV2K_MEAN, conv
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

GAIN = 2  # inner width of an expanded convolution, relative to its input


class Expanded(nn.Module):
    """Re-parameterised 3x3 convolution: 1x1, 3x3 and 1x1 convolutions in sequence beside a 1x1 one, which is easier to train.

    The kernels are multiplied before they are applied, so it costs one convolution.
    """

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.skip = nn.Conv2d(channels_in, channels_out, 1)
        self.first = nn.Conv2d(channels_in, GAIN * channels_in, 1)
        self.middle = nn.Conv2d(GAIN * channels_in, GAIN * channels_out, 3)
        self.last = nn.Conv2d(GAIN * channels_out, channels_out, 1)

    def merged(self) -> tuple[Float[Tensor, "o i 3 3"], Float[Tensor, " o"]]:
        """Kernel and bias of the equivalent single convolution."""
        into, out = self.first.weight[:, :, 0, 0], self.last.weight[:, :, 0, 0]
        kernel = torch.einsum("ow,wmyx,mi->oiyx", out, self.middle.weight, into)
        empty = into.new_zeros(into.shape[1], 3, 3)  # its response is the bias
        bias = self.last(self.middle(self.first(empty))) + self.skip(empty[:, :1, :1])
        return kernel + F.pad(self.skip.weight, (1, 1, 1, 1)), bias[:, 0, 0]

    def forward(self, features: Float[Tensor, "b i y x"]) -> Float[Tensor, "b o y x"]:
        """The convolution with zero padding."""
        kernel, bias = self.merged()
        return F.conv2d(features, kernel, bias, padding=1)


class Block(nn.Module):
    """Attention block: three convolutions whose result, as a parameter-free gate, weights itself plus the input."""

    def __init__(self, width: int, layer: Callable[[int, int], nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layer(width, width) for _ in range(3))

    def forward(self, features: Float[Tensor, "b c y x"]) -> tuple[Float[Tensor, "b c y x"], Float[Tensor, "b c y x"]]:
        """The block's features, and those after its first layer."""
        first = F.silu(self.layers[0](features), inplace=True)
        deep = self.layers[2](F.silu(self.layers[1](first), inplace=True))
        return (deep + features) * (torch.sigmoid(deep) - 0.5), first


class SPAN(Network):
    """SPAN: swift parameter-free attention network (Wan et al., CVPR Workshops 2024, figure 2); images in 0..1.

    `forward`: `batch channels y x` to `batch channels scale*y scale*x`. `merge` converts the expanded network to plain convolutions.

    Args:
        scale: Enlargement factor.
        channels: Of the images.
        width: Feature channels.
        blocks: Attention blocks.
        expanded: Train each convolution as several (structural re-parameterisation).
    """

    mean: Tensor

    def __init__(self, scale: int, channels: int = 3, width: int = 48, blocks: int = 6, expanded: bool = True) -> None:
        super().__init__()
        layer: Callable[[int, int], nn.Module] = Expanded if expanded else conv
        mean = DIV2K_MEAN if channels == 3 else (0.0,) * channels
        self.register_buffer("mean", torch.tensor(mean)[:, None, None], persistent=False)
        self.head = layer(channels, width)
        self.blocks = nn.ModuleList(Block(width, layer) for _ in range(blocks))
        self.last = layer(width, width)
        self.join = conv(4 * width, width, 1)
        self.up = nn.Sequential(conv(width, channels * scale * scale), nn.PixelShuffle(scale))
        # four kept maps, their concatenation, input and output; or the last two maps of the enlarged size
        self.spec = NetworkSpec(scale, 3 * blocks + 3, 4 * max(10 * width, 6 * width + 2 * channels * scale**2), channels)

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images."""
        check_input(self.spec, low)
        head = self.head((low - self.mean) * 255)
        early, late = self.blocks[0](head)
        features = early
        for block in self.blocks[1:]:
            features, late = block(features)
        return self.up(self.join(torch.cat([head, self.last(features), early, late], 1)))


def merge(network: SPAN) -> SPAN:
    """Equivalent network with plain convolutions."""
    spec, width = network.spec, network.join.out_channels
    plain = SPAN(spec.scale, spec.channels, width, len(network.blocks), expanded=False)
    state = {key: value for key, value in network.state_dict().items() if key in plain.state_dict()}
    for name, layer in network.named_modules():
        if isinstance(layer, Expanded):
            state[f"{name}.weight"], state[f"{name}.bias"] = (value.detach() for value in layer.merged())
    plain.load_state_dict(state)
    return plain


NAMES: Rules = [
    (r"\.skip\b", ".sk"),
    (r"\.first\b", ".conv.0"),
    (r"\.middle\b", ".conv.1"),
    (r"\.last\b", ".conv.2"),
    (r"^head", "conv_1"),
    (r"^last", "conv_2"),
    (r"^join", "conv_cat"),
    (r"^up", "upsampler"),
    (r"^blocks\.(\d)\.layers\.(\d)", lambda match: f"block_{int(match[1]) + 1}.c{int(match[2]) + 1}_r"),
]


def keys(scale: int) -> dict[str, str]:
    """Names in released files; merged copies of expanded convolutions are ignored (mapped to an empty name)."""
    own = dict(official(SPAN, NAMES)(scale))
    copies = {key.replace(".sk.", ".eval_conv."): "" for key in own if ".sk." in key}
    return own | copies


PAPER = "Wan et al., CVPR Workshops 2024"
SMALL = {"width": 8, "blocks": 2}
SPAN_ROW = Architecture(
    SPAN, (4, 2, 3), PAPER, small=SMALL, keys=keys, note="48 channels; the paper's table counts the form with 52, merged."
)
