"""Bicubic skip connection around any network, which then learns the residual to bicubic enlargement."""

from dataclasses import replace
from typing import Any

from jaxtyping import Float
from torch import Tensor

from radloupe.core.errors import UsageError
from radloupe.networks.layers.bicubic_upsampling import Bicubic
from radloupe.networks.layers.blocks import exactly
from radloupe.networks.network import MultiOutputNetwork, Network, NetworkWrapper


class Skip(NetworkWrapper):
    """Wrapper that adds a network's output to the bicubic enlargement of its input, in the network's input range."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        inner = network.spec
        self.network, self.base = network, Bicubic(inner.scale, inner.channels)
        radius = max(inner.receptive_field_radius, self.base.spec.receptive_field_radius)
        more = 8 * inner.channels * inner.scale**2
        self.spec = replace(inner, receptive_field_radius=radius, bytes_per_pixel=inner.bytes_per_pixel + more)

    def forward(self, low: Float[Tensor, "b c y x"], *conditioning: Tensor) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images."""
        return self.added(low, self.network(low, *conditioning))

    def added(self, low: Float[Tensor, "b c y x"], detail: Float[Tensor, "b c sy sx"]) -> Float[Tensor, "b c sy sx"]:
        """Sum of enlargement and detail; only the detail may be of lower precision."""
        with exactly(low):
            enlarged: Tensor = self.base(low.float()) + detail
        return enlarged


class MultiOutputSkip(Skip):
    """`Skip` for a network with further outputs; `Network.skip_from` names the image that the skip connection enlarges."""

    def forward(self, low: Float[Tensor, "b c y x"], *conditioning: Tensor) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images."""
        return self.parts(low, *conditioning)[0]

    def parts(self, low: Float[Tensor, "b c y x"], *conditioning: Tensor, **options: Any) -> Any:
        """Outputs of the inner network, with the enlargement added to the image."""
        assert isinstance(self.network, MultiOutputNetwork)  # noqa: S101  as `skipping` built it
        found = self.network.parts(low, *conditioning, **options)
        below = getattr(found, self.network.skip_from) if self.network.skip_from else low
        return found._replace(**{found._fields[0]: self.added(below, found[0])})


def skipping(network: Network) -> Skip:
    """The network with a bicubic skip connection; raises `UsageError` for one of volumes."""
    if network.spec.dimensions != 2:
        raise UsageError("Expected a network of slices to add to the bicubic enlargement, found one of volumes. Leave out `skip`.")
    return MultiOutputSkip(network) if isinstance(network, MultiOutputNetwork) else Skip(network)
