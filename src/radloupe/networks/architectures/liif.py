"""LIIF: local implicit image function, an MLP of the nearest features and the offset from them (Chen et al., CVPR 2021)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.networks.architectures.arbitrary_scale import ENCODERS, ArbitraryScaleNetwork, row
from radloupe.networks.checkpoints.keys import Rules
from radloupe.networks.layers.implicit import Head, mlp


class LIIFDecoder(Head):
    """3x3 unfolded features, offset and cell through a linear layer with ReLU, then `deep` layers that keep its width.

    The first layer's part for the features is a convolution, computed once per low pixel instead of per position and neighbour.
    """

    def __init__(self, features: int, values: int, deep: nn.Sequential, width: int = 256) -> None:
        super().__init__()
        self.unfolded, self.alive = 9 * features, 3 * width
        self.layers = nn.Sequential(*mlp(self.unfolded + 4, width), *deep)
        self.last = nn.Linear(width, values)

    def codes(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b y x k"]:
        """First layer's pre-activation from the features around each low pixel."""
        first: nn.Linear = self.layers[0]  # type: ignore[assignment]
        kernels = first.weight[:, : self.unfolded].reshape(-1, self.unfolded // 9, 3, 3)
        return F.conv2d(features, kernels, first.bias, padding=1).permute(0, 2, 3, 1).contiguous()

    def hidden(
        self, codes: Float[Tensor, "*positions k"], offset: Float[Tensor, "*offsets 2"], cell: Float[Tensor, "*cells 2"]
    ) -> Float[Tensor, "*positions w"]:
        """The last hidden layer."""
        first: nn.Linear = self.layers[0]  # type: ignore[assignment]
        position_terms = F.linear(offset, first.weight[:, -4:-2]) + F.linear(cell, first.weight[:, -2:])
        return self.layers[1:](codes + position_terms)

    def plain_codes(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b k y x"]:
        """Unfolded 3x3 neighbourhood of each low pixel."""
        return F.unfold(features, 3, padding=1).reshape(len(features), -1, *features.shape[2:])

    def plain_values(
        self, codes: Float[Tensor, "*positions k"], offset: Float[Tensor, "*positions 2"], cell: Float[Tensor, "*positions 2"]
    ) -> Float[Tensor, "*positions v"]:
        """The MLP on the inputs that it was trained with."""
        return self.last(self.layers(torch.cat([codes, offset, cell], -1)))


class LIIF(ArbitraryScaleNetwork):
    """LIIF for one scale in `forward`, and any in `at`; no image is added to the MLP's output.

    `features` is the encoder ("edsr", "rdn" or "swinir"), `inner` its settings; the MLP has `depth` hidden layers of `width` units.
    """

    def __init__(
        self,
        scale: int,
        features: str = "edsr",
        channels: int = 3,
        width: int = 256,
        depth: int = 4,
        inner: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        encoder = ENCODERS[features].build(channels, **inner)
        decoder = LIIFDecoder(encoder.width, channels, mlp(*[width] * depth), width)
        super().__init__(scale, encoder, decoder, channels, skip=False)


RELEASED: Rules = [(r"decoder\.layers\.", "imnet.layers."), (r"decoder\.last\.", "imnet.layers.8.")]
PAPER = "Chen et al., CVPR 2021"
LIIF_EDSR_ROW, LIIF_RDN_ROW = (row(LIIF, features, RELEASED, PAPER) for features in ("edsr", "rdn"))
