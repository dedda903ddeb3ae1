"""TTSR: texture transformer that transfers textures from a reference image (Yang et al., CVPR 2020; TTSR-FD adds a Fourier loss)."""

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.core.errors import UsageError
from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import official
from radloupe.networks.checkpoints.ttsr_keys import released_rules
from radloupe.networks.layers.blocks import Plus, conv
from radloupe.networks.layers.coarse_search import coarse_search
from radloupe.networks.layers.scale_integration import Gathering, Stage, residual_blocks
from radloupe.networks.layers.texture_extractor import TextureExtractor
from radloupe.networks.layers.texture_search import TILE, search, single
from radloupe.networks.layers.texture_transfer import transfer
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

SCALE = 4
BLOCKS = (16, 16, 8, 4)


class Parts(NamedTuple):
    """TTSR's output and intermediate results."""

    enlarged: Float[Tensor, "b c sy sx"]
    soft: Float[Tensor, "b 1 y x"]
    """Soft attention: cosine similarity of the most similar position of the reference, -1 to 1."""
    textures: list[Float[Tensor, "b _d _v _u"]]
    """Transferred textures of the reference, at 1, 2 and 4 times the size of the low image."""


class TTSR(Network):
    """TTSR: texture transformer for reference-based super-resolution (Yang et al., CVPR 2020, figure 2); images in -1..1.

    `forward(low, reference)`: `batch channels y x` and `batch|1 channels v u` of any size to `batch channels 4*y 4*x`. `parts` also returns
    the similarities and the transferred textures.

    Args:
        scale: 4; textures are transferred at 1, 2 and 4 times the size.
        channels: Of the images.
        width: Feature channels.
        blocks: Residual blocks of the trunk and of each branch at 1, 2 and 4 times the size.
        texture_width: Channels of the finest level of the texture extractor.
        coarse: Factor of the coarse-to-fine search, approximate and faster for large images (`coarse_search`); 1 searches exhaustively.
        tile: Side of the search's tiles in low pixels; it changes memory and speed only.

    >>> import torch
    >>> network = TTSR(channels=1, width=8, blocks=(1, 1, 1, 1), texture_width=4)
    >>> network(torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 32, 32)).shape
    torch.Size([1, 1, 32, 32])
    """

    def __init__(
        self,
        scale: int = SCALE,
        channels: int = 3,
        width: int = 64,
        blocks: Sequence[int] = BLOCKS,
        texture_width: int = 64,
        coarse: int = 1,
        tile: int = TILE,
    ) -> None:
        super().__init__()
        if scale != SCALE:
            raise UsageError(f"TTSR enlarges by {SCALE}: its textures come at 1, 2 and 4 times the size. Found scale {scale}.")
        first, *stages = blocks
        self.find = partial(coarse_search, factor=coarse) if coarse > 1 else partial(search, tile=tile)
        self.extractor = TextureExtractor(texture_width)
        self.head = nn.Sequential(conv(channels, width), nn.ReLU())
        self.trunk = Plus(*residual_blocks(first, width))
        self.stages = nn.ModuleList(Stage(n, width, texture_width * 2 ** (2 - n), count) for n, count in enumerate(stages))
        self.gather = Gathering(2, 3, width)
        self.tail = nn.Sequential(conv(width, width // 2), conv(width // 2, channels, 1))
        merging, carrying = 154 * width + 28 * texture_width, 92 * texture_width
        comparing = 12 * texture_width + 3 * (tile + 2) ** 4 // tile**2
        peak = 49 * channels + max(merging, carrying, comparing)
        self.spec = NetworkSpec(scale, math.inf, 4 * peak, channels, needs=("reference",), input_range=(-1.0, 1.0))

    def forward(self, low: Float[Tensor, "b c y x"], reference: Float[Tensor, "r d v u"] | None = None) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images; a reference for each or one for all. Raises `InputError` for images that the network does not take."""
        return self.parts(low, reference).enlarged

    def parts(self, low: Float[Tensor, "b c y x"], reference: Float[Tensor, "r d v u"] | None = None) -> Parts:
        """The enlarged images with their transferred textures and similarities."""
        check_input(self.spec, low, reference=reference)
        reference = whole_blocks(reference.expand(len(low), -1, -1, -1))  # type: ignore[union-attr]
        return self.from_four(low, resized(low, SCALE), reference, resized(resized(reference, 1 / SCALE), SCALE))

    def from_four(
        self,
        low: Float[Tensor, "b c y x"],
        low_up: Float[Tensor, "b c sy sx"],
        reference: Float[Tensor, "b c v u"],
        reference_blurred: Float[Tensor, "b c v u"],
    ) -> Parts:
        """As `parts`, for given intermediate images: the low image enlarged, and the reference reduced and enlarged again."""
        similarity, index = self.find(self.extractor(low_up)[-1], self.extractor(reference_blurred)[-1])
        soft, textures = similarity[:, None], self.textures(reference, index)
        return Parts(self.restore(low, soft, textures), soft, textures)

    def textures(self, reference: Float[Tensor, "b c v u"], index: Int[Tensor, "b y x"]) -> list[Float[Tensor, "b _d _v _u"]]:
        """Hard attention: the reference's features rearranged by `index`, at 1, 2 and 4 times the size of the low image."""
        levels = zip((1, 2, 4), reversed(self.extractor(reference)), strict=True)
        return [transfer(level, index, factor) for factor, level in levels]

    def restore(
        self, low: Float[Tensor, "b c y x"], soft: Float[Tensor, "b 1 y x"], textures: Sequence[Float[Tensor, "b _d _v _u"]]
    ) -> Float[Tensor, "b c sy sx"]:
        """Main network: one branch per size, each started from the finest so far, with the textures of its size."""
        branches = [self.trunk(self.head(low))]
        for stage, texture in zip(self.stages, textures, strict=True):
            branches = stage(branches, texture, soft)
        return self.tail(self.gather(branches)).clamp(-1, 1)


def resized(image: Float[Tensor, "b c y x"], factor: float) -> Float[Tensor, "b c v u"]:
    """Pillow's bicubic: Keys' kernel with a = -1/2, antialiased, truncated at the border."""
    enlarged = F.interpolate(single(image), scale_factor=float(factor), mode="bicubic", antialias=True)  # needs float32
    return enlarged.to(image.dtype)


def whole_blocks(image: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c v u"]:
    """Image padded by its last row and column to multiples of `SCALE`."""
    bottom, right = (-side % SCALE for side in image.shape[2:])
    return F.pad(image, (0, right, 0, bottom), mode="replicate") if bottom or right else image


ROW = Architecture(
    TTSR,
    (SCALE,),
    "Yang et al., CVPR 2020; TTSR-FD, backbone",
    small={"width": 8, "blocks": (1, 1, 1, 1), "texture_width": 8, "tile": 8},
    keys=official(TTSR, released_rules(BLOCKS)),
)
