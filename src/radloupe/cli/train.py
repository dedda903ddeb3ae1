"""`radloupe train`."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from radloupe.cli import console
from radloupe.cli.degrade import assignment
from radloupe.cli.options import declared
from radloupe.cli.own_network import NETWORK, register
from radloupe.core.errors import UsageError
from radloupe.training.run_options import TrainOptions


def train(
    recipe: str = typer.Argument(help="A name of `radloupe recipes`."),
    data: Path = typer.Option(
        ..., help="Folder of `radloupe dataset`; or of images, or of subfolders train and validation, where a recipe takes pairs."
    ),
    run: Path = typer.Option(..., help="Folder for config.json, journal.jsonl and checkpoints."),
    settings: list[str] = typer.Option([], "--set", help="A value by its path in the recipe, such as data.batch=8; can be repeated."),
    budget: str = declared(TrainOptions, "budget"),
    network: str | None = typer.Option(None, help=f"Network in place of the recipe's generator. {NETWORK}"),
    devices: int = declared(TrainOptions, "devices", min=1),
    device: str = declared(TrainOptions, "device"),
    precision: str = declared(TrainOptions, "precision"),
    workers: int = declared(TrainOptions, "workers", min=0),
    max_minutes: float = declared(TrainOptions, "max_minutes", min=0),
    resume: bool = declared(TrainOptions, "resume"),
    tensorboard: bool = declared(TrainOptions, "tensorboard"),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Train a recipe; Ctrl-C stops cleanly after the current step."""
    if network and devices > 1:
        raise UsageError("A network from a file is trained on one device. Offer it as an entry point of a package to use several.")
    from radloupe.pipelines.train import train as train_recipe

    with console.notes_for_warnings(), watching(run, devices, as_json) as report:
        record = train_recipe(
            recipe,
            data,
            run,
            settings=dict(map(assignment, settings)),
            budget=budget,
            network=register(network),
            devices=devices,
            device=device,
            precision=precision,
            workers=workers,
            max_minutes=max_minutes,
            resume=resume,
            tensorboard=tensorboard,
            report=report,
        )
    if as_json:
        console.print_json({"recipe": recipe, "run": str(run)} | record)
        return
    state = "finished" if record["finished"] else f"stopped at step {record['step']} of {record['steps']}; --resume goes on"
    typer.echo(f"{run}  {recipe}  {state}" + ("" if record["best"] is None else f"  best validation {record['best']:.4g}"))


@contextmanager
def watching(run: Path, devices: int, as_json: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Progress report of a run: a status line on a terminal, periodic lines where standard error is piped, none with `--json`."""
    if as_json:
        yield silent
        return
    if devices > 1 or not sys.stderr.isatty():
        yield JournalLines()
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{run}: the first steps") as status:
        yield lambda row: status.update(line(row))


def silent(row: dict[str, Any]) -> None:
    """Report nothing."""


class JournalLines:
    """Rows of the journal as lines on standard error, one every `console.LINE_EVERY_S` seconds; picklable for other processes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock, self.last = clock, clock()

    def __call__(self, row: dict[str, Any]) -> None:
        """Print the row if a line is due."""
        if (now := self.clock()) - self.last >= console.LINE_EVERY_S:
            self.last = now
            console.note(line(row))


def line(row: dict[str, Any]) -> str:
    """One-line text of a row of the journal."""
    facts = {"step", "steps", "phase", "left_s", "steps_per_s", "waiting_share"}
    losses = "  ".join(f"{name} {value:.4g}" for name, value in row.items() if name not in facts)
    speed = f"  {row['steps_per_s']:.3g} steps/s" if "steps_per_s" in row else ""
    left = f"  {row['left_s'] / 60:.0f} min left" if "left_s" in row else ""
    return f"{row.get('phase', '')} {row['step']}/{row['steps']}  {losses}{speed}{left}"
