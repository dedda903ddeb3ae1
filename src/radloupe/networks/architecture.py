"""The registry's type of an architecture: construction, scales and source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from inspect import signature
from typing import Any

from radloupe.core.errors import UsageError
from radloupe.networks.network import Network
from radloupe.networks.skip import skipping

RENAMED_SETTINGS = {"told": "non_blind", "ways": "branches"}
"""Settings of run and model folders of earlier versions, with their current names."""


@dataclass(frozen=True)
class Architecture:
    """Architecture: a row of the registry; calling it builds the network, as in `NETWORKS["edsr-baseline"](4)`."""

    build: Callable[..., Network]
    """`build(scale, **settings)`."""
    scales: tuple[int, ...]
    """Enlargement factors it is defined for; the first is tested in most detail. Empty where unspecified."""
    paper: str
    """Authors, venue and year; for the five systems the paper's section too."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of this row."""
    small: Mapping[str, Any] = field(default_factory=dict)
    """Settings of a small variant with the same parts, for tests."""
    keys: Callable[[int], Mapping[str, str]] | None = None
    """For a scale, our state-dict key for each key of the released checkpoints; None where nothing was released."""
    note: str = ""
    """Note on its faithfulness, one sentence, or empty."""
    source: str = ""
    """The file or package that defines it; empty for Radloupe's own."""

    def __call__(self, scale: int, *, skip: bool = False, **arguments: Any) -> Network:
        """The network with its initial weights; with `skip` it adds to the bicubic enlargement (`networks.skip`), as no paper does."""
        given = {RENAMED_SETTINGS.get(name, name): value for name, value in arguments.items()}
        network = self.build(scale, **(dict(self.settings) | given))
        if not isinstance(network, Network):
            raise UsageError(f"Expected a radloupe.networks.Network from {self.source or self.build}, found a {type(network).__name__}.")
        return skipping(network) if skip else network

    def default_settings(self) -> dict[str, Any]:
        """Default settings that a command can change: numbers, Booleans and texts."""
        given = {one.name: one.default for one in signature(self.build).parameters.values() if one.name != "scale"} | dict(self.settings)
        return {name: value for name, value in given.items() if isinstance(value, str | int | float)}

    def from_source(self, source: str) -> "Architecture":
        """The architecture with its source file or package."""
        return replace(self, source=source)
