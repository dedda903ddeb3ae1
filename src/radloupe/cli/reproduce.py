"""`radloupe reproduce`."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from radloupe.cli import console
from radloupe.core.errors import UsageError


def reproduce(
    table: str = typer.Argument("", help="A table of a paper; --list names them."),
    data: Path | None = typer.Option(None, help="The paper's data as downloaded, or the images that stand in for it."),
    run: Path | None = typer.Option(None, help="Folder for data sets, training runs and results; tables of one paper share their runs."),
    minutes: float = typer.Option(math.inf, min=0, help="Time to train now, all rows together; the same command again goes on."),
    steps: int | None = typer.Option(None, min=1, help="Of every row; by default what the minutes leave room for."),
    networks: str = typer.Option("", help="small, paper or tiny; by default paper on a GPU and small without one."),
    seed: int = typer.Option(0, help="Of data sets, weights, degradations and intervals."),
    seeds: int | None = typer.Option(None, min=1, help="Trainings of each row; by default one, three or five, as the claims ask for."),
    accelerator: str = typer.Option("auto", "--device", help="auto, cpu or cuda."),
    precision: str = typer.Option("32", help="32 or bf16, for training."),
    vgg19: Path | None = typer.Option(None, help="File with VGG19's weights for perceptual losses; off without it."),
    weights: Path | None = typer.Option(None, envvar="RADLOUPE_WEIGHTS", help="Folder of the weights of LPIPS."),
    images: bool = typer.Option(True, help="Show test images beside the table, or spectra and heat maps alone."),
    queue: Path | None = typer.Option(None, help="TOML file of tables to make one after the other, in place of a table."),
    list_tables: bool = typer.Option(False, "--list", help="Name the tables and stop."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Make a paper's table again: train its rows under one equal budget, measure them, and show its printed values beside ours."""
    from radloupe.papers.table_registry import TABLES

    if list_tables:
        rows = [{"table": name, "caption": one.caption, "rows": ", ".join(row.name for row in one.rows)} for name, one in TABLES.items()]
        console.print_json(rows) if as_json else console.print_table(rows)
        return
    if data is None or run is None:
        raise UsageError("Expected --data with the images and --run with a folder to work in.")
    from radloupe.papers.runner.equal_budget import NETWORK_SIZES, Budget
    from radloupe.papers.runner.reproduce import Place
    from radloupe.papers.runner.reproduce import reproduce as make
    from radloupe.papers.runner.table_queue import read_queue, work

    place = Place(data, run, minutes, accelerator=accelerator, precision=precision, weights=weights, seeds=seeds, images=images)
    if queue is not None:
        if table or steps or networks or seeds or seed:
            raise UsageError("Expected --queue alone: the table, the networks, the steps and the seeds stand in its file.")
        entries = read_queue(queue)
        with console.notes_for_warnings():
            records = list(work(entries, place, str(vgg19 or ""), console.note, console.progress))
        console.print_json(records) if as_json else print_records(records)
        return
    chosen = TABLES[table]
    if networks not in ("", *NETWORK_SIZES):
        raise UsageError(f"Expected --networks {' or '.join(NETWORK_SIZES)}, found {networks!r}.")
    size = next(one for one in NETWORK_SIZES if one == (networks or default_size(accelerator)))
    with console.notes_for_warnings():
        record = make(chosen, place, Budget(size, steps, seed, str(vgg19 or "")), console.note, console.progress)
    console.print_json(record) if as_json else print_records([record])


def print_records(records: Sequence[Mapping[str, Any]]) -> None:
    """How far each table came."""
    for record in records:
        if record["finished"]:
            counts = ", ".join(f"{count} {verdict}" for verdict, count in record["relations"].items() if count)
            typer.echo(f"{record['output']}  {counts}")
        else:
            typer.echo(f"{record['table']}: {record['trained']} of {record['rows']} rows are trained; the same command again goes on")
    if not records:
        typer.echo("every table of the queue is finished")


def default_size(accelerator: str) -> str:
    """The paper's networks where there is a GPU to train them."""
    import torch

    return "paper" if accelerator != "cpu" and torch.cuda.is_available() else "small"
