"""The facts above a table: data, budget, seeds, hardware, the commit and the library versions that made it."""

import importlib.metadata
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from radloupe import __version__
from radloupe.core import files
from radloupe.evaluation.seed_statistics import OVER_SEEDS
from radloupe.metrics.statistics import INTERVALS
from radloupe.papers.runner import data_plan
from radloupe.papers.runner.equal_budget import BATCH, FASTER, QUICK, REDUCTION, Budget
from radloupe.papers.runner.jobs import runs_of
from radloupe.papers.runner.paper_table import DataPlan, PaperTable, Row

LIBRARIES = ("torch", "numpy", "scipy", "lightning-fabric", "pillow")
"""What weights and metrics depend on."""
CHECKPOINT = "that of the highest validation score in the last phase of each run"
INFERENCE = "whole images on their stored range, by `radloupe.inference` without its bounds on the output and without data consistency"
UNKNOWN = "not recorded"
OF_OLD_TABLES = {"commit": UNKNOWN, "checkpoint": "the last of each run", "training_runs": "one of each row"}
"""What the headers of earlier tables leave out."""


def facts(
    table: PaperTable, found: DataPlan, folders: Mapping[str, Path], budget: Budget, seeds: int | None, precision: str, device: str
) -> dict[str, Any]:
    """The facts above the table, in their order."""
    paper = budget.networks == "paper"
    steps = "the length of each recipe" if budget.steps is None else f"{budget.steps} steps for every trained row, all phases together"
    return {
        "data": "the paper's" if not found.needs else "other images than the paper's; the same comparison under one equal budget",
        "items": data_plan.counts(folders),
        "data_sha256": data_plan.fingerprints(folders),
        "budget": f"{steps}, batch {'of each recipe' if paper else BATCH[budget.networks]}",
        "networks": "the paper's" if paper else reduction(budget),
        "perceptual_losses": f"VGG19, sha256 {files.sha256(Path(budget.vgg19))}" if budget.vgg19 else "off: no VGG19 weights were given",
        "seed": budget.seed,
        "training_runs": in_words(table.rows, seeds),
        "checkpoint": CHECKPOINT,
        "hardware": f"{hardware(device)}, {precision}{' bits' if precision == '32' else ''}",
        "software": software(),
        "commit": commit(),
        "inference": INFERENCE,
        "protocol": table.protocol,
        "intervals": f"{INTERVALS}; {OVER_SEEDS}",
        "differs": found.differs,
        "notes": table.notes,
    }


def reduction(budget: Budget) -> str:
    """How the networks differ from the paper's, and how they are trained."""
    size = f"an {REDUCTION}th of the paper's parameters in every row" if budget.networks == "small" else "the smallest that run"
    return (
        f"{size}; all add to the bicubic enlargement, translators to the image itself; taught by Muon at {QUICK.muon_lr:g} "
        f"and Adam at {QUICK.lr:g}, their critics by Adam at {FASTER:g} times the paper's rate, and all of unpaired training by Adam at "
        f"{QUICK.lr:g}; every phase at the full rate and down to zero along half a cosine; no running means"
    )


def in_words(rows: Sequence[Row], seeds: int | None) -> str:
    """How many trainings each row has, with seeds that count up from the table's."""
    numbers = {row.name: runs_of(row, seeds) for row in rows if row.trained is not None}
    groups = {count: [name for name, own in numbers.items() if own == count] for count in sorted(set(numbers.values()), reverse=True)}
    if len(groups) == 1:
        return f"{next(iter(groups))} of each row"
    return "; ".join(f"{count} of {', '.join(names)}" for count, names in groups.items())


def hardware(device: str) -> str:
    """What the table was made on."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    return f"{platform.machine()} processor, {torch.get_num_threads()} thread(s)"


def software() -> str:
    """The versions of Radloupe, of Python, and of the libraries that weights and metrics depend on."""
    versions = {"radloupe": __version__, "python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name).split("+")[0] for name in LIBRARIES}
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def commit() -> str:
    """The commit of the source, marked where files were changed since; `not recorded` for an installed package."""
    try:
        head, changes = (git(*asked) for asked in (("rev-parse", "HEAD"), ("status", "--porcelain", "--untracked-files=no", "--", ".")))
    except (OSError, subprocess.CalledProcessError):
        return UNKNOWN
    return f"{head}{', with changes' if changes else ''}"


def git(*asked: str) -> str:
    """What git says of the folder of the package."""
    command = ["git", "-C", str(Path(__file__).parents[2]), *asked]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
