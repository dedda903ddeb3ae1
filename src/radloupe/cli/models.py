"""`radloupe models`."""

import typer

from radloupe.cli import console

COLUMNS = (
    "name",
    "modality",
    "scale",
    "parameters",
    "receptive_field_radius",
    "sha256",
    "trained_on",
    "degradation",
    "metrics",
    "licence",
    "bytes",
)


def models(
    name: str = typer.Argument("", help="A model or a model folder, to read its card."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON list."),
) -> None:
    """List the models that ship, with their metrics, or show the card of one."""
    from radloupe.zoo.card import CAPTION, card, summary
    from radloupe.zoo.load import find, manifests
    from radloupe.zoo.manifest import read_manifest

    rows = [read_manifest(find(name))] if name else manifests()
    if as_json:
        console.print_json([{key: vars(row)[key] for key in COLUMNS} | {"reach": row.receptive_field_radius} for row in rows])
    elif name:
        typer.echo(card(rows[0]))
    else:
        console.print_table([summary(row) for row in rows])
        typer.echo(CAPTION)
