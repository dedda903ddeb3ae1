"""ArSSR: arbitrary-scale implicit function on volumes (Wu et al., IEEE JBHI 2023), and its variant on slices."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.networks.architecture import Architecture
from radloupe.networks.architectures import rdn
from radloupe.networks.architectures.rdn import conv
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import Rules, official
from radloupe.networks.layers.blocks import Plus
from radloupe.networks.layers.implicit import CHUNK, centres, mlp
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

Encoder = Literal["rdn", "rescnn", "srresnet"]
WIDTH = 64  # of the encoders


def relus(count: int, dimensions: int, width: int) -> list[nn.Module]:
    """Convolutions, each followed by ReLU."""
    return [layer for _ in range(count) for layer in (conv(width, width, 3, dimensions), nn.ReLU(inplace=True))]


class ResCNN(nn.Module):
    """Three residual groups of six convolutions; the image itself is added to every feature (Du et al., Neurocomputing 2020)."""

    def __init__(self, features: int, dimensions: int, width: int = WIDTH, blocks: int = 3) -> None:
        super().__init__()
        self.head = nn.Sequential(conv(1, width, 3, dimensions), nn.ReLU(inplace=True))
        self.body = nn.Sequential(*(Plus(*relus(6, dimensions, width)) for _ in range(blocks)))
        self.tail = conv(width, features, 3, dimensions)

    def forward(self, low: Float[Tensor, "b 1 *space"]) -> Float[Tensor, "b f *space"]:
        """Features of each low pixel."""
        return low + self.tail(self.body(self.head(low)))


def rdn_encoder(features: int, dimensions: int, width: int = WIDTH, blocks: int = 8) -> nn.Sequential:
    """Residual dense blocks of three layers."""
    return nn.Sequential(rdn.Features(1, width, blocks, 3, dimensions), conv(width, features, 3, dimensions))


def srresnet_encoder(features: int, dimensions: int, width: int = WIDTH, blocks: int = 18) -> nn.Sequential:
    """Residual blocks in sequence, without a global skip connection."""
    block = (Plus(*relus(1, dimensions, width), conv(width, width, 3, dimensions)) for _ in range(blocks))
    return nn.Sequential(conv(1, width, 3, dimensions), *block, conv(width, width, 3, dimensions), conv(width, features, 3, dimensions))


ENCODERS: Mapping[Encoder, Callable[..., nn.Module]] = {"rdn": rdn_encoder, "rescnn": ResCNN, "srresnet": srresnet_encoder}


class ArSSR(Network):
    """ArSSR: arbitrary-scale super-resolution by an implicit function (Wu et al., IEEE JBHI 2023, figure 2); intensities of 0 and more.

    `forward`: `batch 1 z y x` (`batch 1 y x` with two dimensions) to `scale` times the size; `at` gives values at any coordinates. The
    decoder takes absolute coordinates, so a part of an image is not enlarged as it would be inside the whole.

    Args:
        scale: Enlargement factor of `forward`.
        encoder: "rdn", "rescnn" or "srresnet".
        dimensions: 3 for volumes, 2 for slices.
        features: Channels of the encoder's output.
        hidden: Units of the decoder's layers.
        width: Channels inside the encoder.
        blocks: Of the encoder; None for its default.
    """

    def __init__(
        self,
        scale: int,
        encoder: Encoder = "rdn",
        dimensions: int = 3,
        features: int = 128,
        hidden: int = 256,
        width: int = WIDTH,
        blocks: int | None = None,
    ) -> None:
        super().__init__()
        inner = {} if blocks is None else {"blocks": blocks}
        self.encoder = ENCODERS[encoder](features, dimensions, width, **inner)
        inputs = features + dimensions
        self.first = mlp(inputs, hidden, hidden, hidden, inputs)
        self.second = mlp(inputs, hidden, hidden, hidden, 1)
        for name, bias in self.second.named_parameters():
            if name == "6.bias":
                nn.init.constant_(bias, 0.5)  # mid grey, so that the last ReLU is active initially
        positions = scale**dimensions
        deep = next((part.alive for part in self.encoder.modules() if isinstance(part, rdn.Features)), 5 * width)
        alive = dimensions * positions + max(dimensions * positions, deep, features + hidden + 2 * positions)
        self.spec = NetworkSpec(scale, math.inf, 4 * alive, 1, dimensions)

    def forward(self, low: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c *space2"]:
        """The enlarged volumes. Raises `InputError` for more than one channel or other dimensions."""
        check_input(self.spec, low)
        sides = [self.spec.scale * n for n in low.shape[2:]]
        positions = centres(sides, low).expand(len(low), -1, -1)
        return self.query(self.encoder(low), positions).view(len(low), 1, *sides)

    def at(self, low: Float[Tensor, "b c *space"], positions: Float[Tensor, "b q d"]) -> Float[Tensor, "b q 1"]:
        """Values at positions (z, y, x) between -1 and 1, the volume's outer edges."""
        check_input(self.spec, low)
        return self.query(self.encoder(low), positions)

    def query(self, features: Float[Tensor, "b f *space"], positions: Float[Tensor, "b q d"]) -> Float[Tensor, "b q 1"]:
        """Values at positions, in chunks of bounded memory; beyond the outermost centres features fade to zero, as in the released code."""
        dimensions = positions.shape[-1]
        values = []
        for some in torch.split(positions, CHUNK, 1):
            grid = some.flip(-1).view(len(some), -1, *[1] * (dimensions - 1), dimensions)
            inputs = torch.cat([F.grid_sample(features, grid, align_corners=False).flatten(2).mT, some], -1)
            values.append(self.second(inputs + self.first(inputs)))
        return torch.cat(values, 1)


DECODER: Rules = [(r"^first\.", "decoder.stage_one."), (r"^second\.", "decoder.stage_two.")]
NAMES: Mapping[Encoder, Rules] = {
    "rdn": [
        (r"encoder\.0\.head\.", "encoder.sfe1."),
        (r"encoder\.0\.second\.", "encoder.sfe2."),
        (r"encoder\.0\.blocks\.(\d+)\.layers\.(\d+)\.", r"encoder.rdbs.\1.layers.\2.conv."),
        (r"encoder\.0\.blocks\.(\d+)\.fuse\.", r"encoder.rdbs.\1.lff."),
        (r"encoder\.0\.fuse\.", "encoder.gff."),
        (r"encoder\.1\.", "encoder.output."),
    ],
    "rescnn": [
        (r"encoder\.head\.", "encoder.conv_start."),
        *((rf"encoder\.body\.{i}\.", f"encoder.block{i + 1}.") for i in range(3)),
        (r"encoder\.tail\.", "encoder.conv_end.0."),
    ],
    "srresnet": [
        (r"encoder\.(\d+)\.0\.", r"encoder.features.\1.m.0.0."),
        (r"encoder\.(\d+)\.2\.", r"encoder.features.\1.m.1.0."),
        (r"encoder\.(\d+)\.(weight|bias)", r"encoder.features.\1.0.\2"),
    ],
}


def row(encoder: Encoder, dimensions: int = 3) -> Architecture:
    """A row of the table of networks."""
    settings: Mapping[str, Any] = {"encoder": encoder, "dimensions": dimensions}
    small = {"features": 8, "hidden": 16, "width": 8, "blocks": 2}
    keys = official(partial(ArSSR, **settings), [*DECODER, *NAMES[encoder]]) if dimensions == 3 else None
    note = "For any scale; the row's is that of `forward`."
    flat = " On slices, where the authors have volumes." if dimensions == 2 else ""
    return Architecture(ArSSR, (2, 4, 8), "Wu et al., IEEE JBHI 2023", settings, small, keys, note + flat)


RDN_ROW, RESCNN_ROW, SRRESNET_ROW, FLAT_ROW = row("rdn"), row("rescnn"), row("srresnet"), row("rdn", 2)
