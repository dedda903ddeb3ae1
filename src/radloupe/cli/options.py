"""Command-line options from the classes that declare them, and the flags in messages that name an option."""

import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import typer

NAMED = re.compile(r"`([a-z_]+)`")


def declared(kind: type, name: str) -> Any:
    """The typer option of a field of an options class, with its default, help and choices (`inference.options.option`)."""
    one = next(one for one in fields(kind) if one.name == name)
    return typer.Option(one.default, help=listing(one.metadata["help"], one.metadata["choices"]))


def listing(help: str, choices: Iterable[str]) -> str:
    """A help text followed by the values to choose from, if there are any."""
    names = list(choices)
    return f"{help.removesuffix('.')}: {', '.join(names)}." if names else help


def as_flags(text: str, names: Iterable[str]) -> str:
    """A message of the library with the options that it names in backticks as the flags of a command that has them.

    >>> as_flags("Choose a larger `memory`.", ["memory", "tile"])
    'Choose a larger --memory.'
    """
    known = {name: f"--{name.replace('_', '-')}" for name in names}
    return NAMED.sub(lambda found: known.get(found[1], found[0]), text)
