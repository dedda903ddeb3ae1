"""Supervised training: patches in, error between the enlarged and the true patch down."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from radloupe import seeds
from radloupe.data.pairs import Pair, patches
from radloupe.errors import RadloupeError
from radloupe.train.optimisers import optimisers
from radloupe.train.state import State, restore, store

SAVE_EVERY_S = 60.0


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train."""

    steps: int
    """Steps in all; the learning rate ends at zero there."""
    restarts: tuple[int, ...] = ()
    """Steps at which the rate was at zero and rises again (warm restarts, Loshchilov and Hutter, ICLR 2017): how to train on."""
    batch: int = 16
    side: int = 48
    """Patch side in low pixels."""
    muon_lr: float = 0.01
    adam_lr: float = 1e-3
    warmup: int = 100
    """Steps in which the learning rate rises from zero, at the start and at each restart."""
    decay: float = 0.99
    """Of the running mean of the weights."""
    charbonnier: float = 1e-2
    """Where the loss turns from squared to absolute error, in network range."""
    seed: int = 0


def rate(schedule: Schedule, step: int) -> float:
    """The share of the full learning rate at a step: in each cycle a linear rise, then half a cosine down to zero."""
    begin, end = next((a, b) for a, b in pairwise((0, *schedule.restarts, schedule.steps)) if step < b or b == schedule.steps)
    return min(1.0, (step - begin + 1) / schedule.warmup) * (1 + math.cos(math.pi * (step - begin) / (end - begin))) / 2


def start(network: torch.nn.Module, schedule: Schedule) -> State:
    """The state before the first step."""
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(schedule.decay))  # type: ignore[no-untyped-call]
    return State(network, optimisers(network, schedule.muon_lr, schedule.adam_lr), average)


def advance(state: State, pool: list[Pair], schedule: Schedule, scale: int) -> float:
    """One step; returns the loss. Raises `RadloupeError` when it is no longer a number."""
    low, high = patches(pool, schedule.batch, schedule.side, scale, seeds.generator(schedule.seed, "patches", state.step))
    with torch.autocast("cpu", torch.bfloat16):
        error = state.network(low).float() - high
    loss = (error.square() + schedule.charbonnier**2).sqrt().mean()
    if not math.isfinite(loss.item()):
        raise RadloupeError(f"The loss became {loss.item()} at step {state.step}; the last checkpoint is kept.")
    state.network.zero_grad()
    loss.backward()
    for optimiser, full in zip(state.optimisers, (schedule.muon_lr, schedule.adam_lr), strict=True):
        optimiser.param_groups[0]["lr"] = full * rate(schedule, state.step)
        optimiser.step()
    state.average.update_parameters(state.network)
    state.step += 1
    return loss.item()


def train(
    network: torch.nn.Module,
    pool: list[Pair],
    schedule: Schedule,
    scale: int,
    run: Path,
    max_minutes: float,
    report: Callable[[int, float], None],
) -> State:
    """Train until the schedule's end or the time is up, saving now and then; goes on from the run's checkpoint if it has one."""
    run.mkdir(parents=True, exist_ok=True)
    state = start(network, schedule)
    restore(state, run)
    (run / "config.json").write_text(json.dumps(asdict(schedule), indent=1))
    begun = saved = time.monotonic()
    with (run / "journal.jsonl").open("a") as journal:
        while state.step < schedule.steps and time.monotonic() - begun < 60 * max_minutes:
            loss = advance(state, pool, schedule, scale)
            if state.step % 100 == 0:
                journal.write(json.dumps({"step": state.step, "loss": round(loss, 6)}) + "\n")
                journal.flush()
                report(state.step, loss)
            if time.monotonic() - saved > SAVE_EVERY_S:
                store(state, run)
                saved = time.monotonic()
    store(state, run)
    return state
