"""The one training loop: phases of steps, a journal, validation, checkpoints, a clean stop. All procedures go through here."""

import json
import math
import pickle
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.utilities.exceptions import MisconfigurationException
from torch.multiprocessing import ProcessRaisedException

from radloupe import __version__, files
from radloupe.errors import RadloupeError, UsageError
from radloupe.infer.engines import choose_device
from radloupe.losses.weighted import Term
from radloupe.train.batches import Share, Source, Steps, batches
from radloupe.train.journal import Journal, rows
from radloupe.train.names import check_names
from radloupe.train.plan import Phase, Recipe, resolved
from radloupe.train.start import features, start
from radloupe.train.state import CHECKPOINTS, State, numbered, restore, store
from radloupe.train.step import Tools, advance, sum_terms
from radloupe.train.validation import score

CONFIG, LAST = "config.json", "last.json"
Report = Callable[[dict[str, Any]], None]
"""Told each row of the journal, with the seconds that are left."""


def quiet(row: dict[str, Any]) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Way:
    """How to run a recipe, as opposed to what it is: none of this changes the weights on one device, to the bit."""

    devices: int = 1
    accelerator: str = "auto"
    precision: str = "32"
    workers: int = 0
    max_minutes: float = math.inf
    resume: bool = False
    tensorboard: bool = False


def train(recipe: Recipe, sources: Mapping[str, Source], run: Path, way: Way | None = None, report: Report = quiet) -> dict[str, Any]:
    """Train a recipe on the sources `train` and `validation` until its end, the end of the time, or an interrupt; returns the last record.

    Writes `config.json`, `journal.jsonl` and `checkpoints/` into `run`. Raises `UsageError` for a run that exists (without `resume`) or
    belongs to another recipe, `RadloupeError` for a loss that is no number, `LimitError` on a full disk.
    """
    way = way or Way()
    check_names(recipe)
    recipe = resolved(recipe, len(sources["train"]))
    with undone_if_nothing_came(run):
        return launched(recipe, sources, run, way, report)


def launched(recipe: Recipe, sources: Mapping[str, Source], run: Path, way: Way, report: Report) -> dict[str, Any]:
    """Train in as many processes as are asked for."""
    prepare(recipe, run, way)
    fabric = machinery(way)
    work = partial(process, recipe=recipe, sources=sources, run=run, way=way, report=report)
    return work(fabric) if way.devices == 1 else spread(fabric, work, run)


@contextmanager
def undone_if_nothing_came(run: Path) -> Iterator[None]:
    """Remove the folder of a run that is refused before its first row or checkpoint; one that stood there before stays."""
    before = run.exists()
    try:
        yield
    except BaseException:
        if not (before or rows(run) or numbered(run)):
            shutil.rmtree(run, ignore_errors=True)
        raise


def machinery(way: Way) -> Fabric:
    """The devices and processes of a way; raises `UsageError` for those that are not there."""
    strategy = "ddp_spawn" if way.devices > 1 else "auto"
    precision = {"32": "32-true", "bf16": "bf16-mixed"}[way.precision]
    try:
        return Fabric(accelerator=choose_device(way.accelerator), devices=way.devices, strategy=strategy, precision=precision)
    except (RuntimeError, ValueError, MisconfigurationException) as error:
        raise UsageError(f"Cannot train with --device {way.accelerator} --devices {way.devices}: {error}") from error


def spread(fabric: Fabric, work: Callable[[Fabric], dict[str, Any]], run: Path) -> dict[str, Any]:
    """Do the work in several processes; an error of one is raised here as it was there."""
    failure = run / "failure.pickle"
    failure.unlink(missing_ok=True)
    try:
        fabric.launch(partial(guarded, work=work, failure=failure))  # arguments in a partial, where Fabric does not look into them
    except ProcessRaisedException:
        if failure.exists():
            raise pickle.loads(failure.read_bytes()) from None  # noqa: S301  written by our own child a moment ago
        raise
    return dict(json.loads((run / LAST).read_text()))


def guarded(fabric: Fabric, work: Callable[[Fabric], dict[str, Any]], failure: Path) -> None:
    """The work of one process, which leaves its error where the parent finds it."""
    try:
        work(fabric)
    except RadloupeError as error:
        failure.write_bytes(pickle.dumps(error))
        raise


def prepare(recipe: Recipe, run: Path, way: Way) -> None:
    """Make the run's folder and write the resolved configuration; refuse another recipe's run, and a run that would be overwritten."""
    if way.precision not in ("32", "bf16"):
        raise UsageError(f"Expected --precision 32 or bf16, found {way.precision!r}.")
    if recipe.data.batch % (way.devices * recipe.data.accumulate):
        raise UsageError(
            f"Expected a batch that {way.devices} process(es) of {recipe.data.accumulate} part(s) share evenly, found "
            f"{recipe.data.batch}. Change data.batch, data.accumulate or --devices."
        )
    config = json.loads(json.dumps(asdict(recipe)))
    path = run / CONFIG
    if path.exists():
        if not way.resume:
            raise UsageError(f"The run {run} exists already. Pass --resume to go on with it, or choose another --run.")
        if json.loads(path.read_text())["recipe"] != config:
            raise UsageError(f"The run {run} was begun with another recipe or other settings. Repeat those, or choose another --run.")
        return
    files.check_output(run / CHECKPOINTS)
    with files.translate_os_errors(run):
        run.mkdir(parents=True, exist_ok=True)
    with files.atomic(path) as temporary:
        temporary.write_text(json.dumps({"recipe": config, "radloupe": __version__, "torch": torch.__version__}, indent=1) + "\n")


def process(fabric: Fabric, recipe: Recipe, sources: Mapping[str, Source], run: Path, way: Way, report: Report) -> dict[str, Any]:
    """The training of one process; the first one writes."""
    tools = Tools(fabric, recipe.seed, recipe.data, features(recipe, fabric))
    state = start(recipe, fabric)
    restore(state, run)
    steps = Steps(sources["train"], recipe.data, recipe.seed, Share(fabric.global_rank, fabric.world_size))
    ends = time.monotonic() + 60 * way.max_minutes
    with interruptible() as interrupted, closing(Journal(run, way.tensorboard)) as journal:
        keeper = Keeper(fabric, recipe, run, journal, sources["validation"], tools, report)
        for phase, first, last in stretches(recipe):
            if state.step < last and not stopped(interrupted, ends, fabric):
                run_phase(state, phase, first, last, steps, keeper, way, lambda: stopped(interrupted, ends, fabric))
        return keeper.finish(state)


def stretches(recipe: Recipe) -> Iterator[tuple[Phase, int, int]]:
    """The phases with the steps at which each begins and ends."""
    ends = list(accumulate(phase.steps for phase in recipe.phases))
    yield from zip(recipe.phases, [0, *ends[:-1]], ends, strict=True)


def run_phase(
    state: State, phase: Phase, first: int, last: int, steps: Steps, keeper: "Keeper", way: Way, halt: Callable[[], bool]
) -> None:
    """Train from the state's step to the end of a phase, or until told to halt."""
    if state.step == first:
        state.best = None  # phases have other aims: what scored highest before them is no measure for this one
    terms: tuple[Term, ...] = sum_terms(state, phase, keeper.tools)
    stream = batches(steps, state.step, last, way.workers)
    while state.step < last and not halt():
        begun = time.monotonic()
        batch = {name: keeper.fabric.to_device(value) for name, value in next(stream).items()}
        waited = time.monotonic() - begun
        losses = advance(state, phase, first, terms, batch, keeper.tools)
        keeper.after(state, phase, terms, losses, waited)


def stopped(interrupted: Callable[[], bool], ends: float, fabric: Fabric) -> bool:
    """Whether any process was interrupted or the time is up; all processes agree."""
    own = interrupted() or time.monotonic() >= ends
    if fabric.world_size == 1:
        return own
    return bool(fabric.all_reduce(torch.tensor(float(own)), reduce_op="sum") > 0)


def averaged(losses: Mapping[str, float], fabric: Fabric) -> Mapping[str, float]:
    """The mean of every loss over the processes."""
    if fabric.world_size == 1:
        return losses
    means = fabric.all_reduce(torch.tensor(list(losses.values()), dtype=torch.float64), reduce_op="mean")
    return dict(zip(losses, means.tolist(), strict=True))  # type: ignore[union-attr]


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C or SIGTERM into a wish that is looked at between steps; a second one stops at once."""
    asked: list[int] = []

    def ask(number: int, frame: object) -> None:
        signal.signal(number, old[number])
        asked.append(number)

    try:
        old = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread: whoever runs us decides
        yield lambda: False
        return
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


@dataclass
class Keeper:
    """What happens beside the steps: rows, validation, checkpoints. Only the first process writes."""

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
            (self.run / LAST).write_text(json.dumps(record) + "\n")
        self.fabric.barrier()
        return record
