"""Stopping a training run early, between two steps."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from lightning_fabric import Fabric


def stopped(interrupted: Callable[[], bool], ends: float, fabric: Fabric) -> bool:
    """Whether any process was interrupted or the time is up; all processes agree."""
    own = interrupted() or time.monotonic() >= ends
    if fabric.world_size == 1:
        return own
    votes: Any = fabric.all_reduce(torch.tensor(float(own)), reduce_op="sum")
    return bool(votes > 0)


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Defer the first Ctrl-C or SIGTERM to the end of the step; a second one stops at once."""
    asked: list[int] = []

    def ask(number: int, frame: object) -> None:
        signal.signal(number, old[number])
        asked.append(number)

    try:
        old: dict[int, Any] = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # signals can be handled in the main thread alone
        yield lambda: False
        return
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
