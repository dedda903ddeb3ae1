"""Random initial weights that leave the caller's random numbers alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def isolated_rng(seed: int | None = None) -> Iterator[None]:
    """Torch's generator of the CPU, seeded for a while if a seed is given, and afterwards as it was before.

    >>> before = torch.get_rng_state()
    >>> with isolated_rng(seed=7):
    ...     weights = torch.rand(3)
    >>> torch.equal(torch.get_rng_state(), before)
    True
    """
    state = torch.get_rng_state()
    try:
        if seed is not None:
            torch.default_generator.manual_seed(seed)  # `torch.manual_seed` would reseed accelerators too
        yield
    finally:
        torch.set_rng_state(state)
