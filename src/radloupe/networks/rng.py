"""Isolation of torch's random generator, for the initialisation of weights."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def isolated_rng(seed: int | None = None) -> Iterator[None]:
    """Context that restores the state of torch's CPU generator at its end, and seeds it meanwhile if a seed is given.

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
