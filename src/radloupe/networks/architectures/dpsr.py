"""KAIR's residual networks without normalisation: MSRResNet, and DPSR's prior, conditioned on the noise level (Zhang et al., CVPR 2019)."""

from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.core.errors import UsageError
from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import Rules, official, shifted
from radloupe.networks.layers.blocks import Plus, conv, receptive_radius, residual_block, stages, upconv_tail
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


def shuffle_tail(scale: int, width: int, channels: int) -> nn.Sequential:
    """Convolution, pixel shuffle and activation for each stage, then two convolutions down to the image, the last without bias."""
    act = nn.ReLU(inplace=True)
    ups = [layer for s in stages(scale) for layer in (conv(width, width * s * s), nn.PixelShuffle(s), act)]
    return nn.Sequential(*ups, conv(width, width), act, conv(width, channels, bias=False))


class MSRResNet(Network):
    """MSRResNet: SRResNet without normalisation, as in KAIR; with `non_blind`, the prior of DPSR (Zhang et al., CVPR 2019); images in 0..1.

    `forward(low, noise)`: `batch channels y x` and, with `non_blind`, noise levels `batch|1` (standard deviation, 0..1) to
    `batch channels scale*y scale*x`.

    Args:
        scale: Enlargement factor: a power of two, or 3.
        channels: Of the images.
        width: Feature channels.
        blocks: Residual blocks.
        up: Up-sampler: "upconv" or "shuffle" (DPSR's).
        non_blind: Take each image's noise level as a further input plane.
    """

    def __init__(
        self, scale: int, channels: int = 3, width: int = 64, blocks: int = 16, up: str = "upconv", non_blind: bool = False
    ) -> None:
        super().__init__()
        if up not in ("shuffle", "upconv"):
            raise UsageError(f"Expected an up-sampler of 'shuffle' or 'upconv', found {up!r}. Choose one of them.")
        self.head = conv(channels + non_blind, width)
        self.body = Plus(*(residual_block(width) for _ in range(blocks)), conv(width, width))
        self.tail = shuffle_tail(scale, width, channels) if up == "shuffle" else upconv_tail(scale, width, channels, bias=False)
        ups = len(stages(scale))
        before = 1 if up == "shuffle" else 0  # the first convolution of a shuffle is on the low grid
        radius = receptive_radius(2 * blocks + 2 + before, *[1] * (ups - 1), 3 - before, factor=3 if scale == 3 else 2)
        bytes_here = 4 * max(5 * width, 2 * width * scale**2 + width + channels + non_blind)
        self.spec = NetworkSpec(scale, radius, bytes_here, channels, needs=("noise",) if non_blind else ())

    def forward(self, low: Float[Tensor, "b c y x"], noise: Float[Tensor, " n"] | None = None) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images; one noise for each, or one for all."""
        check_input(self.spec, low, noise=noise)
        if self.spec.needs and noise is not None:
            low = torch.cat([low, noise[:, None, None, None].expand(len(low), 1, *low.shape[2:])], 1)
        return self.tail(self.body(self.head(low)))


NAMES: Rules = [
    (r"^head", "model.0"),
    (r"^body\.(\d+)\.(\d)", r"model.1.sub.\1.res.\2"),
    (r"^body", "model.1.sub"),
    (r"^tail\.(\d+)", shifted(2, "model.{}")),
]
SMALL = {"width": 8, "blocks": 2}
PRIOR: dict[str, Any] = {"width": 96, "up": "shuffle", "non_blind": True}
DPSR_ROW = Architecture(MSRResNet, (4, 2, 3), "Zhang et al., CVPR 2019", PRIOR, SMALL, official(partial(MSRResNet, **PRIOR), NAMES))
SRRESNET_ROW = Architecture(MSRResNet, (4, 2, 3), "Ledig et al., CVPR 2017, as KAIR has it", small=SMALL, keys=official(MSRResNet, NAMES))
