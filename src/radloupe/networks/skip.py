"""Any network as one that adds to the bicubic enlargement of its input, which it then need not learn."""

from dataclasses import replace
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from radloupe.core.errors import UsageError
from radloupe.networks.layers.bicubic_upsampling import Bicubic
from radloupe.networks.layers.blocks import exactly
from radloupe.networks.spec import NetworkSpec


class Skip(nn.Module):
    """A network's result added to the bicubic enlargement, in the range that the network takes; its other parts are its own."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        inner: NetworkSpec = network.spec  # type: ignore[assignment]
        self.network, self.base = network, Bicubic(inner.scale, inner.channels)
        more = 8 * inner.channels * inner.scale**2
        self.spec = replace(
            inner,
            receptive_field_radius=max(inner.receptive_field_radius, self.base.spec.receptive_field_radius),
            bytes_per_pixel=inner.bytes_per_pixel + more,
        )

    def __getattr__(self, name: str) -> Any:
        """What procedures ask a network for, such as its texture extractor, is the inner one's."""
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("network"), name)

    def forward(self, low: Float[Tensor, "b c y x"], *given: Tensor) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images."""
        return self.added(low, self.network(low, *given))

    def added(self, low: Float[Tensor, "b c y x"], detail: Float[Tensor, "b c sy sx"]) -> Float[Tensor, "b c sy sx"]:
        """The enlargement with the detail, which alone may be of lower precision."""
        with exactly(low):
            enlarged: Tensor = self.base(low.float()) + detail
        return enlarged


class SkipWithParts(Skip):
    """The same for a network that gives more than an image, which is the first of its parts.

    One that enlarges not its input but another of its parts names that in `enlarges`, and adds to the enlargement of that.
    """

    def forward(self, low: Float[Tensor, "b c y x"], *given: Tensor) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images."""
        return self.parts(low, *given)[0]

    def parts(self, low: Float[Tensor, "b c y x"], *given: Tensor, **told: Any) -> Any:
        """What the inner network gives, the image enlarged."""
        found = self.network.parts(low, *given, **told)  # type: ignore[operator]
        image = found._fields[0]
        below = getattr(found, getattr(self.network, "enlarges", ""), low)
        return found._replace(**{image: self.added(below, getattr(found, image))})


def skipping(network: nn.Module) -> Skip:
    """The network with the bicubic enlargement added; raises `UsageError` for one of volumes."""
    if network.spec.dimensions != 2:  # type: ignore[union-attr]
        raise UsageError("Expected a network of slices to add to the bicubic enlargement, found one of volumes. Leave out `skip`.")
    return SkipWithParts(network) if hasattr(network, "parts") else Skip(network)
