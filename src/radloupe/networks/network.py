"""Base class of super-resolution networks, and protocols of optional capabilities."""

from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.spec import NetworkSpec


class Network(nn.Module):
    """Base class of super-resolution networks: a module with a `spec`.

    `forward(low, *conditioning)` takes low images `batch channel y x` (`batch channel z y x` in three dimensions) with values in
    `spec.input_range`, then the inputs that `spec.needs` names, and returns images `spec.scale` times as large along each axis.

    A user-defined network declares a `spec` and a `forward`; `radloupe.networks.register_network` makes it available by name.

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
    """Protocol of networks with further outputs for training, such as a denoised low image or transferred textures."""

    def parts(self, low: Float[Tensor, "b c *space"], *conditioning: Tensor, **options: Any) -> Any:
        """A named tuple whose first field is the enlarged image."""


@runtime_checkable
class ReducedPrecisionNetwork(Protocol):
    """Protocol of networks whose body can run in a lower precision than its first and last layers."""

    def body_in(self, dtype: torch.dtype) -> Network:
        """The network with its body in `dtype`, changed in place."""


def unwrapped(network: nn.Module) -> nn.Module:
    """The innermost network of wrappers such as `networks.skip.Skip`."""
    return unwrapped(network.network) if isinstance(network, NetworkWrapper) else network
