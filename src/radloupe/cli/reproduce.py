"""`radloupe reproduce`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from radloupe.cli import console
from radloupe.cli.options import WEIGHTS, declared, listing
from radloupe.core.errors import UsageError
from radloupe.core.tables import check_choice
from radloupe.papers.runner.reproduce_options import NETWORK_SIZES, ReproduceOptions
from radloupe.papers.table_registry import TABLES


def reproduce(
    table: str = typer.Argument("", help=listing("A table of a paper", TABLES)),
    data: Path | None = typer.Option(None, help="The paper's data as downloaded, or substitute images."),
    run: Path | None = typer.Option(None, help="Folder for data sets, training runs and results; tables of one paper share their runs."),
    minutes: float = declared(ReproduceOptions, "minutes", min=0),
    steps: int | None = declared(ReproduceOptions, "steps", min=1),
    networks: str | None = declared(ReproduceOptions, "networks"),
    seed: int = declared(ReproduceOptions, "seed"),
    seeds: int | None = declared(ReproduceOptions, "seeds", min=1),
    device: str = declared(ReproduceOptions, "device"),
    precision: str = declared(ReproduceOptions, "precision"),
    vgg19: Path | None = declared(ReproduceOptions, "vgg19"),
    weights: Path | None = WEIGHTS,
    images: bool = declared(ReproduceOptions, "images"),
    queue: Path | None = typer.Option(None, help="TOML file of tables to make in sequence, in place of a table."),
    list_tables: bool = typer.Option(False, "--list", help="List the tables and exit."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Reproduce a paper's table: train its rows under an equal budget, measure them, and print its published values beside ours."""
    if list_tables:
        rows = [{"table": name, "caption": one.caption, "rows": ", ".join(row.name for row in one.rows)} for name, one in TABLES.items()]
        console.print_json(rows) if as_json else console.print_table(rows)
        return
    if data is None or run is None:
        raise UsageError("Expected --data with the images and --run with a folder to work in.")
    from radloupe.papers.runner.equal_budget import Budget
    from radloupe.papers.runner.reproduce import Workspace
    from radloupe.papers.runner.reproduce import reproduce as make
    from radloupe.papers.runner.table_queue import read_queue, work

    workspace = Workspace(data, run, minutes, accelerator=device, precision=precision, weights=weights, seeds=seeds, images=images)
    if queue is not None:
        if table or steps or networks or seeds or seed:
            raise UsageError("Expected --queue alone: the table, the networks, the steps and the seeds stand in its file.")
        entries = read_queue(queue)
        with console.notes_for_warnings():
            records = list(work(entries, workspace, str(vgg19 or ""), console.note, console.progress))
        console.print_json(records) if as_json else print_records(records)
        return
    chosen = TABLES[table]
    if networks is not None:
        check_choice("size of networks", networks, NETWORK_SIZES)
    size = next(one for one in NETWORK_SIZES if one == (networks or default_size(device)))
    with console.notes_for_warnings():
        record = make(chosen, workspace, Budget(size, steps, seed, str(vgg19 or "")), console.note, console.progress)
    console.print_json(record) if as_json else print_records([record])


def print_records(records: Sequence[Mapping[str, Any]]) -> None:
    """Print the progress of each table."""
    for record in records:
        if record["finished"]:
            counts = ", ".join(f"{count} {verdict}" for verdict, count in record["relations"].items() if count)
            typer.echo(f"{record['output']}  {counts}")
        else:
            typer.echo(f"{record['table']}: {record['trained']} of {record['rows']} rows are trained; the same command again goes on")
    if not records:
        typer.echo("every table of the queue is finished")


def default_size(device: str) -> str:
    """Default size of the networks: the paper's on a GPU, else the small one."""
    import torch

    return "paper" if device != "cpu" and torch.cuda.is_available() else "small"
