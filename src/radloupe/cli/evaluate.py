"""`radloupe evaluate`."""

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from radloupe.cli import console
from radloupe.cli.own_network import NETWORK, register
from radloupe.core import files

if TYPE_CHECKING:
    from radloupe.evaluation.model_table import Line, Table


def evaluate(
    model: list[str] = typer.Option(
        ..., help="A model, a model folder, nearest, bicubic, lanczos or zero-filling; again for each to compare with the first."
    ),
    data: Path = typer.Option(..., help="Folder of images, or of train, validation and test folders of them."),
    degrade: str = typer.Option(..., help="How low images are made: a preset of `radloupe degrade`."),
    scale: int = typer.Option(..., min=2, help="Enlargement in plane."),
    protocol: str = typer.Option("plain", help="How to score: plain, ttsr, xpgan, mri, uct, aid."),
    seed: int = typer.Option(0, help="Of the degradation, the intervals and the tests."),
    patients: Path | None = typer.Option(None, help="CSV or JSON lines with the columns image and patient."),
    weights: Path | None = typer.Option(None, envvar="RADLOUPE_WEIGHTS", help="Folder of the weights of LPIPS."),
    csv: Path | None = typer.Option(None, help="File for the figures of every image."),
    report: Path | None = typer.Option(None, help="Folder for a page with the table and pictures."),
    network: str | None = typer.Option(None, help=f"That of a model folder. {NETWORK}"),
    overwrite: bool = typer.Option(False, help="Replace outputs that exist."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Compare models on a folder of images, in the anatomy first: means and intervals over patients, differences to the first model."""
    inputs = [path for path in (data, patients, weights, *map(Path, model)) if path and path.exists()]
    if csv:
        files.check_output(csv, overwrite, [*inputs, *([report] if report else [])])
    if report:
        files.check_output(report, overwrite, inputs)
    from radloupe.evaluation.methods import ways_named
    from radloupe.evaluation.model_table import csv_text, tabulate
    from radloupe.evaluation.paired_metrics import Task, rows
    from radloupe.evaluation.survey import survey
    from radloupe.metrics.anatomy import WHOLE
    from radloupe.metrics.protocol import unavailable

    task = Task(degrade, scale, protocol, seed, weights)
    register(network)
    with console.notes_for_warnings(), ExitStack() as outputs:
        ways = ways_named(model, scale, centred=task.centred)
        subjects = survey(data, ways, scale, patients)
        with console.progress(data.name, len(subjects)) as tick:
            found = [row for row in rows(subjects, ways, task) if not tick(1)]
        table = tabulate(found, ways, task)
        if csv:
            outputs.enter_context(files.atomic(csv, overwrite, inputs=inputs)).write_text(csv_text(found, task), encoding="utf-8")
        if report:
            from radloupe.evaluation.evaluation_page import page

            folder = outputs.enter_context(files.atomic(report, overwrite, folder=True, inputs=inputs))
            (folder / "index.html").write_text(page(table, found, subjects, ways), encoding="utf-8")
    missing = unavailable(task.figures, weights)
    if as_json:
        console.print_json(record(table) | {"unavailable": missing})
        return
    console.print_table([line for model in table.models for line in shown(model)])
    if table.without_anatomy:
        console.note(f"{WHOLE} in {table.without_anatomy} of {table.images} images: figures of it are of all but the rim there.")
    for name, why in missing.items():
        console.note(f"{name} is unavailable: it {why}.")


def record(table: "Table") -> dict[str, Any]:
    """The table as JSON says it."""
    from radloupe.metrics.protocol import protocol_named, settings

    how = {key: getattr(table.task, key) for key in ("protocol", "degrade", "scale", "seed")}
    how["settings"] = settings(protocol_named(table.task.protocol), table.task.scale)
    counts = {key: getattr(table, key) for key in ("images", "patients", "without_anatomy")}
    return {**how, "models": [line(model) for model in table.models], **counts}


def line(model: "Line") -> dict[str, Any]:
    """A model's part of the table as JSON says it: what is said of the anatomy stands under `anatomy` everywhere."""
    from radloupe.metrics.inside import nested

    found = asdict(model)
    tables = {key: nested(found[key]) for key in ("mean", "ci95", "worst_decile", "difference")}
    return found | tables | {"patients": {patient: nested(figures) for patient, figures in found["patients"].items()}}


def shown(model: "Line") -> list[dict[str, str]]:
    """A model's lines on a terminal: its means, and under them its differences to the first model."""
    means = {"": model.name} | {figure: f"{mean:.4g}" for figure, mean in model.mean.items()}
    gaps = {"": "  minus the first"} | {figure: f"{d.mean:+.4g} (p {d.p_holm:.2g})" for figure, d in model.difference.items()}
    return [means, gaps] if model.difference else [means]
