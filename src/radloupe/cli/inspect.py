"""`radloupe inspect`."""

from pathlib import Path

import typer

from radloupe.cli import console
from radloupe.cli.options import MODALITY


def inspect(
    path: Path = typer.Argument(help="An image file or a DICOM series folder."),
    modality: str | None = MODALITY,
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Check whether an image suits the models: ok, warn or refuse, with reasons."""
    from radloupe import formats
    from radloupe.inference.gate import inspect_image

    with console.notes_for_warnings():
        report = inspect_image(formats.read(path, modality=modality))
    if as_json:
        console.print_json(report.record)
        return
    shown = [{**one.row, "value": blank(one.value), "threshold": blank(one.threshold)} for one in report.findings]
    console.print_table(shown)
    typer.echo(report.verdict)


def blank(value: float | None) -> float | str:
    """A number, or an empty text for None."""
    return "" if value is None else value
