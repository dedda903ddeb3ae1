"""Write the table of recipes into docs/training.md, from the table itself. Called by `make tables`."""

from pathlib import Path

from radloupe.papers.recipes import RECIPES
from radloupe.training.recipe import Phase, Recipe

PAGE = Path(__file__).parents[1] / "docs" / "training.md"
BEGIN, END = "<!-- recipes: begin -->\n", "<!-- recipes: end -->\n"
HEAD = "| recipe | variant | scale | data | degradation | batch x low patch | phases | source |\n|---|---|---|---|---|---|---|---|\n"


def table() -> str:
    """The rows as Markdown."""
    return HEAD + "".join(line(recipe) for recipe in RECIPES.values())


def line(recipe: Recipe) -> str:
    """One recipe."""
    data = recipe.data
    phases = ", ".join(map(told, recipe.phases))
    cells = (f"`{recipe.name}`", recipe.variant, recipe.scale, data.source, f"`{data.degradation}`", f"{data.batch} x {data.patch}", phases)
    return f"| {' | '.join(map(str, cells))} | {recipe.paper} |\n"


def told(phase: Phase) -> str:
    """A phase by its name and length."""
    return f"{phase.name} ({phase.steps:,} {phase.unit})"


def written(page: str) -> str:
    """The page with the table between its marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
