"""The training runs of a table, resumable, each for the same number of steps."""

import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path

from radloupe.core import files
from radloupe.core.errors import UsageError
from radloupe.data import dataset_manifest
from radloupe.data.loading import Items, StoredImages
from radloupe.papers.runner.equal_budget import STEPS, Budget, fitted
from radloupe.papers.runner.paper_table import STORED, Column, DataPlan, PaperTable, Row
from radloupe.training.batches import Source
from radloupe.training.journal import rows
from radloupe.training.loop import train
from radloupe.training.open_data import PARTS, open_sources
from radloupe.training.recipe import Recipe
from radloupe.training.run_options import RunOptions
from radloupe.training.runs import finished

PLAN = "plan.json"
PROBE = 2
"""Steps of each phase that are timed; the last one counts."""
TRAINING = 0.8
"""The share of the minutes that is planned; the speeds are uncertain. Measuring comes after them."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    """One training run."""

    run: Path
    recipe: Recipe
    data: Path
    clean: bool


def run_of(row: Row, column: Column, run: Path, number: int = 0) -> Path:
    """The folder of one of a row's trainings for a column; rows of the same recipe, data and scale share it, in whatever table."""
    recipe = row.trained
    name = f"{recipe.name if recipe else row.name}{'-clean' if row.clean else ''}-{column.data}-x{column.scale}"
    return run / (f"{name}-run{number + 1}" if number else name)


def jobs(table: PaperTable, plan: DataPlan, folders: Mapping[str, Path], run: Path, budget: Budget, seeds: int | None = None) -> list[Job]:
    """The training runs of a table, in the order of its rows: first one of each, then those with the next seed.

    `seeds` is how many each row gets, by default what the table asks for.
    """
    found: dict[Path, Job] = {}
    for number in range(most_runs(table, seeds)):
        seeded = replace(budget, seed=budget.seed + number)
        for row, column in product(table.rows, plan.columns):
            if row.trained is not None and number < runs_of(row, seeds):
                degradation = "bicubic" if row.clean or column.degradation == STORED else column.degradation
                side = table.tiny_side if budget.networks == "tiny" else table.side
                run_folder = run_of(row, column, run, number)
                found.setdefault(
                    run_folder,
                    Job(run_folder, fitted(row.trained, degradation, column.scale, seeded, side), folders[column.data], row.clean),
                )
    return list(found.values())


def runs_of(row: Row, seeds: int | None) -> int:
    """How many training runs a row gets."""
    return row.seeds if seeds is None else seeds


def most_runs(table: PaperTable, seeds: int | None) -> int:
    """The most training runs of a row of the table."""
    return max((runs_of(row, seeds) for row in table.rows if row.trained is not None), default=1)


def sources(job: Job) -> dict[str, Source]:
    """The items of a run; raises `InputError` for those that its recipe cannot be trained on."""
    return {part: shrunk(job, part) for part in PARTS} if job.clean else open_sources(job.recipe, job.data)


def shrunk(job: Job, part: str) -> Source:
    """The high images of a part, with low ones by bicubic reduction alone."""
    items = [{"high": row["high"]} for row in dataset_manifest.read(job.data, part)]
    scale, side = job.recipe.scale, job.recipe.data.patch
    dataset_manifest.check(job.data, items, ("high",), side, scale)
    return Items(tuple(items), StoredImages(job.data, job.recipe.data.degradation, scale), side)


def settled(asked: Budget, minutes: float, run: Path, list_jobs: Callable[[Budget], list[Job]], options: RunOptions, say: Say) -> Budget:
    """The budget of a run: the one it was begun with, else as many steps as were asked for, or as the minutes leave room for.

    Without either, reduced networks get `STEPS` and the paper's ones the length of their recipes. Raises `UsageError` for another budget
    than that of the runs that are there.
    """
    path = run / PLAN
    if path.exists():
        kept = Budget(**json.loads(path.read_text(encoding="utf-8")))
        if asked not in (kept, replace(kept, steps=None)):
            found = f"The runs in {run} were begun with {in_words(kept)}, not {in_words(asked)}."
            raise UsageError(f"{found} Repeat that, or choose another `run`.")
        return kept
    steps = asked.steps
    if steps is None and math.isfinite(minutes):
        planned = list_jobs(replace(asked, steps=100))
        speeds = {key: seconds_per_step(job, options, say) for key, job in {without_seed(job): job for job in reversed(planned)}.items()}
        seconds = sum(speeds[without_seed(job)] for job in planned)
        steps = max(1, int(60 * minutes * TRAINING / seconds))
        say(f"{steps} steps for each row")
    budget = replace(asked, steps=steps or STEPS.get(asked.networks))
    with files.atomic(path) as temporary:
        temporary.write_text(json.dumps(asdict(budget)) + "\n", encoding="utf-8")
    return budget


def without_seed(job: Job) -> tuple[object, ...]:
    """What trainings of one row have in common, and so their speed."""
    return job.recipe.name, job.recipe.scale, job.data, job.clean


def in_words(budget: Budget) -> str:
    """A budget in words."""
    steps = "the length of the recipes" if budget.steps is None else f"{budget.steps} steps"
    return f"{budget.networks} networks, {steps}, seed {budget.seed} and {'VGG19' if budget.vgg19 else 'no VGG19'}"


def seconds_per_step(job: Job, options: RunOptions, say: Say) -> float:
    """Seconds per step, averaged over the phases by their share of the run."""
    recipe = job.recipe
    shares = {phase.name: phase.steps / recipe.steps for phase in recipe.phases}
    probe = replace(recipe, phases=tuple(replace(phase, steps=PROBE) for phase in recipe.phases), log_every=1, validate_every=10**9)
    with tempfile.TemporaryDirectory() as folder:
        train(probe, sources(job), Path(folder) / "run", options)
        last = {row["phase"]: 1 / row["steps_per_s"] for row in rows(Path(folder) / "run") if "steps_per_s" in row}
    seconds = sum(share * last[name] for name, share in shares.items())
    say(f"{job.run.name}: {seconds:.2g} s a step")
    return seconds


def trained(all_jobs: Sequence[Job], minutes: float, options: RunOptions, say: Say) -> Iterator[Job]:
    """Train unfinished runs one after the other until the time is up; yields the finished ones in order."""
    ends = time.monotonic() + 60 * minutes
    for job in all_jobs:
        left = max(0.0, ends - time.monotonic()) / 60
        if finished(job.run):
            continue
        say(f"{job.run.name}: training")
        record = train(job.recipe, sources(job), job.run, replace(options, resume=True, max_minutes=left), reporter(job, say))
        say(f"{job.run.name}: step {record['step']} of {record['steps']}")
        if not record["finished"]:
            break  # the time is up, or Ctrl-C
    yield from (job for job in all_jobs if finished(job.run))


def reporter(job: Job, say: Say) -> Callable[[dict[str, object]], None]:
    """What says a run's validation."""
    return lambda row: say(f"{job.run.name}: step {row['step']}, validation {row['validation']:.4g}") if "validation" in row else None
