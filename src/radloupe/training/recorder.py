"""What happens beside the steps of a training: rows of the journal, validation, checkpoints."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

from radloupe.core import files
from radloupe.losses.weighted import Term
from radloupe.training.batches import Source
from radloupe.training.journal import LAST, Journal
from radloupe.training.recipe import Phase, Recipe
from radloupe.training.state import State, store
from radloupe.training.training_step import Tools
from radloupe.training.validation import score

Report = Callable[[dict[str, Any]], None]
"""Told each row of the journal, with the seconds that are left."""


def quiet(row: dict[str, Any]) -> None:
    """Say nothing."""


@dataclass
class Keeper:
    """Open for the length of a run, as its journal is. Only the first process writes."""

    fabric: Fabric
    recipe: Recipe
    run: Path
    journal: Journal
    validation: Source
    tools: Tools
    report: Report
    since: float = 0.0
    first: int = -1

    def after(self, state: State, phase: Phase, terms: Sequence[Term], losses: Mapping[str, float], waited_s: float) -> None:
        """What is due after a step."""
        if self.first < 0:
            self.first, self.since = state.step - 1, time.monotonic()
        losses = averaged(losses, self.fabric)
        if not self.fabric.is_global_zero:
            self.fabric.barrier()
            return
        self.journal.add(losses, waited_s)
        if state.step % self.recipe.log_every == 0:
            self.report(self.journal.row(state.step, phase.name) | {"left_s": self.left(state), "steps": self.recipe.steps})
        if state.step % self.recipe.validate_every == 0 or state.step == self.recipe.steps:
            self.validate(state, phase, terms)
        if state.step % self.recipe.save_every == 0:
            store(state, self.run)
        self.fabric.barrier()

    def validate(self, state: State, phase: Phase, terms: Sequence[Term]) -> None:
        """Score the networks on the validation split; the best so far is kept."""
        figures, pictures = score(state, phase, terms, self.validation, self.tools)
        self.journal.write({"step": state.step, "phase": phase.name} | figures)
        self.journal.pictures(state.step, pictures)
        self.report({"step": state.step, "steps": self.recipe.steps} | figures)
        if state.best is None or figures["validation"] > state.best:
            state.best = figures["validation"]
            store(state, self.run, best=True)

    def left(self, state: State) -> float:
        """Seconds until the end at the speed so far."""
        done = state.step - self.first
        return (time.monotonic() - self.since) / done * (self.recipe.steps - state.step)

    def finish(self, state: State) -> dict[str, Any]:
        """Write the last checkpoint; returns how far the run came."""
        record = {"step": state.step, "steps": self.recipe.steps, "finished": state.step >= self.recipe.steps, "best": state.best}
        if self.fabric.is_global_zero:
            store(state, self.run)
            with files.atomic(self.run / LAST, overwrite=True) as temporary:
                temporary.write_text(json.dumps(record) + "\n", encoding="utf-8")
        self.fabric.barrier()
        return record


def averaged(losses: Mapping[str, float], fabric: Fabric) -> Mapping[str, float]:
    """The mean of every loss over the processes."""
    if fabric.world_size == 1:
        return losses
    means: Any = fabric.all_reduce(torch.tensor(list(losses.values()), dtype=torch.float64), reduce_op="mean")
    return dict(zip(losses, means.tolist(), strict=True))
