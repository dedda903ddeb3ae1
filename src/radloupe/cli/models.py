"""`radloupe models`."""

import typer

from radloupe.cli import console

SHOWN = ("name", "modality", "scale", "parameters", "reach", "sha256", "trained_on", "degradation", "metrics", "licence", "bytes")


def models(as_json: bool = typer.Option(False, "--json", help="Print one JSON list.")) -> None:
    """List the models that ship, with their measured figures."""
    from radloupe.zoo.card import CAPTION, summary
    from radloupe.zoo.load import manifests

    rows = manifests()
    if as_json:
        console.print_json([{key: vars(row)[key] for key in SHOWN} for row in rows])
        return
    console.print_table([summary(row) for row in rows])
    typer.echo(CAPTION)
