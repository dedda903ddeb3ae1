"""`radloupe calibrate`."""

from pathlib import Path

import typer

from radloupe.cli import console
from radloupe.cli.options import MODALITY
from radloupe.cli.own_network import NETWORK, register


def calibrate(
    model: str = typer.Argument(help="A model of `radloupe models`, or a model folder."),
    data: Path = typer.Option(..., help="Folder of high-resolution images, or of train, validation and test folders of them."),
    output: Path = typer.Option(..., "-o", "--output", help="Model folder to write: the same weights, and calibrated intervals."),
    modality: str | None = MODALITY,
    network: str | None = typer.Option(None, help=f"Network of the model folder. {NETWORK}"),
    overwrite: bool = typer.Option(False, help="Replace a model folder that exists."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Calibrate a model's intervals on images of patients that it was not trained on."""
    from radloupe.pipelines.calibrate import calibrate_model

    register(network)
    with console.notes_for_warnings(), console.progress("calibrate", None) as advance:
        manifest = calibrate_model(model, data, output, modality, overwrite, advance)
    found = manifest.uncertainty
    if as_json:
        console.print_json({"name": manifest.name, "output": str(output), "uncertainty": found})
        return
    guaranteed = [level for level, enough in found["guaranteed"].items() if enough]
    typer.echo(f"{output}: calibrated on {found['images']} slices of {found['patients']} patient(s).")
    typer.echo(f"Enough patients for a guarantee at: {', '.join(guaranteed) or 'no level'}.")
    if tested := found["measured"]:
        columns = [{"level": level, **tested[level]} for level in sorted(found["factors"])]
        typer.echo(f"Coverage on {tested['images']} slices of {tested['patients']} other patient(s):")
        console.print_table(columns)
