"""Any network as one of grey images in network range: channels, input range and further inputs are dealt with in one place."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.core.errors import UsageError
from radloupe.networks.architectures.srmd import delta_kernel
from radloupe.networks.spec import NetworkSpec


class OnGrey(nn.Module):
    """`batch 1 y x` in 0..1 to `batch 1 scale*y scale*x` in 0..1, whatever the network inside takes.

    Grey becomes equal channels and the mean of what comes out becomes grey again, as the papers do that train on replicated grey. Values
    outside 0..1 pass: nothing is clipped here. `given` are the inputs that `NetworkSpec.needs` names, in network range, for one image.
    """

    def __init__(self, network: nn.Module, given: tuple[Tensor, ...] = ()) -> None:
        super().__init__()
        self.network = network
        inner: NetworkSpec = network.spec  # type: ignore[assignment]
        self.channels, (self.low, high) = inner.channels, inner.input_range
        self.span = high - self.low
        for number, value in enumerate(given):
            self.register_buffer(f"given{number}", value, persistent=False)
        self.count = len(given)
        self.spec = replace(inner, channels=1, input_range=(0.0, 1.0), needs=inner.needs[len(given) :])

    def forward(self, low: Float[Tensor, "b 1 y x"]) -> Float[Tensor, "b 1 sy sx"]:
        """The enlarged images."""
        given = (getattr(self, f"given{number}") for number in range(self.count))
        return (self.network(self.enter(low), *given).mean(1, keepdim=True) - self.low) / self.span

    def enter(self, grey: Float[Tensor, "b 1 y x"]) -> Float[Tensor, "b c y x"]:
        """Grey images as the network takes them."""
        return (grey * self.span + self.low).expand(-1, self.channels, -1, -1)


def on_grey(network: nn.Module) -> nn.Module:
    """The network itself where it takes one channel in network range already, and wrapped where it does not."""
    spec: NetworkSpec = network.spec  # type: ignore[assignment]
    plain = spec.channels == 1 and spec.input_range == (0.0, 1.0) and not spec.needs
    return network if plain else OnGrey(network)


def blind(network: nn.Module) -> nn.Module:
    """A network that is told nothing it asks for: a kernel that does not blur, and no noise (SRMD and DPSR on unknown degradations)."""
    spec: NetworkSpec = network.spec  # type: ignore[assignment]
    if not isinstance(network, OnGrey) or not set(spec.needs) <= {"kernel", "noise"}:
        return network
    told = {"kernel": delta_kernel(), "noise": torch.zeros(1)}
    return OnGrey(network.network, tuple(told[need] for need in spec.needs))


def with_reference(network: nn.Module, reference: Float[Tensor, "1 1 y x"]) -> OnGrey:
    """The network with its reference image, in network range; raises `UsageError` for a network that takes none."""
    if not isinstance(network, OnGrey) or network.spec.needs != ("reference",):
        raise UsageError("Expected a model that takes a reference, found one that does not. Drop `reference` or choose another model.")
    told = OnGrey(network.network, (network.enter(reference),))
    low_pixels = reference[0, 0].numel() // network.spec.scale**2
    told.spec = replace(told.spec, bytes_beside=low_pixels * network.spec.bytes_per_pixel)
    return told
