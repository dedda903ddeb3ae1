"""Pairs of low and high slices in network range, and random patches of them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from radloupe import intensity
from radloupe.data.sources import Item
from radloupe.degradation import degrade
from radloupe.errors import InputError


@dataclass(frozen=True)
class Pair:
    """Slices of one image in network range: `low` (z, y, x) and `high` (z, scale*y, scale*x)."""

    name: str
    low: np.ndarray
    high: np.ndarray


def pairs(items: Iterable[Item], preset: str, scale: int) -> list[Pair]:
    """Every item degraded, as a file would hold it (rounded where its type is whole), and brought to network range."""
    made = []
    for number, item in enumerate(items):
        _, y, x = item.image.shape
        high = item.image.pixels[0, :, : y // scale * scale, : x // scale * scale]
        low = degrade(item.image, preset, scale, seed=number)
        to_network = intensity.network_range(low.pixels, low.meaning)
        made.append(Pair(item.name, to_network.enter(low.pixels[0]), to_network.enter(high)))
    if not made:
        raise InputError("Expected at least one image for this part of the data, found none.")
    return made


def patches(
    pool: list[Pair], count: int, side: int, scale: int, rng: np.random.Generator
) -> tuple[Float[Tensor, "batch 1 y x"], Float[Tensor, "batch 1 sy sx"]]:
    """A batch of random patches, `side` low pixels wide, turned and mirrored at random; images weigh as much as their slices.

    Patches of empty background are drawn again, ten times at most.
    """
    slices = np.array([len(pair.low) for pair in pool])
    lows, highs = [], []
    for _ in range(count):
        for _ in range(10):
            pair = pool[rng.choice(len(pool), p=slices / slices.sum())]
            z, y, x = (int(rng.integers(n - m + 1)) for n, m in zip(pair.low.shape, (1, side, side), strict=True))
            low = pair.low[z, y : y + side, x : x + side]
            if np.ptp(low) > 0.1 * np.ptp(pair.low[z]):
                break
        high = pair.high[z, y * scale : (y + side) * scale, x * scale : (x + side) * scale]
        turns, mirror = int(rng.integers(4)), 1 - 2 * int(rng.integers(2))
        lows.append(np.rot90(low, turns)[:, ::mirror])
        highs.append(np.rot90(high, turns)[:, ::mirror])
    low_batch, high_batch = (torch.from_numpy(np.stack(part)[:, None]) for part in (lows, highs))
    return low_batch.contiguous(memory_format=torch.channels_last), high_batch
