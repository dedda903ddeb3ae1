"""The transform-domain MRI network (Zhang et al., "A Transform-Domain Approach with Symmetric and Edge Constraints", section III).

Each up-sampling module doubles the features in two branches that are added: low frequencies by a transposed convolution, a learned
transform, a soft threshold and the inverse transform (equation 8), high frequencies by Swin transformer blocks and a local texture
estimator (equation 9). N modules enlarge by 2 ** N.
"""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.networks.architecture import Architecture
from radloupe.networks.architectures.lte import LTEDecoder
from radloupe.networks.check import check_input
from radloupe.networks.layers.bicubic_upsampling import BicubicPhases
from radloupe.networks.layers.blocks import conv, stages
from radloupe.networks.layers.implicit import enlarge
from radloupe.networks.layers.swin import Body, mirrored
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

Norm = Literal["group", "batch"]
Threshold = Literal["module", "channel"]
Branches = Literal["both", "low", "high"]
START = 0.01  # initial threshold, as in ISTA-Net
GROUPS = 8


class Parts(NamedTuple):
    """The image with the features that the symmetric constraint compares in each module.

    They are the features before their transform, and after it and its inverse without threshold.
    """

    image: Tensor
    lifted: list[Tensor]
    returned: list[Tensor]


def transform(width: int) -> nn.Sequential:
    """Two linear convolutions with GELU between them; the inverse transform has the same form."""
    return nn.Sequential(conv(width, width, bias=False), nn.GELU(), conv(width, width, bias=False))


def soft(values: Float[Tensor, "b c y x"], threshold: Float[Tensor, "#c"]) -> Float[Tensor, "b c y x"]:
    """Soft thresholding (shrinkage) of values."""
    return values.sign() * F.relu(values.abs() - threshold[:, None, None])


class Low(nn.Module):
    """The low-frequency branch. There is one threshold, or one for each channel; a `positive` one cannot change its sign in training."""

    def __init__(self, width: int, features: int, threshold: Threshold, positive: bool) -> None:
        super().__init__()
        self.alive = 20 * features + 2 * width  # values per input pixel, which becomes four
        self.lift = nn.ConvTranspose2d(width, features, 4, 2, 1)
        self.forth, self.back = transform(features), transform(features)
        self.threshold = nn.Parameter(torch.full((1 if threshold == "module" else features,), START))
        self.positive = positive

    def forward(self, lifted: Float[Tensor, "b f y x"]) -> Float[Tensor, "b f y x"]:
        """Features after the threshold, from the output of `lift`."""
        return self.back(soft(self.forth(lifted), self.threshold.abs() if self.positive else self.threshold))


class High(nn.Module):
    """The high-frequency branch: Swin features, then a local texture estimator that always doubles."""

    def __init__(
        self, width: int, features: int, hidden: int, depths: Sequence[int], heads: int, side: int, ratio: float, drop: float
    ) -> None:
        super().__init__()
        self.body = Body(width, depths, heads, side, ratio, drop)
        self.tail = nn.Sequential(conv(width, features), nn.LeakyReLU(0.01, inplace=True))
        self.texture = LTEDecoder(features, features, hidden)
        self.alive = 2 * width + 6 * features + max(self.body.alive, self.texture.alive)

    def forward(self, features: Float[Tensor, "b w y x"]) -> Float[Tensor, "b f 2*y 2*x"]:
        """Features at twice the size; sides are padded to multiples of the window by reflection."""
        y, x = features.shape[2:]
        deep = self.tail(self.body(mirrored(features, self.body.side)))[..., :y, :x]
        return enlarge(self.texture, self.texture.codes(deep), 2, 1.0)


class TransformMRI(Network):
    """Transform-domain network for MR slices with a low- and a high-frequency branch (section III); images in 0..1.

    `forward`: `batch channels y x` to `batch channels scale*y scale*x`. `parts` also returns the features of the symmetric constraint.

    Args:
        scale: Enlargement factor: 2, 4 or 8.
        channels: Of the images.
        width: Feature channels.
        features: Channels of each branch.
        hidden: Units of the local texture estimator.
        depths: Transformer layers in each block of the high-frequency branch.
        heads: Attention heads.
        side: Window size in pixels.
        ratio: Of the transformer's MLP to its width.
        drop: Highest rate of stochastic depth, while training.
        branches: "both", or "low" or "high" alone (ablation, table II).
        norm: Normalisation after the first convolution and between modules: "group" or "batch".
        threshold: One soft threshold for each "module", or for each "channel".
        positive: Keep thresholds from changing their sign in training.
        residual: Add the bicubic enlargement, which is shifted by half a pixel against images on the grid of a k-space crop.
    """

    def __init__(
        self,
        scale: int,
        channels: int = 1,
        width: int = 96,
        features: int = 64,
        hidden: int = 256,
        depths: Sequence[int] = (6, 6, 6, 6),
        heads: int = 6,
        side: int = 8,
        ratio: float = 2.0,
        drop: float = 0.1,
        branches: Branches = "both",
        norm: Norm = "group",
        threshold: Threshold = "module",
        positive: bool = False,
        residual: bool = False,
    ) -> None:
        super().__init__()
        count = len(stages(scale))
        lows = (Low(width, features, threshold, positive) for _ in range(count * (branches != "high")))
        highs = (High(width, features, hidden, depths, heads, side, ratio, drop) for _ in range(count * (branches != "low")))
        self.enter = nn.ModuleList(entrance(features if i else channels, width, norm) for i in range(count))
        self.low, self.high = nn.ModuleList(lows), nn.ModuleList(highs)
        self.tail = conv(features, channels)
        self.base = BicubicPhases(scale) if residual else None
        radius = low_branch_radius(count) if branches == "low" and norm == "batch" else math.inf
        self.spec = NetworkSpec(scale, radius, scale**2 * max(branch.alive for branch in (*self.low, *self.high)), channels)

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images. Raises `InputError` for other channels than it was built for."""
        check_input(self.spec, low)
        features = low
        for level, enter in enumerate(self.enter):
            features = self.doubled(level, enter(features))
        return self.finished(features, low)

    def parts(self, low: Float[Tensor, "b c y x"]) -> Parts:
        """The image and the features of the symmetric constraint (equation 12)."""
        check_input(self.spec, low)
        lifted, features = [], low
        for level, enter in enumerate(self.enter):
            entered = enter(features)
            lifted += [branch.lift(entered) for branch in self.lows(level)]
            features = self.doubled(level, entered)
        returned = [branch.back(branch.forth(one)) for level, one in enumerate(lifted) for branch in self.lows(level)]
        return Parts(self.finished(features, low), lifted, returned)

    def lows(self, level: int) -> list[Low]:
        """Low-frequency branch of a module: a list of one, or empty."""
        return [branch for branch in self.low[level : level + 1] if isinstance(branch, Low)]

    def doubled(self, level: int, features: Float[Tensor, "b w y x"]) -> Float[Tensor, "b f 2*y 2*x"]:
        """Sum of both branches of a module (equation 10)."""
        parts = [branch(branch.lift(features)) for branch in self.lows(level)]
        parts += [branch(features) for branch in self.high[level : level + 1]]
        return sum(parts[1:], parts[0])

    def finished(self, features: Float[Tensor, "b f sy sx"], low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The image from the last module's features."""
        image = self.tail(features)
        if self.base is None:
            return image
        return image + F.pixel_shuffle(self.base(low.flatten(0, 1)[:, None]), self.spec.scale).view_as(image)


def entrance(channels: int, width: int, norm: Norm) -> nn.Sequential:
    """Convolution, normalisation and GELU: the initialisation, and the transition between modules."""
    return nn.Sequential(conv(channels, width), nn.GroupNorm(GROUPS, width) if norm == "group" else nn.BatchNorm2d(width), nn.GELU())


def low_branch_radius(count: int) -> int:
    """Receptive-field radius of the convolutions: one before each doubling, one in the doubling itself, four after it, one at the end."""
    extent = 0
    for _ in range(count):
        extent = 2 * (extent + 1) + 1 + 4
    return -(-(extent + 1) // 2**count)


PAPER = "Zhang et al., A transform-domain approach with symmetric and edge constraints for MRI super-resolution, section III"
NOTE = "No code was released; what the paper leaves open is listed in faithfulness.md."
SMALL = {"width": 16, "features": 8, "hidden": 16, "depths": (2,), "heads": 2, "side": 4, "drop": 0.0}
BOTH_ROW, LOW_ROW, HIGH_ROW = (
    Architecture(TransformMRI, (2, 4, 8), PAPER, settings={"branches": branches}, small=SMALL, note=NOTE)
    for branches in ("both", "low", "high")
)
