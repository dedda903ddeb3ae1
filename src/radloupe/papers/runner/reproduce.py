"""`radloupe reproduce`: build the data sets, train the rows, measure them, and write the table."""

import math
import platform
import re
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from radloupe import __version__
from radloupe.core import files, seeds
from radloupe.data.degraded import lowered
from radloupe.data.loading import unit
from radloupe.evaluation.paired_metrics import ImageMetrics
from radloupe.metrics.statistics import INTERVALS
from radloupe.papers.aid_srgan import activation
from radloupe.papers.runner import comparison_sheet, data_plan, table_report
from radloupe.papers.runner.equal_budget import BATCH, FASTER, QUICK, Budget
from radloupe.papers.runner.jobs import jobs, settled, trained
from radloupe.papers.runner.measurement import Item, enlarger, items, network, scored
from radloupe.papers.runner.paper_table import Column, DataPlan, PaperTable
from radloupe.papers.runner.table_result import ColumnResult, Result, summarised
from radloupe.reports.compare import Panel, grey_levels
from radloupe.reports.parts import ImageRow
from radloupe.training.run_options import RunOptions

Say = Callable[[str], None]
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
DEGRADATIONS = ("bicubic", "aid-mini", "aid-plus")
"""What heat maps are shown for."""


@dataclass(frozen=True)
class Place:
    """Where a table is made from, and where to."""

    data: Path
    run: Path
    minutes: float = math.inf
    """Time limit for the training of all rows together."""
    accelerator: str = "auto"
    precision: str = "32"
    weights: Path | None = None
    """The folder of LPIPS's weights."""
    images: bool = True
    """Whether illustrations show test images; if not, spectra and coarse heat maps alone, for tables that go where the images may not."""


def reproduce(table: PaperTable, place: Place, budget: Budget, say: Say, progress: Progress) -> dict[str, Any]:
    """Train the unfinished rows, and write the table once all are trained; returns its path, or the progress.

    Raises `InputError` for missing data, `UsageError` for a run that was begun with another budget.
    """
    own, output = place.run / table.paper, place.run / "results" / table.name.replace("/", "-")
    inputs = [Path(path) for path in (place.data, place.weights, budget.vgg19) if path]
    files.check_working_folder(place.run, inputs)
    files.check_working_folder(own, inputs)
    files.check_output(output, overwrite=True, inputs=inputs)
    found = data_plan.chosen(table, place.data)
    folders = data_plan.made(table, found, place.data, own, budget.seed, budget.networks == "tiny", say)
    options = RunOptions(device=place.accelerator, precision=place.precision)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The loss is trained without")  # the table's header says so, once
        budget = settled(budget, place.minutes, own, lambda one: jobs(table, found, folders, own, one), options, say)
        wanted = jobs(table, found, folders, own, budget)
        done = list(trained(wanted, place.minutes, options, say))
    state = {"table": table.name, "rows": len(wanted), "trained": len(done), "steps": budget.steps}
    if len(done) < len(wanted):
        return state | {"finished": False, "output": None}
    with files.atomic(output, overwrite=True, folder=True, inputs=inputs) as folder:
        result, shown = measured(table, found, folders, replace(place, run=own), budget, folder, progress)
        table_report.write(result, shown, folder)
    relations = {verdict: sum(v.verdict == verdict for c in result.columns for v in c.verdicts) for verdict in VERDICTS}
    return state | {"finished": True, "output": str(output), "relations": relations}


VERDICTS = ("holds", "does not hold", "interval touches zero", "no interval")


def measured(
    table: PaperTable, found: DataPlan, folders: dict[str, Path], place: Place, budget: Budget, output: Path, progress: Progress
) -> tuple[Result, dict[str, str]]:
    """The metrics of every row, and the titles of the illustrations written beside them."""
    device = "cuda" if place.accelerator != "cpu" and torch.cuda.is_available() else "cpu"
    parts: list[ColumnResult] = []
    every: dict[str, list[ImageMetrics]] = {}
    parameters: dict[str, int | None] = {}
    shown: dict[str, str] = {}
    for column in found.columns:
        behind = next((row for row in table.rows if row.name == column.translator), None)
        translator = network(behind, column, place.run, "translator") if behind else None
        tests = items(column, folders[column.data], budget.seed, translator, device)
        ways = {row.name: enlarger(row, column, place.run, device) for row in table.rows}
        parameters |= {f"{name}/{column.name}": size for name, (_, size) in ways.items()}
        enlarge = {name: way for name, (way, _) in ways.items()}
        with progress(column.name, len(tests)) as tick:
            images = scored(table, tests, enlarge, column.scale, place.weights, tick)
        parts.append(summarised(table, column, images, budget.seed))
        every[column.name] = images
        name = "-".join(re.findall(r"\w+", column.name.lower())) + ".png"
        draw(tests[len(tests) // 2], enlarge, images[len(images) // 2], column, output / name, place.images)
        shown[name] = f"{column.name}: {'one test image, its errors and its spectra' if place.images else 'spectra of one test image'}"
    if table.heat_map_row:
        shown |= heat_maps(table, found.columns[-1], tests[len(tests) // 2], place, budget.seed, output)
    header = facts(table, found, folders, place, budget, device)
    return Result(table, header, parameters, tuple(parts), every), shown
