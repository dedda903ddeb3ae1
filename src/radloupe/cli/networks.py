"""`radloupe networks`."""

import math

import typer

from radloupe.cli import console


def networks(as_json: bool = typer.Option(False, "--json", help="Print one JSON list.")) -> None:
    """List the available architectures, one row for each scale."""
    from radloupe.networks.facts import survey

    rows = list(survey())
    if as_json:
        console.print_json(rows)
        return
    shown = ("name", "parameters", "receptive_field_radius", "channels", "dimensions", "needs")
    console.print_table([{key: readable(row[key]) for key in shown} for row in rows])


def readable(value: object) -> object:
    """A value as readable text."""
    if isinstance(value, tuple):
        return ", ".join(value) or "-"
    if isinstance(value, int):
        return f"{value:,}"
    return "global" if isinstance(value, float) and math.isinf(value) else value
