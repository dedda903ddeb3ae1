"""AID-SRGAN: denoising with channel attention, then super-resolution, trained jointly (Huang et al., MICCAI 2022).

Paper and released code differ; the defaults are the code's, so that its checkpoints load, and the paper's variants are settings.
"""

import math
from functools import partial
from typing import Any, NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from radloupe.core.errors import UsageError
from radloupe.networks.architecture import Architecture
from radloupe.networks.architectures.psrgan import NAMES, Backbone, bytes_of_backbone
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import official
from radloupe.networks.layers.blocks import KEEPS_INITIALISATION, ChannelAttention, Plus, conv
from radloupe.networks.layers.distillation import MINIMUM
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


class AIDParts(NamedTuple):
    """AID-SRGAN's outputs."""

    enlarged: Float[Tensor, "b c sy sx"]
    denoised: Float[Tensor, "b c y x"]
    """Denoised low image, for the loss against the clean low image."""


def attention_block(width: int, reduction: int) -> Plus:
    """Input plus attention(relu(conv(input))): one convolution (equation 4)."""
    return Plus(conv(width, width), nn.ReLU(inplace=True), ChannelAttention(width, reduction))


def loud(layer: nn.Conv2d) -> nn.Conv2d:
    """Orthogonal initialisation of gain sqrt(2), which preserves the variance of features through ReLUs; recipes keep it.

    Without a skip connection, the paper's gain of 0.2 would suppress the signal: six layers in sequence leave a ten-thousandth.
    """
    nn.init.orthogonal_(layer.weight, math.sqrt(2))
    setattr(layer, KEEPS_INITIALISATION, True)
    return layer


def head_blocks(kind: str, width: int, groups: int, group_size: int, reduction: int) -> list[nn.Module]:
    """Layers of the denoising head after its first: attention blocks, groups of them, or DnCNN's plain convolutions."""
    if kind == "dncnn":
        return [layer for _ in range(groups) for layer in (loud(conv(width, width)), nn.ReLU(inplace=True))]
    if kind != "attention":
        raise UsageError(f"Expected a head of 'attention' or 'dncnn', found {kind!r}. Choose one of them.")
    if not group_size:
        return [attention_block(width, reduction) for _ in range(groups)]
    return [Plus(*(attention_block(width, reduction) for _ in range(group_size)), conv(width, width)) for _ in range(groups)]


class AIDSRGAN(Network):
    """AID-SRGAN: attention-based denoising and super-resolution of radiographs (Huang et al., MICCAI 2022, figure 1); images in 0..1.

    `forward`: noisy `batch channels y x` of at least 13 pixels a side to `batch channels scale*y scale*x`. `parts` also returns the
    denoised low image.

    Args:
        scale: Enlargement factor: a power of two.
        channels: Of the images.
        width: Feature channels.
        blocks: Residual blocks of the super-resolution backbone.
        groups: Blocks of the denoising head, or groups of them.
        group_size: Blocks in each group; 0 for blocks without groups.
        cascade: Input of the backbone: the head's "features" (the code) or the denoised "image" (the paper's diagram).
        head: "attention", or "dncnn" for the ablation.
        dropout: Rate after the head's first layer, while training.
        reduction: Channels per unit of the attention's bottleneck.
        base: Factor of the low image in the head's output: -1 in the code, whose last layer learns the clean image plus the noisy one;
            with 1 it learns their difference.

    >>> import torch
    >>> network = AIDSRGAN(scale=2, channels=1, width=8, blocks=1, groups=1, reduction=4)
    >>> network(torch.zeros(1, 1, 16, 16)).shape
    torch.Size([1, 1, 32, 32])
    """

    def __init__(
        self,
        scale: int,
        channels: int = 3,
        width: int = 64,
        blocks: int = 16,
        groups: int = 14,
        group_size: int = 0,
        cascade: str = "features",
        head: str = "attention",
        dropout: float = 0.0,
        reduction: int = 16,
        base: float = -1.0,
    ) -> None:
        super().__init__()
        if cascade not in ("features", "image"):
            raise UsageError(f"Expected a cascade of 'features' or 'image', found {cascade!r}. Choose one of them.")
        self.skip_from, self.base = "denoised" if cascade == "image" else "", base
        self.dropout = nn.Dropout(dropout)
        self.first = nn.Sequential(conv(channels, width), nn.ReLU(inplace=True))
        self.head = nn.Sequential(*head_blocks(head, width, groups, group_size, reduction))
        self.denoise = conv(width, channels)
        self.lift = conv(channels if self.skip_from else width, width)
        self.backbone = Backbone(scale, channels, width, blocks)
        bytes_here = bytes_of_backbone(scale, width) + 4 * (width + 2 * channels)
        self.spec = NetworkSpec(scale, math.inf, bytes_here, channels, minimum_size=MINIMUM)

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images."""
        return self.parts(low).enlarged

    def parts(self, low: Float[Tensor, "b c y x"], clean: bool = False) -> AIDParts:
        """The enlarged and the denoised images; `clean` images bypass the head and train the backbone alone."""
        check_input(self.spec, low)
        features = self.head(self.dropout(self.first(low)))
        if clean:
            return AIDParts(self.backbone(self.lift(low if self.skip_from else features.detach())), low)
        denoised = self.denoise(features) + self.base * low
        return AIDParts(self.backbone(self.lift(denoised if self.skip_from else features)), denoised)


def keys(groups: int = 14, **settings: Any) -> Any:
    """Names in released files, which hold the head three times, once for each module that uses it."""

    def convention(head: str, last: str) -> list[tuple[str, Any]]:
        return [
            *NAMES,
            (r"^(head\.\d+)\.(\d+)\.([0-9])\.", r"\1.rg.\2.\3."),
            (r"^(head\.\d+)\.(\d\d)\.(weight|bias)", r"\1.rg.\2.\3"),
            (r"^(head\.[\d.rg]+)\.0\.(weight|bias)", r"\1.res.0.\2"),
            (r"\.2\.gate\.", ".ca.conv_fc."),
            (r"^head\.(\d+)", lambda match: f"{head}.{int(match[1]) + 2}"),
            (r"^first", head),
            (r"^lift", f"{last}.{groups + 2}"),
            (r"^denoise", f"dncnn_de_loss.{groups + 2}"),
        ]

    copies = (("head", "head"), ("dncnn_head", "dncnn_head"), ("dncnn_de_loss", "head"))
    return official(partial(AIDSRGAN, groups=groups, **settings), *(convention(*names) for names in copies))


PAPER = "Huang et al., MICCAI 2022, section 2"
SMALL = {"width": 16, "blocks": 2, "groups": 2, "reduction": 4}
AID_ROW = Architecture(AIDSRGAN, (4, 2), PAPER, small=SMALL, keys=keys(), note="14 attention blocks as in the code; the paper says 16.")
AID_PLUS_ROW = Architecture(
    AIDSRGAN,
    (4, 2),
    PAPER,
    {"group_size": 12},
    SMALL | {"group_size": 2},
    keys(group_size=12),
    note="14 groups of 12 attention blocks as in the code; the paper says 256 blocks, which `groups=16, group_size=16` is.",
)
