"""A row of the table of networks: how to build an architecture, and where it comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from radloupe.networks.skip import skipping


@dataclass(frozen=True)
class Architecture:
    """Calling it builds the network: `NETWORKS["edsr-baseline"](4)`."""

    build: Callable[..., nn.Module]
    """`build(scale, **settings)`; the module has a `spec` (`networks.spec.NetworkSpec`)."""
    scales: tuple[int, ...]
    """Enlargement factors it is defined for; the first is the one that tests look at most closely."""
    paper: str
    """Authors, venue and year; for the five systems the paper's section too."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What this row builds with."""
    small: Mapping[str, Any] = field(default_factory=dict)
    """Settings of a shrunken form with the same parts, for tests and trials."""
    keys: Callable[[int], Mapping[str, str]] | None = None
    """For a scale, our state-dict key for each key of the released checkpoints; None where nothing was released."""
    note: str = ""
    """What a reader must know of its faithfulness, a sentence; empty where there is nothing to say."""

    def __call__(self, scale: int, *, skip: bool = False, **arguments: Any) -> nn.Module:
        """The network with its first weights; with `skip` it adds to the bicubic enlargement (`networks.skip`), as no paper does."""
        network = self.build(scale, **(dict(self.settings) | arguments))
        if not skip:
            return network
        return skipping(network)
