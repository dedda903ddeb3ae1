"""`radloupe export`."""

from pathlib import Path

import typer

from radloupe.cli import console
from radloupe.cli.own_network import NETWORK, register


def export(
    model: str = typer.Argument(help="A model or a model folder."),
    output: Path = typer.Option(..., "-o", "--output", help="File to write, such as model.onnx."),
    network: str | None = typer.Option(None, help=f"Network of the model folder. {NETWORK}"),
    overwrite: bool = typer.Option(False, help="Replace a file that exists."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Write a model as ONNX, checked against PyTorch at two sizes; a graph that differs is not written."""
    from radloupe.pipelines.export import export_onnx

    register(network)
    with console.notes_for_warnings():
        found = export_onnx(model, output, overwrite)
    facts = {"model": model} | vars(found) | {"output": str(found.output)}
    if as_json:
        console.print_json(facts)
    else:
        console.print_table([{"": key, " ": value} for key, value in facts.items()])
