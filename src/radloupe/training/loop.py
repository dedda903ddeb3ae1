"""The training loop of all procedures: phases, journal, validation, checkpoints, clean stop."""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

from radloupe import __version__
from radloupe.core import files
from radloupe.core.errors import UsageError
from radloupe.training.batches import Share, Source, Steps, batches
from radloupe.training.fabric import FAILURE, PRECISIONS, launch, make_fabric
from radloupe.training.journal import CONFIG, EVENTS, JOURNAL, LAST, Journal, rewind, rows
from radloupe.training.lookup import check_names
from radloupe.training.recipe import Phase, Recipe, resolved
from radloupe.training.recorder import Recorder, Report, quiet
from radloupe.training.run_options import RunOptions
from radloupe.training.setup import features, start
from radloupe.training.state import CHECKPOINTS, State, numbered, restore
from radloupe.training.stop import interruptible, stopped
from radloupe.training.training_step import StepContext, objective, training_step
from radloupe.zoo.old_recipes import current_recipe

ADDED_TO = (CHECKPOINTS, JOURNAL, LAST, EVENTS, FAILURE)
"""Files that a run adds to beside its configuration."""


def train(
    recipe: Recipe, sources: Mapping[str, Source], run: Path, options: RunOptions | None = None, report: Report = quiet
) -> dict[str, Any]:
    """Train a recipe on the sources `train` and `validation` until its end, the end of the time, or an interrupt; returns the last record.

    Writes `config.json`, `journal.jsonl` and `checkpoints/` into `run`. Raises `UsageError` for a run that exists (without `resume`) or
    belongs to another recipe, `RadloupeError` for a loss that is not finite, `LimitError` on a full disk.
    """
    options = options or RunOptions()
    check_names(recipe)
    recipe = resolved(recipe, len(sources["train"]))
    with undone_if_nothing_came(run):
        return started(recipe, sources, run, options, report)


def started(recipe: Recipe, sources: Mapping[str, Source], run: Path, options: RunOptions, report: Report) -> dict[str, Any]:
    """Train in the number of processes of the options."""
    prepare(recipe, run, options)
    fabric = make_fabric(options.device, options.devices, options.precision)
    work = partial(process, recipe=recipe, sources=sources, run=run, options=options, report=report)
    return work(fabric) if options.devices == 1 else launch(fabric, work, run)


@contextmanager
def undone_if_nothing_came(run: Path) -> Iterator[None]:
    """Context that removes the folders created by a run that fails before its first row or checkpoint."""
    created = [folder for folder in (run, *run.parents) if not folder.exists()]
    try:
        yield
    except BaseException:
        if created and not (rows(run) or numbered(run)):
            shutil.rmtree(run, ignore_errors=True)
            files.remove_empty(created)
        raise


def prepare(recipe: Recipe, run: Path, options: RunOptions) -> None:
    """Create the run's folder and write the resolved configuration; raises `UsageError` for another recipe's run and for overwriting."""
    if options.precision not in PRECISIONS:
        raise UsageError(f"Expected a `precision` of {' or '.join(PRECISIONS)}, found {options.precision!r}.")
    if recipe.data.batch % (options.devices * recipe.data.accumulate):
        raise UsageError(
            f"Expected a batch that {options.devices} process(es) of {recipe.data.accumulate} part(s) share evenly, found "
            f"{recipe.data.batch}. Change data.batch, data.accumulate or `devices`."
        )
    config = json.loads(json.dumps(asdict(recipe)))
    path = run / CONFIG
    if path.exists():
        if not options.resume:
            raise UsageError(f"The run {run} exists already. Choose `resume` to continue it, or another `run`.")
        if current_recipe(json.loads(path.read_text())["recipe"]) != config:
            raise UsageError(f"The run {run} was started with another recipe or other settings. Repeat those, or choose another `run`.")
        if links := [name for name in ADDED_TO if (run / name).is_symlink()]:
            raise UsageError(f"Expected the run's own files in {run}, found a link: {', '.join(links)}. Put there what it leads to.")
        return
    files.check_working_folder(run)
    for name in ADDED_TO:
        files.check_output(run / name)
    with files.translate_os_errors(run):
        run.mkdir(parents=True, exist_ok=True)
    with files.atomic(path) as temporary:
        temporary.write_text(json.dumps({"recipe": config, "radloupe": __version__, "torch": torch.__version__}, indent=1) + "\n")


def process(
    fabric: Fabric, recipe: Recipe, sources: Mapping[str, Source], run: Path, options: RunOptions, report: Report
) -> dict[str, Any]:
    """The training in one process; only the first one writes."""
    context = StepContext(fabric, recipe.seed, recipe.data, features(recipe, fabric))
    state = start(recipe, fabric)
    restore(state, run)
    if fabric.is_global_zero:
        rewind(run, state.step)
    steps = Steps(sources["train"], recipe.data, recipe.seed, Share(fabric.global_rank, fabric.world_size))
    ends = time.monotonic() + 60 * options.max_minutes
    with interruptible() as interrupted, closing(Journal(run, options.tensorboard)) as journal:
        recorder = Recorder(fabric, recipe, run, journal, sources["validation"], context, report)
        for phase, first, last in stretches(recipe):
            if state.step < last and not stopped(interrupted, ends, fabric):
                run_phase(state, phase, first, last, steps, recorder, options, lambda: stopped(interrupted, ends, fabric))
        return recorder.finish(state)


def stretches(recipe: Recipe) -> Iterator[tuple[Phase, int, int]]:
    """The phases with the steps at which each begins and ends."""
    ends = list(accumulate(phase.steps for phase in recipe.phases))
    yield from zip(recipe.phases, [0, *ends[:-1]], ends, strict=True)


def run_phase(
    state: State, phase: Phase, first: int, last: int, steps: Steps, recorder: Recorder, options: RunOptions, halt: Callable[[], bool]
) -> None:
    """Train from the state's step to the end of a phase, or until `halt` is true."""
    if state.step == first:
        state.best = None  # each phase has an objective of its own, so scores of another phase do not compare
    terms = objective(state, phase, recorder.context)
    stream = batches(steps, state.step, last, options.workers)
    while state.step < last and not halt():
        start = time.monotonic()
        batch = {name: recorder.fabric.to_device(value) for name, value in next(stream).items()}
        waited = time.monotonic() - start
        losses = training_step(state, phase, first, terms, batch, recorder.context)
        recorder.after(state, phase, terms, losses, waited)
