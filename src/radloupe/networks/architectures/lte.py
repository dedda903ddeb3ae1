"""LTE, the local texture estimator: Fourier components estimated from the features (Lee and Jin, CVPR 2022)."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.architectures.arbitrary_scale import ENCODERS, ArbitraryScaleNetwork, row
from radloupe.networks.checkpoints.keys import Rules
from radloupe.networks.layers.blocks import conv
from radloupe.networks.layers.implicit import Head, mlp


class LTEDecoder(Head):
    """Amplitude times cosine and sine of pi (frequency . offset + phase(cell)), through an MLP with `depth` hidden layers."""

    def __init__(self, features: int, values: int, width: int = 256, depth: int = 3) -> None:
        super().__init__()
        self.alive = 5 * width
        self.amplitude, self.frequency = conv(features, width), conv(features, width)
        self.phase = nn.Linear(2, width // 2, bias=False)
        self.layers = mlp(*[width] * (depth + 1))
        self.last = nn.Linear(width, values)

    def codes(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b y x k"]:
        """Amplitudes of cosines and sines, then pi times the frequencies along y and x; the released layer interleaves the last two."""
        frequency = math.pi * self.frequency(features)
        return torch.cat([self.amplitude(features), frequency[:, ::2], frequency[:, 1::2]], 1).permute(0, 2, 3, 1).contiguous()

    def hidden(
        self, codes: Float[Tensor, "*positions k"], offset: Float[Tensor, "*offsets 2"], cell: Float[Tensor, "*cells 2"]
    ) -> Float[Tensor, "*positions w"]:
        """The last hidden layer."""
        cosines, sines, along_y, along_x = codes.chunk(4, -1)
        angle = torch.addcmul(along_y * offset[..., :1] + math.pi * self.phase(cell), along_x, offset[..., 1:])
        return self.layers(torch.cat([cosines * angle.cos(), sines * angle.sin()], -1))

    def plain_codes(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b k y x"]:
        """Amplitudes and frequencies in the layers' own order."""
        return torch.cat([self.amplitude(features), self.frequency(features)], 1)

    def plain_values(
        self, codes: Float[Tensor, "*positions k"], offset: Float[Tensor, "*positions 2"], cell: Float[Tensor, "*positions 2"]
    ) -> Float[Tensor, "*positions v"]:
        """The paper's equations 5 to 7."""
        amplitude, frequency = codes.chunk(2, -1)
        angle = math.pi * ((frequency.reshape(*frequency.shape[:-1], -1, 2) * offset[..., None, :]).sum(-1) + self.phase(cell))
        return self.last(self.layers(amplitude * torch.cat([angle.cos(), angle.sin()], -1)))


class LTE(ArbitraryScaleNetwork):
    """LTE for one scale in `forward`, and any in `at`; the bilinear enlargement of the image is added (`skip`).

    `features` is the encoder ("edsr", "rdn" or "swinir"), `inner` its settings.
    """

    def __init__(
        self, scale: int, features: str = "edsr", channels: int = 3, width: int = 256, inner: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        encoder = ENCODERS[features].build(channels, **inner)
        super().__init__(scale, encoder, LTEDecoder(encoder.width, channels, width), channels, skip=True, longest=4)


RELEASED: Rules = [
    (r"decoder\.amplitude\.", "coef."),
    (r"decoder\.frequency\.", "freq."),
    (r"decoder\.phase\.", "phase."),
    (r"decoder\.layers\.", "imnet.layers."),
    (r"decoder\.last\.", "imnet.layers.6."),
]
PAPER = "Lee and Jin, CVPR 2022"
LTE_EDSR_ROW, LTE_RDN_ROW, LTE_SWINIR_ROW = (row(LTE, features, RELEASED, PAPER) for features in ("edsr", "rdn", "swinir"))
