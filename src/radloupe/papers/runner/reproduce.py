"""`radloupe reproduce`: build the data sets, train the rows, measure them, and write the table."""

import math
import re
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from radloupe.core import files
from radloupe.evaluation.paired_metrics import ImageMetrics
from radloupe.papers.runner import data_plan, illustrations, table_report
from radloupe.papers.runner.equal_budget import Budget
from radloupe.papers.runner.jobs import jobs, most_runs, runs_of, settled, trained
from radloupe.papers.runner.measurement import enlarger, items, network, scored
from radloupe.papers.runner.paper_table import REFERENCE_GAINS, Column, DataPlan, PaperTable
from radloupe.papers.runner.reference_gain import reference_gains, takes_reference
from radloupe.papers.runner.table_header import facts
from radloupe.papers.runner.table_result import VERDICTS, ColumnResult, Result, summarised
from radloupe.papers.runner.translation_error import translation_psnr
from radloupe.training.run_options import RunOptions

Say = Callable[[str], None]
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True)
class Workspace:
    """Workspace of a table: folders of data and runs, time limit, device and precision."""

    data: Path
    run: Path
    minutes: float = math.inf
    """Time limit for the training of all rows together."""
    fill_minutes: bool = True
    """Whether the minutes decide how many steps a row gets where none are asked for."""
    accelerator: str = "auto"
    precision: str = "32"
    weights: Path | None = None
    """The folder of LPIPS's weights."""
    seeds: int | None = None
    """Training runs of each row; None for as many as the table asks for."""
    images: bool = True
    """Whether illustrations show test images; if not, spectra and coarse heat maps alone, for tables that go where the images may not."""


def reproduce(table: PaperTable, workspace: Workspace, budget: Budget, say: Say, progress: Progress) -> dict[str, Any]:
    """Train the unfinished rows, and write the table once all are trained; returns its path, or the progress.

    Raises `InputError` for missing data, `UsageError` for a run that was begun with another budget.
    """
    own, output = workspace.run / table.paper, workspace.run / "results" / table.name.replace("/", "-")
    inputs = [Path(path) for path in (workspace.data, workspace.weights, budget.vgg19) if path]
    files.check_working_folder(workspace.run, inputs)
    files.check_working_folder(own, inputs)
    files.check_output(output, overwrite=True, inputs=inputs)
    found = data_plan.chosen(table, workspace.data)
    folders = data_plan.made(table, found, workspace.data, own, budget.seed, budget.networks == "tiny", say)
    options = RunOptions(device=workspace.accelerator, precision=workspace.precision)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The loss is trained without")  # the table's header says so, once
        planned = workspace.minutes if workspace.fill_minutes else math.inf
        budget = settled(budget, planned, own, lambda one: jobs(table, found, folders, own, one, workspace.seeds), options, say)
        wanted = jobs(table, found, folders, own, budget, workspace.seeds)
        done = list(trained(wanted, workspace.minutes, options, say))
    state = {"table": table.name, "rows": len(wanted), "trained": len(done), "steps": budget.steps}
    if len(done) < len(wanted):
        return state | {"finished": False, "output": None}
    with files.atomic(output, overwrite=True, folder=True, inputs=inputs) as folder:
        result, shown = measured(table, found, folders, replace(workspace, run=own), budget, folder, progress)
        table_report.write(result, shown, folder)
    relations = {verdict: sum(v.verdict == verdict for c in result.columns for v in c.verdicts) for verdict in VERDICTS}
    return state | {"finished": True, "output": str(output), "relations": relations}


def measured(
    table: PaperTable, found: DataPlan, folders: dict[str, Path], workspace: Workspace, budget: Budget, output: Path, progress: Progress
) -> tuple[Result, dict[str, str]]:
    """The metrics of every row, and the titles of the illustrations written beside them."""
    device = "cuda" if workspace.accelerator != "cpu" and torch.cuda.is_available() else "cpu"
    parts: list[ColumnResult] = []
    every: dict[str, list[ImageMetrics]] = {}
    parameters: dict[str, int | None] = {}
    shown: dict[str, str] = {}
    for column in found.columns:
        images, sizes, shown_one = of_column(table, column, folders[column.data], workspace, budget, device, output, progress)
        parameters |= {f"{name}/{column.name}": size for name, size in sizes.items()}
        parts.append(summarised(table, column, images, budget.seed))
        every[column.name] = images
        shown |= shown_one
    last = found.columns[-1]
    if table.heat_map_row:
        tests = items(last, folders[last.data], budget.seed, None, device)
        shown |= illustrations.heat_maps(table, last, tests[len(tests) // 2], workspace.run, workspace.images, output)
    header = facts(table, found, folders, budget, workspace.seeds, workspace.precision, device)
    for column in (column for column in found.columns if column.translator):
        row = next(row for row in table.rows if row.name == column.translator)
        translator, folder = network(row, column, workspace.run, "translator"), folders[column.data]
        if errors := translation_psnr(column, folder, budget.seed, translator, device):
            header.setdefault("translation_psnr_db", {})[column.name] = {name: round(value, 2) for name, value in errors.items()}
        if workspace.images:
            shown |= illustrations.translations(table, column, folder, workspace.run, budget.seed, output, slug(column))
    return Result(table, header, parameters, tuple(parts), every), shown


def of_column(
    table: PaperTable, column: Column, folder: Path, workspace: Workspace, budget: Budget, device: str, output: Path, progress: Progress
) -> tuple[list[ImageMetrics], dict[str, int | None], dict[str, str]]:
    """A column's metrics of every test image in every training run, the sizes of its networks, and the illustration of one image."""
    images: list[ImageMetrics] = []
    sizes: dict[str, int | None] = {}
    shown: dict[str, str] = {}
    behind = next((row for row in table.rows if row.name == column.translator), None)
    for number in range(most_runs(table, workspace.seeds)):
        translator = (
            network(behind, column, workspace.run, "translator", min(number, runs_of(behind, workspace.seeds) - 1)) if behind else None
        )
        tests = items(column, folder, budget.seed, translator, device)
        rows = [row for row in table.rows if row.trained is None or number < runs_of(row, workspace.seeds)]
        methods = {row.name: enlarger(row, column, workspace.run, device, number) for row in rows}
        enlarge = {name: method for name, (method, _) in methods.items()}
        with progress(f"{column.name}, run {number + 1}", len(tests)) as tick:
            found = scored(table, tests, enlarge, column.scale, workspace.weights, tick, budget.seed + number)
        for row in rows if REFERENCE_GAINS[0] in table.metrics else ():
            if takes_reference(row):
                for one, image in zip(tests, found, strict=True):
                    image.metrics[row.name] |= reference_gains(one, enlarge[row.name], table, column.scale, budget.seed)
        if not number:
            sizes = {name: size for name, (_, size) in methods.items()}
            name = f"{slug(column)}.png"
            illustrations.draw(tests[len(tests) // 2], enlarge, found[len(found) // 2], column, output / name, workspace.images)
            shown[name] = (
                f"{column.name}: {'one test image, its errors and its spectra' if workspace.images else 'spectra of one test image'}"
            )
        images += found
    return images, sizes, shown


def slug(column: Column) -> str:
    """A column's name as a file's name."""
    return "-".join(re.findall(r"\w+", column.name.lower()))
