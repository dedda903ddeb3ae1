"""Random inputs of the right shape for any network, to measure or export it."""

from collections.abc import Sequence

import torch
from torch import Tensor

from radloupe.networks.spec import NetworkSpec

KERNEL_SIDE = 15  # of the blur kernels that SRMD and DPSR are given


def example(spec: NetworkSpec, shape: Sequence[int], batch: int = 1) -> tuple[Tensor, ...]:
    """Random low images of a shape (y, x) or (z, y, x) in the network's input range, and what else it needs."""
    low, high = spec.input_range
    further = {
        "reference": lambda: torch.rand(batch, spec.channels, *(spec.scale * n for n in shape)) * (high - low) + low,
        "kernel": lambda: torch.full((batch, KERNEL_SIDE, KERNEL_SIDE), 1 / KERNEL_SIDE**2),
        "noise": lambda: torch.full((batch,), 0.1),
    }
    return (torch.rand(batch, spec.channels, *shape) * (high - low) + low, *(further[need]() for need in spec.needs))
