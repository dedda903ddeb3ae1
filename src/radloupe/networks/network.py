"""The base class of super-resolution networks, and protocols for what only some of them can do."""

from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.spec import NetworkSpec


class Network(nn.Module):
    """Base class of super-resolution networks: a module with a `spec`.

    `forward(low, *conditioning)` takes low images `batch channel y x` (`batch channel z y x` in three dimensions) with values in
    `spec.input_range`, then the inputs that `spec.needs` names, and returns images `spec.scale` times as large along each axis.

    A network of one's own declares a `spec` and a `forward`; see `radloupe.networks.register_network` for how to use it by name.

    >>> class Repeat(Network):
    ...     def __init__(self, scale: int) -> None:
    ...         super().__init__()
    ...         self.spec = NetworkSpec(scale, receptive_field_radius=0, bytes_per_pixel=8 * scale**2)
    ...     def forward(self, low):
    ...         return nn.functional.interpolate(low, scale_factor=self.spec.scale, mode="nearest")
    >>> Repeat(2)(torch.zeros(1, 1, 3, 4)).shape
    torch.Size([1, 1, 6, 8])
    """

    spec: NetworkSpec
    skip_from: str = ""
    """The field of `parts` that a bicubic skip connection enlarges (`MultiOutputNetwork`); empty for the low image."""


class NetworkWrapper(Network):
    """Base class of networks around another one."""

    network: Network


@runtime_checkable
class MultiOutputNetwork(Protocol):
    """A network that gives its training more than the image, such as a de-noised low image or transferred textures."""

    def parts(self, low: Float[Tensor, "b c *space"], *conditioning: Tensor, **options: Any) -> Any:
        """A named tuple whose first field is the enlarged image."""


@runtime_checkable
class ReducedPrecisionNetwork(Protocol):
    """A network whose body runs in a lower precision than its first and last layers."""

    def body_in(self, dtype: torch.dtype) -> Network:
        """The network with its body in `dtype`, changed in place."""


def unwrapped(network: nn.Module) -> nn.Module:
    """The innermost network of wrappers such as `networks.skip.Skip`."""
    return unwrapped(network.network) if isinstance(network, NetworkWrapper) else network
