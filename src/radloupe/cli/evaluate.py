"""`radloupe evaluate`."""

import math
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from radloupe.cli import console
from radloupe.cli.options import MODALITY, PATIENTS, WEIGHTS, declared, listing
from radloupe.cli.own_network import NETWORK, register
from radloupe.core import files
from radloupe.core.errors import UsageError
from radloupe.evaluation.evaluate_options import INTERPOLATIONS, EvaluateOptions

if TYPE_CHECKING:
    from radloupe.evaluation.model_table import Difference, ModelTable
    from radloupe.evaluation.paired_metrics import Task


def evaluate(
    model: list[str] = typer.Option(
        ..., help=listing("A model, a model folder or an interpolation; again for each to compare with the first", INTERPOLATIONS)
    ),
    data: Path = typer.Option(..., help="Folder of images, or of train, validation and test folders of them."),
    degrade: str = declared(EvaluateOptions, "degrade"),
    scale: int = declared(EvaluateOptions, "scale", min=2),
    protocol: str = declared(EvaluateOptions, "protocol"),
    seed: int = declared(EvaluateOptions, "seed"),
    patients: Path | None = PATIENTS,
    weights: Path | None = WEIGHTS,
    modality: str | None = MODALITY,
    csv: Path | None = typer.Option(None, help="File for the metrics of every image."),
    report: Path | None = typer.Option(None, help="Folder for a page with the table and images."),
    safety: bool = typer.Option(False, help="Planted lesions, edges and noise in place of metrics, beside bicubic."),
    network: str | None = typer.Option(None, help=f"Network of a model folder. {NETWORK}"),
    overwrite: bool = typer.Option(False, help="Replace outputs that exist."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Compare models on a folder of images, in the anatomy first: means and intervals over patients, differences to the first model."""
    inputs = [path for path in (data, patients, weights, *map(Path, model)) if path and path.exists()]
    if csv:
        files.check_output(csv, overwrite, [*inputs, *([report] if report else [])])
    if report:
        files.check_output(report, overwrite, inputs)
    from radloupe.evaluation.model_table import csv_text
    from radloupe.evaluation.paired_metrics import Task
    from radloupe.metrics.anatomy_mask import WHOLE
    from radloupe.pipelines.evaluate import compare

    task = Task(degrade, scale, protocol, seed, weights, modality)
    register(network)
    if safety:
        if csv or report:
            raise UsageError("Expected `safety` with neither `csv` nor `report`: its table is printed. Leave them out.")
        print_safety(model, data, task, patients, as_json)
        return
    with console.notes_for_warnings(), ExitStack() as outputs:
        found = compare(model, data, task, patients, console.progress)
        table = found.table
        if csv:
            outputs.enter_context(files.atomic(csv, overwrite, inputs=inputs)).write_text(csv_text(found.rows, task), encoding="utf-8")
        if report:
            from radloupe.evaluation.evaluation_page import page

            folder = outputs.enter_context(files.atomic(report, overwrite, folder=True, inputs=inputs))
            (folder / "index.html").write_text(page(table, found.rows, found.subjects, found.methods), encoding="utf-8")
    if as_json:
        console.print_json(found.record)
        return
    console.print_table(shown(table))
    if table.without_anatomy:
        console.note(f"{WHOLE} in {table.without_anatomy} of {table.images} images: its metrics cover all pixels but the rim there.")
    for name, why in found.unavailable.items():
        console.note(f"{name} is unavailable: it {why}.")


def print_safety(models: list[str], data: Path, task: "Task", patients: Path | None, as_json: bool) -> None:
    """Print the safety table, with a line for each measure and a column for each method."""
    from radloupe.pipelines.safety import compare_safety, lines

    with console.notes_for_warnings():
        found = compare_safety(models, data, task, patients, console.progress)
    if as_json:
        console.print_json(found)
        return
    console.print_table(lines(found))
    console.note(f"Lesions: {', '.join(f'{count} of {kind}' for kind, count in found['lesions'].items())}. Intervals are over lesions.")


def shown(table: "ModelTable") -> list[dict[str, str]]:
    """Lines for a terminal: each model's means, followed by its differences to the first; without metrics that no model has."""
    lines = []
    for model in table.models:
        lines.append({"": model.name} | {name: value_text(model.mean[name]) for name in table.metrics})
        if model.difference:
            lines.append({"": "  minus the first"} | {name: difference_text(model.difference[name]) for name in table.metrics})
    return lines


def value_text(value: float) -> str:
    """A mean in four digits."""
    return "none" if math.isnan(value) else f"{value:.4g}"


def difference_text(difference: "Difference") -> str:
    """A paired difference with its p-value after Holm's correction, where there is a test."""
    if math.isnan(difference.mean):
        return "none"
    p = "no test" if math.isnan(difference.p_holm) else f"p {difference.p_holm:.2g}"
    return f"{difference.mean:+.4g} ({p})"
