"""Arbitrary-scale networks: an encoder of features on the low grid, and a decoder that evaluates them at any coordinates."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from radloupe.networks.architecture import Architecture
from radloupe.networks.architectures import edsr, rdn, swinir
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import Rules, official
from radloupe.networks.layers.implicit import Encoder, Head, enlarge, query
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


@dataclass(frozen=True)
class EncoderChoice:
    """An encoder with the mapping of its tensor names to released files."""

    build: Callable[..., Encoder]
    """Constructor from channels and further settings."""
    small: Mapping[str, Any]
    """Settings of a small variant for tests."""
    released: Rules
    """Rules from our names to those of released files."""
    unused: Sequence[str] = ()
    """Names in released files that are ignored."""


ENCODERS: Mapping[str, EncoderChoice] = {
    "edsr": EncoderChoice(edsr.Features, edsr.SMALL, edsr.FEATURES, edsr.UNUSED),
    "rdn": EncoderChoice(rdn.Features, rdn.SMALL, rdn.RELEASED),
    "swinir": EncoderChoice(swinir.Features, swinir.SMALL, swinir.FEATURES, swinir.constants((6,) * 6)),
}


class ArbitraryScaleNetwork(Network):
    """Arbitrary-scale network on images in -1..1; `forward` enlarges by `scale`, `at` evaluates any position and pixel size.

    `skip` adds the bilinear enlargement. Beyond the scale `longest`, the decoder gets the pixel size of that scale, as in the authors'
    tests (LTE: trained up to 4).
    """

    def __init__(self, scale: int, encoder: Encoder, decoder: Head, channels: int, skip: bool, longest: float = math.inf) -> None:
        super().__init__()
        self.encoder, self.decoder, self.skip, self.longest = encoder, decoder, skip, longest
        radius = encoder.receptive_field_radius + 2  # one around a code, one from a position to its neighbours
        alive = max(encoder.alive, encoder.width + decoder.alive + 3 * channels * scale**2)
        self.spec = NetworkSpec(scale, radius, 4 * alive, channels, input_range=(-1.0, 1.0))

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images. Raises `InputError` for other channels than it was built for."""
        check_input(self.spec, low)
        scale = self.spec.scale
        large = enlarge(self.decoder, self.decoder.codes(self.encoder(low)), scale, 2 / min(scale, self.longest))
        return large + F.interpolate(low, scale_factor=scale, mode="bilinear") if self.skip else large

    def at(self, low: Float[Tensor, "b c y x"], positions: Float[Tensor, "b q 2"], cell: Float[Tensor, "b q 2"]) -> Float[Tensor, "b q c"]:
        """Values at positions (y, x) between -1 and 1, the image's outer edges, for pixels of the size `cell`: 2 / rows and 2 / columns."""
        check_input(self.spec, low)
        values = self.query(self.encoder(low), positions, cell)
        if self.skip:
            values = values + F.grid_sample(low, positions.flip(-1)[:, None], padding_mode="border", align_corners=False)[:, :, 0].mT
        return values

    def query(
        self, features: Float[Tensor, "b w y x"], positions: Float[Tensor, "b q 2"], cell: Float[Tensor, "b q 2"]
    ) -> Float[Tensor, "b q c"]:
        """Decoder output at positions, without the bilinear part."""
        return query(self.decoder, self.decoder.codes(features), positions, cell)


def row(build: Callable[..., ArbitraryScaleNetwork], features: str, released: Rules, paper: str) -> Architecture:
    """A row of the table of networks: `build(scale, features=...)` with one of the encoders."""
    one = ENCODERS[features]
    unused = [f"encoder.{name}" for name in one.unused]
    return Architecture(
        build,
        (4, 2, 3, 8),
        paper,
        settings={"features": features},
        small={"width": 16, "inner": one.small},
        keys=official(partial(build, features=features), [*released, *one.released], unused=unused),
        note="For any scale; the row's is that of `forward`.",
    )
