"""Supervised super-resolution, and helpers of all procedures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from radloupe.networks.network import MultiOutputNetwork
from radloupe.networks.spec import NetworkSpec

Networks = Mapping[str, nn.Module]
Batch = Mapping[str, Any]


def supervised(networks: Networks, batch: Batch, image: str = "low", **settings: Any) -> dict[str, Any]:
    """`sr` from the batch's `image`, with the further outputs of the generator's `parts` by their names; `settings` go to `parts`."""
    return enlarged(networks["generator"], batch[image], batch, **settings)


def enlarged(generator: nn.Module, low: Tensor, batch: Batch, **settings: Any) -> dict[str, Any]:
    """The generator's result as `sr`; the further fields of its `parts`, where it has that method, under their own names."""
    spec: NetworkSpec = generator.spec  # type: ignore[assignment]
    given = (with_maps(low, [batch[name] for name in spec.maps if name in batch]), *(batch[need] for need in spec.needs))
    if not isinstance(generator, MultiOutputNetwork):
        return {"sr": generator(*given)}
    first, *others = (parts := generator.parts(*given, **settings))._fields
    return {"sr": getattr(parts, first)} | {name: getattr(parts, name) for name in others}


def with_maps(low: Tensor, maps: Sequence[Tensor]) -> Tensor:
    """Low images with their maps as further channels (`NetworkSpec.maps`); a map may be one number for each image, `batch 1 1 1`."""
    return torch.cat([low, *(one.expand(len(low), 1, *low.shape[2:]) for one in maps)], 1)


@contextmanager
def frozen(networks: Iterable[nn.Module]) -> Iterator[None]:
    """Context in which the weights of networks are frozen: gradients pass through, but are not accumulated."""
    free = [p for network in networks for p in network.parameters() if p.requires_grad]
    for parameter in free:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in free:
            parameter.requires_grad_(True)
