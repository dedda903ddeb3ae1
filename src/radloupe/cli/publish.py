"""`radloupe publish`."""

from pathlib import Path

import typer

from radloupe.cli import console
from radloupe.cli.options import listing
from radloupe.cli.own_network import NETWORK, register
from radloupe.zoo.form_table import FORMS


def publish(
    run: Path = typer.Argument(help="Folder of `radloupe train`."),
    name: str = typer.Option(..., help="Name of the model."),
    output: Path = typer.Option(..., "-o", "--output", help="Folder to write: model.safetensors, model.json, README.md."),
    form: str = typer.Option("folder", "--as", help=listing("Form of the folder", FORMS)),
    network: str | None = typer.Option(None, help=NETWORK),
    best: bool = typer.Option(False, help="Publish the checkpoint with the highest validation score, not the last."),
    trained_on: str = typer.Option("", help="Description of the training data, for the model's card."),
    licence: str = typer.Option("unstated", help="Licence of the weights, an SPDX name."),
    overwrite: bool = typer.Option(False, help="Replace a model that exists."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Make a model folder from a run, for `radloupe upscale --model FOLDER`."""
    from radloupe.papers.publish_run import publish_run

    with console.notes_for_warnings():
        register(network)
        manifest = publish_run(run, name, output, best, trained_on, licence, overwrite, form)
    facts = {"name": manifest.name, "output": str(output), "sha256": manifest.sha256, "bytes": manifest.bytes, "metrics": manifest.metrics}
    if as_json:
        console.print_json(facts)
    else:
        console.print_table([{"": key, " ": value} for key, value in facts.items()])
