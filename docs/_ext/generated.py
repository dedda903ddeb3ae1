"""Sphinx extension that writes the reference pages which follow from the code: rooms, commands, tables, error classes.

The pages go to `docs/reference/generated`, which is not kept; `pages()` gives their text, so that tests can look at them without Sphinx.
"""

import ast
import inspect
import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import typer
from presets import gallery

from radloupe.core.errors import UsageError

DOCS = Path(__file__).parents[1]
FOLDER = DOCS / "reference" / "generated"
API = DOCS / "reference" / "api"
PACKAGE = DOCS.parent / "src" / "radloupe"


def pages() -> Mapping[str, Callable[[], str]]:
    """The generated pages: file name to the function that makes its text."""
    return {
        "api": api,
        "rooms": rooms,
        "command-line": command_line,
        "degradations": degradations,
        "losses": losses,
        "metrics": metrics,
        "formats": formats,
        "exit-codes": exit_codes,
        "recipes": recipes,
        "engines": engines,
    }


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def first_sentence(thing: object) -> str:
    """The first paragraph of a docstring in one line."""
    text = thing if isinstance(thing, str) else inspect.getdoc(thing) or ""
    return " ".join(text.split("\n\n")[0].split())


def api() -> str:
    """The public names of the package and of each room, with a page for each name; rooms whose extra is not installed are left out."""
    parts = []
    for package in ("radloupe", *(f"radloupe.{folder.name}" for folder in folders())):
        with suppress(ModuleNotFoundError, UsageError):
            module = import_module(package)
            if names := getattr(module, "__all__", ()):
                parts.append(f"## {package}\n\n{first_sentence(module)}\n\n{summary(module, names)}")
    return (
        "# Python interface\n\nPublic names, by package. What is not listed here is internal and may change without notice. "
        "`radloupe` itself imports in a moment: every name is loaded on first use.\n\n" + "\n".join(parts)
    )


def folders() -> list[Path]:
    """The rooms of the package."""
    return sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))


def summary(package: ModuleType, names: Iterable[str]) -> str:
    """An autosummary directive for the classes and functions of a package, and a line that names its tables and constants."""
    documented = [name for name in names if inspect.isclass(getattr(package, name)) or inspect.isroutine(getattr(package, name))]
    others = ", ".join(f"`{name}`" for name in names if name not in documented)
    lines = "".join(f"   {name}\n" for name in documented)
    options = "   :toctree: ../api\n   :nosignatures:\n"
    directive = f"```{{eval-rst}}\n.. currentmodule:: {package.__name__}\n\n.. autosummary::\n{options}\n{lines}```\n"
    return (directive if documented else "") + (f"\nTables and constants: {others}.\n" if others else "")


def rooms() -> str:
    """The map of the package: each room with what it is for."""
    sources = ((folder.name, (folder / "__init__.py").read_text(encoding="utf-8")) for folder in folders())
    rows = [(f"`radloupe.{name}`", first_sentence(ast.get_docstring(ast.parse(source)) or "")) for name, source in sources]
    return (
        "# Map of the package\n\nEach package states its purpose in its docstring; this table is generated from them. "
        "Imports point one way: "
        "see [Contributing](../../contributing.md).\n\n" + table(("package", "purpose"), rows)
    )


def command_line() -> str:
    """Every command with its arguments and options, as `--help` prints them."""
    from radloupe.cli.main import app

    group = typer.main.get_command(app)
    commands: Mapping[str, Any] = group.commands  # type: ignore[attr-defined]
    head = (
        "# Command line\n\n`radloupe COMMAND --help` prints the same. `--json` prints exactly one JSON object on standard output; "
        "errors go to "
        "standard error as one paragraph, with an [exit code](exit-codes.md). `--debug` anywhere adds a traceback.\n"
    )
    return head + "".join(f"\n## {name}\n\n{command(name, one)}" for name, one in commands.items() if not one.hidden)


def command(name: str, one: Any) -> str:
    """One command: usage, description, and a table of parameters."""
    arguments = [p for p in one.params if p.param_type_name == "argument"]
    usage = " ".join(["radloupe", name, *(p.name.upper() + ("..." if p.nargs < 0 else "") for p in arguments), "[OPTIONS]"])
    rows = [(f"`{spelled(p)}`", " ".join((getattr(p, "help", "") or "").split()), default(p)) for p in one.params if p.name != "help"]
    return f"{' '.join((one.help or '').split())}\n\n```text\n{usage}\n```\n\n{table(('parameter', 'meaning', 'default'), rows)}"


def spelled(parameter: Any) -> str:
    """How a parameter is written on the command line."""
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    return ", ".join([*parameter.opts, *parameter.secondary_opts])


def default(parameter: Any) -> str:
    """Its default, `required`, or nothing."""
    if parameter.required:
        return "required"
    value = parameter.default
    plain = isinstance(value, str | int | float | Path) and not isinstance(value, bool)
    return f"`{value}`" if plain and str(value) else "`on`" if value is True else ""


def degradations() -> str:
    """The presets: settings, and an image of each."""
    from radloupe.degradation import PRESETS, centred

    rows = []
    for name, preset in PRESETS.items():
        grid = "centres" if centred(name, 2) else "first pixels"
        settings = ", ".join(f"`{key}={json.dumps(value, default=str)}`" for key, value in vars(preset.settings).items())
        rows.append((f"`{name}`", "yes" if preset.drawn else "no", grid, settings))
    return (
        "# Degradation presets\n\n`radloupe degrade FILE --preset NAME --scale N --set name=value`. *Random* presets draw their parameters "
        "from the seed and are defined on grey levels 0 to 255. *Grid* says which point of the high grid a low pixel lies on: the "
        "centre of the pixels that it covers (half-pixel convention), or the first of them.\n\n"
        + table(("preset", "random", "grid", "settings and defaults"), rows)
        + "\n## What each does\n\nA CT slice of the temporal bone (a sample image of pydicom, 160 x 160 pixels), degraded by 2 with "
        "seed 0 and "
        "shown with nearest-neighbour enlargement in one window.\n\n" + gallery(FOLDER, tuple(PRESETS))
    )


def losses() -> str:
    """The losses with signature and definition."""
    from radloupe.losses import LOSSES

    rows = ((f"`{name}`", *described(function_of(LOSSES[name]))) for name in LOSSES)
    return (
        "# Losses\n\nTerms of a training objective, by the name that recipes use. All compute in float32, whatever the precision of the "
        "network.\n\n" + table(("loss", "function", "definition"), rows)
    )


def metrics() -> str:
    """The metrics with signature and definition."""
    from radloupe.metrics import METRICS

    rows = ((f"`{name}`", *described(function_of(METRICS[name]))) for name in METRICS)
    return (
        "# Metrics by name\n\n`radloupe measure --metric NAME` adds one to the report; [Metrics](../../metrics.md) explains protocols, "
        "masks and intervals.\n\n" + table(("metric", "function", "definition"), rows)
    )


def function_of(row: Any) -> Any:
    """The function in a row of a table: its first field that can be called."""
    return next(value for value in vars(row).values() if callable(value)) if hasattr(row, "__dataclass_fields__") else row


def described(function: Any) -> tuple[str, str]:
    """Where a function lives, with the settings that a `partial` fixes, and the first paragraph of its docstring."""
    settings = ""
    if isinstance(function, partial):
        settings = f" with {', '.join(f'`{name}={value!r}`' for name, value in function.keywords.items())}" if function.keywords else ""
        function = function.func
    function = inspect.unwrap(function)
    name = getattr(function, "__qualname__", type(function).__name__)
    return f"`{function.__module__}.{name}`{settings}", first_sentence(function)


def formats() -> str:
    """The file formats."""
    from radloupe.formats import FORMATS

    rows = ((form.name, " ".join(f"`{e}`" for e in form.extensions), "yes" if form.writes else "no") for form in FORMATS)
    return (
        "# File formats\n\nThe content decides what a file is, not its name; a file that is written gets the format of its extension.\n\n"
        + table(("format", "extensions", "written"), rows)
    )


def exit_codes() -> str:
    """Error classes and their exit codes."""
    from radloupe.core import errors

    rows = [("0", "", "Done.")]
    classes = (c for c in vars(errors).values() if inspect.isclass(c) and hasattr(c, "exit_code"))
    rows += sorted((str(c.exit_code), f"`radloupe.core.errors.{c.__name__}`", first_sentence(c)) for c in classes)
    return "# Errors and exit codes\n\nThe command line leaves with the code of the error class that Python raises.\n\n" + table(
        ("exit code", "class", "meaning"), rows
    )


def recipes() -> str:
    """The recipes with their phases."""
    from radloupe.papers.recipes import RECIPES

    rows = []
    for name in RECIPES:
        recipe = RECIPES[name]
        phases = ", ".join(f"{p.name} ({p.steps:,} {p.unit})" for p in recipe.phases)
        rows.append((f"`{name}`", recipe.variant, recipe.scale, f"`{recipe.data.degradation}`", phases, recipe.paper))
    return "# Recipes by name\n\n`radloupe train NAME`; [Training](../../training.md) explains what a recipe is.\n\n" + table(
        ("recipe", "variant", "scale", "degradation", "phases", "source"), rows
    )


def engines() -> str:
    """The engines that compute digitally reconstructed radiographs."""
    from radloupe.drr.project_options import ENGINES

    rows = []
    for name in ENGINES:
        module = import_module(getattr(ENGINES[name], "__module__", "radloupe.drr.engines"))
        rows.append((f"`{name}`", f"`{module.__name__}`", first_sentence(module)))
    return (
        "# Projection engines\n\n`radloupe project --engine NAME`; "
        "[Digitally reconstructed radiographs](../../projection.md) gives their accuracy.\n\n" + table(("engine", "module", "method"), rows)
    )


def write(*_: object) -> None:
    """Write the pages whose text has changed."""
    shutil.rmtree(API, ignore_errors=True)  # pages of names that are gone
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in pages().items():
        path, text = FOLDER / f"{name}.md", make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


CODE = re.compile(r"(`+[^`]+`+)")
MARKUP = re.compile(r"[*|]|(?<=\w)_(?!\w)")


def as_rst(_app: object, _what: str, _name: str, _thing: object, _options: object, lines: list[str]) -> None:
    """Docstrings mark code with single backquotes, as Markdown does: to reStructuredText, in place."""
    parts = CODE.split("\n".join(lines))
    parts[::2] = [MARKUP.sub(lambda found: "\\" + found[0], part) for part in parts[::2]]
    parts[1::2] = [f"``{part.strip('`')}``" for part in parts[1::2]]
    lines[:] = "".join(parts).split("\n")


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", as_rst, priority=900)  # after napoleon
    app.connect("config-inited", write)  # before Sphinx looks which pages there are
    return {"parallel_read_safe": True}
