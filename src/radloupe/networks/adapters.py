"""Adapter of any network to grey images in 0..1: channels, input range and conditioning."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from radloupe.core.errors import UsageError
from radloupe.networks.architectures.srmd import delta_kernel
from radloupe.networks.network import Network, NetworkWrapper


class OnGrey(NetworkWrapper):
    """Wrapper of a network of any channels and input range: `batch 1 y x` in 0..1 to `batch 1 scale*y scale*x` in 0..1.

    Grey is repeated to all channels, and the output channels are averaged to grey, as in papers that train on replicated grey.
    Values outside 0..1 are not clipped. `conditioning` are the inputs that `NetworkSpec.needs` names, in the range of the
    network, for one image.
    """

    def __init__(self, network: Network, conditioning: tuple[Tensor, ...] = ()) -> None:
        super().__init__()
        self.network = network
        inner = network.spec
        self.channels, (self.low, high) = inner.channels, inner.input_range
        self.span = high - self.low
        self.names = [f"conditioning{number}" for number in range(len(conditioning))]
        for name, value in zip(self.names, conditioning, strict=True):
            self.register_buffer(name, value, persistent=False)
        self.spec = replace(inner, channels=1, input_range=(0.0, 1.0), needs=inner.needs[len(conditioning) :])

    def forward(self, low: Float[Tensor, "b 1 y x"]) -> Float[Tensor, "b 1 sy sx"]:
        """The enlarged images."""
        return (self.network(self.enter(low), *map(self.get_buffer, self.names)).mean(1, keepdim=True) - self.low) / self.span

    def enter(self, grey: Float[Tensor, "b 1 y x"]) -> Float[Tensor, "b c y x"]:
        """Grey images in the network's channels and input range."""
        return (grey * self.span + self.low).expand(-1, self.channels, -1, -1)


def on_grey(network: Network) -> Network:
    """The network itself where it takes one channel in 0..1, otherwise wrapped."""
    spec = network.spec
    plain = spec.channels == 1 and spec.input_range == (0.0, 1.0) and not spec.needs
    return network if plain else OnGrey(network)


def blind(network: Network) -> Network:
    """A non-blind network without conditioning: with a kernel that does not blur, and no noise (SRMD and DPSR)."""
    needs = network.spec.needs
    if not isinstance(network, OnGrey) or not set(needs) <= {"kernel", "noise"}:
        return network
    neutral = {"kernel": delta_kernel(), "noise": torch.zeros(1)}
    return OnGrey(network.network, tuple(neutral[need] for need in needs))


def with_reference(network: Network, reference: Float[Tensor, "1 1 y x"]) -> OnGrey:
    """The network conditioned on its reference image (values 0..1); raises `UsageError` for a network that takes none."""
    if not isinstance(network, OnGrey) or network.spec.needs != ("reference",):
        raise UsageError("Expected a model that takes a reference, found one that does not. Drop `reference`, or choose another model.")
    conditioned = OnGrey(network.network, (network.enter(reference),))
    low_pixels = reference[0, 0].numel() // network.spec.scale**2
    conditioned.spec = replace(conditioned.spec, bytes_beside=low_pixels * network.spec.bytes_per_pixel)
    return conditioned
