"""EDSR: residual blocks without normalisation (Lim et al., CVPRW 2017); its features are also an encoder of implicit functions."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from jaxtyping import Float
from torch import Tensor

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import official
from radloupe.networks.layers.blocks import Plus, conv, div2k_shift, receptive_radius, residual_block, shuffle_up, stages
from radloupe.networks.layers.implicit import Encoder
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


class Features(Encoder):
    """EDSR without its up-sampler: a convolution, residual blocks scaled by `factor`, a convolution, and a global skip connection."""

    def __init__(self, channels: int = 3, width: int = 64, blocks: int = 16, factor: float = 1.0) -> None:
        super().__init__()
        self.width, self.receptive_field_radius, self.alive = width, 2 * blocks + 2, 5 * width
        self.head = conv(channels, width)
        self.body = Plus(*(residual_block(width, factor) for _ in range(blocks)), conv(width, width))

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b w y x"]:
        """Features of each low pixel."""
        return self.body(self.head(low))


class EDSR(Network):
    """EDSR: enhanced deep residual network without normalisation (Lim et al., CVPRW 2017, figure 3); images in 0..255.

    `forward`: `batch channels y x` to `batch channels scale*y scale*x`. With three channels, DIV2K's mean colour is subtracted.

    Args:
        scale: Enlargement factor: a power of two, or 3.
        channels: Of the images.
        width: Feature channels (64 in the baseline, 256 in the large network).
        blocks: Residual blocks (16; 32).
        factor: Residual scaling (1; 0.1).

    >>> import torch
    >>> network = EDSR(scale=2, channels=1, width=8, blocks=1)
    >>> network(torch.zeros(1, 1, 6, 8)).shape
    torch.Size([1, 1, 12, 16])
    """

    def __init__(self, scale: int, channels: int = 3, width: int = 64, blocks: int = 16, factor: float = 1.0) -> None:
        super().__init__()
        self.sub_mean, self.add_mean = div2k_shift(channels, -1), div2k_shift(channels, 1)
        self.features = Features(channels, width, blocks, factor)
        self.up = shuffle_up(scale, width)
        self.tail = conv(width, channels)
        factors = stages(scale)
        radius = receptive_radius(int(self.features.receptive_field_radius) + 1, *[1] * len(factors), factor=factors[0])
        alive = max(5 * width, (2 * width + channels) * scale**2 + 2 * width)  # values alive in a block; around the last shuffle
        self.spec = NetworkSpec(scale, radius, 4 * alive, channels, input_range=(0.0, 255.0))

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images. Raises `InputError` for other channels than it was built for."""
        check_input(self.spec, low)
        return self.add_mean(self.tail(self.up(self.features(self.sub_mean(low)))))


FEATURES = [(r"head\.", "head.0."), (r"(body\.\d+)\.([02])\.", r"\1.body.\2.")]  # ours to released
UNUSED = [f"{name}.{part}" for name in ("sub_mean", "add_mean") for part in ("weight", "bias")]  # in files of the features alone
RELEASED = [(r"^features\.", ""), *FEATURES, (r"^up\.", "tail.0."), (r"^tail\.(weight|bias)", r"tail.1.\1")]
LARGE: Mapping[str, Any] = {"width": 256, "blocks": 32, "factor": 0.1}
SMALL = {"width": 8, "blocks": 2}

BASELINE_ROW = Architecture(EDSR, (4, 2, 3, 8), "Lim et al., CVPRW 2017", small=SMALL, keys=official(EDSR, RELEASED))
EDSR_ROW = Architecture(EDSR, (4, 2, 3, 8), "Lim et al., CVPRW 2017", LARGE, SMALL, official(partial(EDSR, **LARGE), RELEASED))
