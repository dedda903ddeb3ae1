"""`radloupe recipes`."""

import typer

from radloupe.cli import console


def recipes(as_json: bool = typer.Option(False, "--json", help="Print one JSON list.")) -> None:
    """List the training recipes, with paper and section."""
    from radloupe.papers.recipes import RECIPES

    rows = [
        {
            "name": recipe.name,
            "variant": recipe.variant,
            "scale": recipe.scale,
            "data": recipe.data.source,
            "degradation": recipe.data.degradation,
            "paper": recipe.paper,
        }
        for recipe in RECIPES.values()
    ]
    if as_json:
        console.print_json(rows)
    else:
        console.print_table(rows)
