"""`radloupe dataset`."""

from pathlib import Path
from typing import Any

import typer

from radloupe.cli import console
from radloupe.cli.degrade import assignment
from radloupe.cli.options import listing
from radloupe.papers.datasets import DATASETS


def dataset(
    name: str = typer.Argument(help=listing("Which", DATASETS)),
    source: Path = typer.Option(..., help="Folder of the public collection as it was downloaded and unpacked."),
    output: Path = typer.Option(..., "-o", "--output", help="Folder to write: images, manifest.jsonl, dataset.json."),
    seed: int = typer.Option(0, help="Seed of the split and of random parameters; the same seed gives the same bytes."),
    settings: list[str] = typer.Option([], "--set", help="A parameter of the data set, such as pairs=100; can be repeated."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Make a data set to train and measure on, split by patient, from a public collection."""
    from radloupe.data.builder import build

    with console.notes_for_warnings(), console.progress(f"making {name}", None) as tick:
        made = build(DATASETS[name], name, source, output, seed, dict(map(assignment, settings)), tick)
    report(made, output, as_json)


def report(made: dict[str, Any], output: Path, as_json: bool) -> None:
    """Print the data set's description as one JSON object, or a line."""
    if as_json:
        console.print_json({"output": str(output), **made})
        return
    typer.echo(f"{output}  {made['name']}  {', '.join(f'{part} {count}' for part, count in made['items'].items())}  seed {made['seed']}")
