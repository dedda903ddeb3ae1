"""Supervised super-resolution, and what all procedures share: they make named tensors of a batch and compare nothing."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from radloupe.networks.network import MultiOutputNetwork
from radloupe.networks.spec import NetworkSpec

Networks = Mapping[str, nn.Module]
Batch = Mapping[str, Any]


def supervised(networks: Networks, batch: Batch, image: str = "low", **told: Any) -> dict[str, Any]:
    """`sr` from the batch's `image`, and by their names whatever else the generator's `parts` gives, which are told the rest."""
    return enlarged(networks["generator"], batch[image], batch, **told)


def enlarged(generator: nn.Module, low: Tensor, batch: Batch, **told: Any) -> dict[str, Any]:
    """The generator's result as `sr`; the further fields of its `parts`, where it has that method, under their own names."""
    spec: NetworkSpec = generator.spec  # type: ignore[assignment]
    given = (low, *(batch[need] for need in spec.needs))
    if not isinstance(generator, MultiOutputNetwork):
        return {"sr": generator(*given)}
    first, *others = (parts := generator.parts(*given, **told))._fields
    return {"sr": getattr(parts, first)} | {name: getattr(parts, name) for name in others}


@contextmanager
def held(networks: Iterable[nn.Module]) -> Iterator[None]:
    """Networks with their weights as constants for a while: gradients go through them and not into them."""
    free = [p for network in networks for p in network.parameters() if p.requires_grad]
    for parameter in free:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in free:
            parameter.requires_grad_(True)
