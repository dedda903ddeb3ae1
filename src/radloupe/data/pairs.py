"""Pairs of low and high slices in network range, and random patches of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from radloupe.core.errors import InputError
from radloupe.data.patches import corner, orientation, oriented
from radloupe.data.sources import Item
from radloupe.degradation import degrade
from radloupe.imaging import pixel_info


@dataclass(frozen=True)
class Pair:
    """Slices of one image in network range: `low` (z, y, x) and `high` (z, scale*y, scale*x)."""

    name: str
    low: np.ndarray
    high: np.ndarray


def pairs(items: Iterable[Item], preset: str, scale: int) -> list[Pair]:
    """Pairs of degraded and original slices in network range; low values are rounded where the type is an integer."""
    made = []
    for number, item in enumerate(items):
        _, y, x = item.image.shape
        high = item.image.pixels[0, :, : y // scale * scale, : x // scale * scale]
        low = degrade(item.image, preset, scale, seed=number)
        to_network = pixel_info.network_range(low.pixels, low.info)
        made.append(Pair(item.name, to_network.enter(low.pixels[0]), to_network.enter(high)))
    if not made:
        raise InputError("Expected at least one image for this part of the data, found none.")
    return made


@dataclass(frozen=True)
class Slices:
    """Training items from every slice of some pairs: patches of `side` low pixels, rotated and mirrored at random."""

    pool: Sequence[Pair]
    side: int
    scale: int
    turned: bool = True
    """Whether patches are turned and mirrored; see `degradation.centred`."""

    def __post_init__(self) -> None:
        """Refuse images smaller than a patch."""
        for pair in self.pool:
            if min(pair.low.shape[1:]) < self.side:
                y, x = pair.low.shape[1:]
                raise InputError(
                    f"Expected low images of at least {self.side} pixels a side, found {y}x{x} ({pair.name}). Lower data.patch."
                )

    def __len__(self) -> int:
        """Number of slices."""
        return sum(len(pair.low) for pair in self.pool)

    def item(self, index: int, rng: np.random.Generator | None) -> dict[str, np.ndarray]:
        """`low` (1, side, side) and `high` of a slice: the centre, upright, without `rng`.

        Otherwise random, redrawn up to ten times where empty.
        """
        pair, z = self.locate(index)
        low, high = pair.low[z], pair.high[z]
        y, x = corner(low, self.side, rng)
        low, high = (image[..., y * s : (y + self.side) * s, x * s : (x + self.side) * s] for image, s in ((low, 1), (high, self.scale)))
        turn = orientation(rng if self.turned else None)
        return {"low": oriented(low, turn)[None], "high": oriented(high, turn)[None]}

    def locate(self, index: int) -> tuple[Pair, int]:
        """The pair and slice of an item's index."""
        for pair in self.pool:
            if index < len(pair.low):
                return pair, index
            index -= len(pair.low)
        raise IndexError(index)
