"""Random example inputs of any network, for measurements and export."""

from collections.abc import Sequence

import torch
from torch import Tensor

from radloupe.networks.spec import NetworkSpec

KERNEL_SIDE = 15  # side of the blur kernels of SRMD and DPSR


def example(spec: NetworkSpec, shape: Sequence[int], batch: int = 1) -> tuple[Tensor, ...]:
    """Random low images of a shape (y, x) or (z, y, x) in the network's input range, followed by its further inputs."""
    low, high = spec.input_range
    further = {
        "reference": lambda: torch.rand(batch, spec.channels, *(spec.scale * n for n in shape)) * (high - low) + low,
        "kernel": lambda: torch.full((batch, KERNEL_SIDE, KERNEL_SIDE), 1 / KERNEL_SIDE**2),
        "noise": lambda: torch.full((batch,), 0.1),
    }
    return (torch.rand(batch, spec.channels, *shape) * (high - low) + low, *(further[need]() for need in spec.needs))
