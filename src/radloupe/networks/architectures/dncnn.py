"""DnCNN: denoising by plain convolutions that predict the noise (Zhang et al., IEEE TIP 2017); the size is unchanged."""

from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import Rules, official
from radloupe.networks.layers.blocks import conv
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


class DnCNN(Network):
    """DnCNN: residual denoising network (Zhang et al., IEEE TIP 2017, figure 1); images in 0..1 of unchanged size.

    `forward`: `batch channels y x` to the same. `merged` folds batch normalisation into the convolutions.

    Args:
        scale: 1.
        channels: Of the images.
        width: Feature channels.
        layers: Convolutions.
        normalised: Whether it has batch normalisation, as in training.
    """

    def __init__(self, scale: int = 1, channels: int = 1, width: int = 64, layers: int = 17, normalised: bool = True) -> None:
        super().__init__()
        self.layers = nn.Sequential(conv(channels, width), nn.ReLU(inplace=True))
        for _ in range(layers - 2):
            norm = [nn.BatchNorm2d(width, momentum=0.9, eps=1e-4)] if normalised else []  # values of KAIR
            self.layers.extend([conv(width, width), *norm, nn.ReLU(inplace=True)])
        self.layers.append(conv(width, channels))
        self.spec = NetworkSpec(scale, layers, 8 * width, channels)

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """The denoised images."""
        check_input(self.spec, low)
        return low - self.layers(low)


def merged(network: DnCNN) -> DnCNN:
    """Network with batch normalisation folded into the convolutions, from one in evaluation mode; KAIR publishes this form."""
    parts = list(network.layers)
    convolutions = [layer for layer in parts if isinstance(layer, nn.Conv2d)]
    first = convolutions[0]
    out = DnCNN(1, first.in_channels, first.out_channels, len(convolutions), normalised=False)
    targets = (layer for layer in out.layers if isinstance(layer, nn.Conv2d))
    with torch.no_grad():
        for layer, after in zip(parts, [*parts[1:], None], strict=True):
            if isinstance(layer, nn.Conv2d):
                fused = nn.utils.fuse_conv_bn_eval(layer, after) if isinstance(after, nn.BatchNorm2d) else layer
                next(targets).load_state_dict(fused.state_dict())
    return out.eval()


NAMES: Rules = [(r"^layers", "model")]
PAPER = "Zhang et al., IEEE TIP 2017"
SMALL = {"width": 8, "layers": 4}
DNCNN_ROW = Architecture(DnCNN, (1,), PAPER, small=SMALL, keys=official(DnCNN, NAMES))
MERGED_ROW = Architecture(
    DnCNN,
    (1,),
    PAPER,
    {"normalised": False},
    SMALL,
    official(partial(DnCNN, normalised=False), NAMES),
    "Without batch normalisation, as KAIR publishes it after merging.",
)
COLOUR_ROW = Architecture(DnCNN, (1,), PAPER, {"channels": 3, "layers": 20}, SMALL, official(partial(DnCNN, channels=3, layers=20), NAMES))
