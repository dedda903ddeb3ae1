"""Journal, validation and checkpoints of a run."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from radloupe.core import files
from radloupe.losses.weighted import Term
from radloupe.training.batches import Source
from radloupe.training.journal import LAST, Journal
from radloupe.training.recipe import Phase, Recipe
from radloupe.training.state import State, store
from radloupe.training.training_step import StepContext
from radloupe.training.validation import score

Report = Callable[[dict[str, Any]], None]
"""Callback for each row of the journal, with the remaining seconds."""


def quiet(row: dict[str, Any]) -> None:
    """Report nothing."""


@dataclass
class Recorder:
    """Recorder of a run, open while it lasts. Only the first process writes."""

    fabric: Fabric
    recipe: Recipe
    run: Path
    journal: Journal
    validation: Source
    context: StepContext
    report: Report
    since: float = 0.0
    first: int = -1
    sums: dict[str, Tensor] = field(default_factory=dict)
    """Sums of every loss since the last row, on the device: no synchronisation between two rows."""

    def after(self, state: State, phase: Phase, terms: Sequence[Term], losses: Mapping[str, Tensor], waited_s: float) -> None:
        """Write the journal, validate and save after a step, where due."""
        if self.first < 0:
            self.first, self.since = state.step - 1, time.monotonic()
        for name, value in losses.items():
            self.sums[name] = self.sums[name] + value if name in self.sums else value
        self.journal.add(waited_s)
        due = [state.step % every == 0 for every in (self.recipe.log_every, self.recipe.validate_every, self.recipe.save_every)]
        logs, validates, saves = due[0], due[1] or state.step == self.recipe.steps, due[2]
        if logs:
            sums, self.sums = fetched(self.sums, self.fabric), {}
            if self.fabric.is_global_zero:
                row = self.journal.row(state.step, phase.name, sums)
                self.report(row | {"left_s": self.left(state), "steps": self.recipe.steps})
        if validates and self.fabric.is_global_zero:
            self.validate(state, phase, terms)
        if saves and self.fabric.is_global_zero:
            store(state, self.run)
        if validates or saves:
            self.fabric.barrier()

    def validate(self, state: State, phase: Phase, terms: Sequence[Term]) -> None:
        """Score the networks on the validation split; the best so far is kept."""
        metrics, images = score(state, phase, terms, self.validation, self.context)
        self.journal.write({"step": state.step, "phase": phase.name} | metrics)
        self.journal.images(state.step, images)
        self.report({"step": state.step, "steps": self.recipe.steps} | metrics)
        if state.best is None or metrics["validation"] > state.best:
            state.best = metrics["validation"]
            store(state, self.run, best=True)

    def left(self, state: State) -> float:
        """Remaining seconds at the speed so far."""
        done = state.step - self.first
        return (time.monotonic() - self.since) / done * (self.recipe.steps - state.step)

    def finish(self, state: State) -> dict[str, Any]:
        """Write the last checkpoint; returns the last record."""
        record = {"step": state.step, "steps": self.recipe.steps, "finished": state.step >= self.recipe.steps, "best": state.best}
        if self.fabric.is_global_zero:
            store(state, self.run)
            with files.atomic(self.run / LAST, overwrite=True) as temporary:
                temporary.write_text(json.dumps(record) + "\n", encoding="utf-8")
        self.fabric.barrier()
        return record


def fetched(sums: Mapping[str, Tensor], fabric: Fabric) -> dict[str, float]:
    """Sums as numbers, the mean over processes: one synchronisation for all of them."""
    together = torch.stack(list(sums.values()))
    means: Any = together if fabric.world_size == 1 else fabric.all_reduce(together, reduce_op="mean")
    return dict(zip(sums, means.tolist(), strict=True))
