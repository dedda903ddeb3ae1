"""SwinIR: convolutions around residual Swin transformer blocks (Liang et al., ICCVW 2021)."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import official
from radloupe.networks.layers.blocks import DIV2K_MEAN, conv, shuffle_up
from radloupe.networks.layers.implicit import Encoder
from radloupe.networks.layers.swin import Body, mirrored
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

WIDTH = 64  # feature channels before up-sampling


class Features(Encoder):
    """SwinIR without its up-sampler: 64 channels on the low grid. Sides are padded to multiples of the window by reflection."""

    receptive_field_radius = math.inf  # the window of a pixel depends on the image's origin

    def __init__(
        self, channels: int = 3, width: int = 180, depths: Sequence[int] = (6,) * 6, heads: int = 6, side: int = 8, drop: float = 0.1
    ) -> None:
        super().__init__()
        self.side, self.width = side, WIDTH
        self.head = conv(channels, width)
        self.body = Body(width, depths, heads, side, drop=drop)
        self.tail = nn.Sequential(conv(width, WIDTH), nn.LeakyReLU(0.01, inplace=True))
        self.alive = width + self.body.alive

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b w y x"]:
        """Features of each low pixel."""
        y, x = low.shape[2:]
        return self.tail(self.body(self.head(mirrored(low, self.side))))[..., :y, :x]


class SwinIR(Network):
    """SwinIR: shifted-window transformer for image restoration (Liang et al., ICCVW 2021, figure 2); images in 0..1.

    `forward`: `batch channels y x` to `batch channels scale*y scale*x`; sides are padded to multiples of the window by reflection.
    Raises `InputError` for other channels than it was built for.

    Args:
        scale: Enlargement factor: a power of two, or 3.
        channels: Of the images.
        width: Embedding dimension.
        depths: Transformer layers in each residual Swin transformer block.
        heads: Attention heads.
        side: Window size in low pixels.
        drop: Highest rate of stochastic depth, while training.
        light: Up-sample by one convolution and pixel shuffle, as the lightweight network does.

    >>> import torch
    >>> network = SwinIR(scale=2, channels=1, width=12, depths=(2,), heads=2)
    >>> network(torch.zeros(1, 1, 9, 8)).shape
    torch.Size([1, 1, 18, 16])
    """

    mean: Tensor

    def __init__(
        self,
        scale: int,
        channels: int = 3,
        width: int = 180,
        depths: Sequence[int] = (6,) * 6,
        heads: int = 6,
        side: int = 8,
        drop: float = 0.1,
        light: bool = False,
    ) -> None:
        super().__init__()
        mean = torch.tensor(DIV2K_MEAN) if channels == 3 else torch.zeros(1)
        self.register_buffer("mean", mean[:, None, None], persistent=False)
        self.head = conv(channels, width)
        self.body = Body(width, depths, heads, side, drop=drop)
        self.tail = enlarger(scale, channels, width, light)
        last = 4 * channels if light else 2 * WIDTH + 2 * channels  # for each pixel of the result, around the last shuffle
        self.spec = NetworkSpec(scale, math.inf, 4 * (width + max(self.body.alive, last * scale**2 + WIDTH)), channels)

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images."""
        check_input(self.spec, low)
        features = self.body(self.head(mirrored(low - self.mean, self.body.side)))
        y, x = (self.spec.scale * n for n in low.shape[2:])
        return self.tail(features)[..., :y, :x] + self.mean


def enlarger(scale: int, channels: int, width: int, light: bool) -> nn.Sequential:
    """Up-sampler from deep features to the image."""
    if light:
        return nn.Sequential(conv(width, channels * scale * scale), nn.PixelShuffle(scale))
    return nn.Sequential(conv(width, WIDTH), nn.LeakyReLU(0.01, inplace=True), shuffle_up(scale, WIDTH), conv(WIDTH, channels))


RULES = [  # ours to released
    (r"body\.before\.", "patch_embed.norm."),
    (r"body\.after\.", "norm."),
    (r"body\.conv\.", "conv_after_body."),
    (r"body\.groups\.(\d+)\.conv\.", r"layers.\1.conv."),
    (r"body\.groups\.(\d+)\.blocks\.(\d+)\.", r"layers.\1.residual_group.blocks.\2."),
    (r"attention\.bias$", "attn.relative_position_bias_table"),
    (r"attention\.", "attn."),
    (r"project\.", "proj."),
    (r"mlp\.0\.", "mlp.fc1."),
    (r"mlp\.2\.", "mlp.fc2."),
    (r"head\.", "conv_first."),
]
FEATURES = [*RULES, (r"tail\.0\.", "conv_before_upsample.0.")]
CLASSICAL = [*FEATURES, (r"tail\.2\.", "upsample."), (r"tail\.3\.", "conv_last.")]
LIGHT = [*RULES, (r"tail\.0\.", "upsample.0.")]


def constants(depths: Sequence[int]) -> list[str]:
    """Names in released files of constants that follow from the window size."""
    blocks = [(f"layers.{i}.residual_group.blocks.{j}", j) for i, depth in enumerate(depths) for j in range(depth)]
    return [f"{name}.attn.relative_position_index" for name, _ in blocks] + [f"{name}.attn_mask" for name, j in blocks if j % 2]


PAPER = "Liang et al., ICCVW 2021"
SMALL = {"width": 12, "depths": (2,), "heads": 2, "side": 4, "drop": 0.0}
LIGHTWEIGHT: Mapping[str, Any] = {"width": 60, "depths": (6,) * 4, "light": True}
SWINIR_ROW = Architecture(SwinIR, (4, 2, 3, 8), PAPER, small=SMALL, keys=official(SwinIR, CLASSICAL, unused=constants((6,) * 6)))
SWINIR_LIGHT_ROW = Architecture(
    SwinIR, (4, 2, 3), PAPER, LIGHTWEIGHT, SMALL, official(partial(SwinIR, **LIGHTWEIGHT), LIGHT, unused=constants((6,) * 4))
)
