"""Facts of every network of the registry, determined on the meta device."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from radloupe.networks.architecture import Architecture
from radloupe.networks.example import example
from radloupe.networks.network import Network
from radloupe.networks.registry import NETWORKS

FACTS = ("receptive_field_radius", "channels", "dimensions", "size_multiple", "minimum_size", "needs")


def survey() -> Iterator[dict[str, Any]]:
    """A row for each architecture and scale."""
    for name in NETWORKS:
        row: Architecture = NETWORKS[name]
        for scale in row.scales:
            network = skeleton(row, scale)
            facts = {fact: getattr(network.spec, fact) for fact in FACTS}
            published = {"reach": network.spec.receptive_field_radius}  # the key of the public interface
            yield {"name": f"{name}-x{scale}", "paper": row.paper, "scale": scale, "parameters": trainable(network)} | published | facts


def skeleton(row: Architecture, scale: int, **settings: Any) -> Network:
    """The network on the meta device, without memory for its weights."""
    with torch.device("meta"), Unfilled():
        network = row(scale, **settings)
    return network.to("meta").eval()  # constants that come from NumPy are on the CPU until here


class Unfilled(TorchFunctionMode):
    """Torch function mode that skips random initialisation, which takes half of the construction time."""

    FILLS = frozenset({nn.init.kaiming_uniform_, nn.init.uniform_, nn.init.normal_, nn.init.trunc_normal_, Tensor.uniform_, Tensor.normal_})

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """The unchanged tensor for functions that fill it, the function's result for all others."""
        named = kwargs or {}
        return (args[0] if args else named["tensor"]) if func in self.FILLS else func(*args, **named)


def trainable(network: nn.Module) -> int:
    """The number of trainable parameters."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


SIDES = {2: 24, 3: 8}
"""Sides of the low image or volume for counting multiplications: three Swin windows a side."""


def multiply_adds(network: Network) -> float:
    """Multiply-adds per output pixel (convolutions, matrix products, attention) for a low image of `SIDES`.

    For most networks the size changes nothing; TTSR's search grows with the reference, which is as large as the enlarged image here.
    """
    spec = network.spec
    shape = (SIDES[spec.dimensions],) * spec.dimensions
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        enlarged = network(*example(spec, shape))
    return counter.get_total_flops() / 2 / (enlarged.numel() / spec.channels)
