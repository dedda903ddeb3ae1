"""Deterministic batches: step n has the same items for any history, number of workers and number of processes."""

import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from radloupe.core import seeds
from radloupe.training.recipe import DataConfig

Item = Mapping[str, np.ndarray]


@runtime_checkable
class Source(Protocol):
    """The items of one part of a data set."""

    def __len__(self) -> int:
        """Number of items."""
        ...

    def item(self, index: int, rng: np.random.Generator | None) -> Item:
        """Named arrays (1, y, x) in network range: randomly cropped, rotated and mirrored with `rng`, the centre and upright without."""
        ...


@dataclass(frozen=True)
class Share:
    """Share of every batch for one process."""

    rank: int = 0
    count: int = 1


class Steps(Dataset[dict[str, Tensor]]):
    """The batch of each step: every epoch uses all items once, in a new order."""

    def __init__(self, source: Source, data: DataConfig, seed: int, share: Share) -> None:
        self.source, self.data, self.seed, self.share = source, data, seed, share

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        """The process's share of a step's batch."""
        numbers = range(self.share.rank, self.data.batch, self.share.count)
        items = [self.source.item(self.index(step * self.data.batch + n), seeds.generator(self.seed, "item", step, n)) for n in numbers]
        return entered(items, self.data)

    def index(self, number: int) -> int:
        """The item at a position in the endless order of epochs."""
        epoch, position = divmod(number, len(self.source))
        return int(order(self.seed, epoch, len(self.source))[position])


@lru_cache(maxsize=2)
def order(seed: int, epoch: int, count: int) -> np.ndarray:
    """The order of the items in an epoch."""
    return seeds.generator(seed, "order", epoch).permutation(count)


def entered(items: list[Item], data: DataConfig) -> dict[str, Tensor]:
    """Items as a batch `batch channel y x` in the values and channels that the recipe trains on."""
    low, high = data.value_range
    batch = {}
    for name in items[0]:
        grey = torch.from_numpy(np.stack([np.ascontiguousarray(item[name]) for item in items])) * (high - low) + low
        batch[name] = grey.expand(-1, data.channels, -1, -1).contiguous()
    return batch


def batches(steps: Steps, first: int, last: int, workers: int) -> Iterator[dict[str, Tensor]]:
    """The batches of steps `first` to `last`, prepared ahead by worker processes where there are any."""
    loader: DataLoader[dict[str, Tensor]] = DataLoader(
        steps,
        sampler=range(first, last),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=2 if workers else None,
        worker_init_fn=ignore_signals if workers else None,
    )
    yield from loader


def ignore_signals(worker: int) -> None:
    """Let a worker ignore signals to the process group: the training process ends it after its step."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def middle(source: Source, data: DataConfig, most: int) -> Iterator[dict[str, Tensor]]:
    """The first items of a source, without random crops, one by one: the batches of validation."""
    for index in range(min(most, len(source))):
        yield entered([source.item(index, None)], data)
