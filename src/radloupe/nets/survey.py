"""Facts about every network of the table, found by building it without memory."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from radloupe.nets import NETWORKS
from radloupe.nets.architecture import Architecture
from radloupe.nets.example import example
from radloupe.nets.spec import Spec

FACTS = ("reach", "channels", "dimensions", "size_multiple", "minimum_size", "needs")


def survey() -> Iterator[dict[str, Any]]:
    """A row for each architecture and scale."""
    for name in NETWORKS:
        row: Architecture = NETWORKS[name]
        for scale in row.scales:
            network = skeleton(row, scale)
            spec: Spec = network.spec  # type: ignore[assignment]
            yield {"name": f"{name}-x{scale}", "paper": row.paper, "scale": scale, "parameters": trainable(network)} | {
                fact: getattr(spec, fact) for fact in FACTS
            }


def skeleton(row: Architecture, scale: int) -> nn.Module:
    """The network without memory for its weights."""
    with torch.device("meta"):
        network = row(scale)
    return network.to("meta").eval()  # constants that come from NumPy are on the CPU until here


def trainable(network: nn.Module) -> int:
    """How many numbers training changes."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


SIDES = {2: 40, 3: 8}
"""Of the low image or volume for which multiplications are counted: patches of 160 pixels for TTSR, whole windows for Swin."""


def multiply_adds(network: nn.Module) -> float:
    """Multiply-adds per output pixel (convolutions, matrix products, attention) for a low image of `SIDES`.

    For most networks the size changes nothing; TTSR's search grows with the reference, which is as large as the enlarged image here.
    """
    spec: Spec = network.spec  # type: ignore[assignment]
    shape = (SIDES[spec.dimensions],) * spec.dimensions
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        enlarged = network(*example(spec, shape))
    return counter.get_total_flops() / 2 / (enlarged.numel() / spec.channels)
