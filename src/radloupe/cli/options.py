"""Command-line options derived from options classes, and the flags of options in messages."""

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from inspect import signature
from typing import Any

import typer
from typer.models import OptionInfo

from radloupe.core.keywords import REQUIRED
from radloupe.evaluation.evaluate_options import EvaluateOptions

NAMED = re.compile(r"`([a-z_]+)`")


def declared(kind: type, name: str, *flags: str, text: str | None = None, **more: Any) -> Any:
    """Typer option derived from a field of an options class, with its default, help and choices (`core.keywords.option`).

    `flags` are its names if other than the field's; `text` is its default where the command takes a text instead of the value;
    `more` are arguments of typer such as `min` and `envvar`.
    """
    one = next(one for one in fields(kind) if one.name == name)
    default = ... if one.default is REQUIRED else one.default
    return typer.Option(default if text is None else text, *flags, help=listing(one.metadata["help"], one.metadata["choices"]), **more)


def listing(help: str, choices: Iterable[str]) -> str:
    """Help text followed by the choices, if there are any.

    >>> listing("Inference engine.", ["auto", "torch"])
    'Inference engine: auto, torch.'
    """
    names = list(choices)
    return f"{help.removesuffix('.')}: {', '.join(names)}." if names else help


MODALITY: Any = declared(EvaluateOptions, "modality")
WEIGHTS: Any = declared(EvaluateOptions, "weights", envvar="RADLOUPE_WEIGHTS")
PATIENTS: Any = typer.Option(None, help="CSV or JSON lines with the columns image and patient, for intervals over patients.")


def as_flags(text: str, flags: Mapping[str, str]) -> str:
    """Message of the library with options (Python names in backticks) replaced by the flags of the command line.

    >>> as_flags("Choose a larger `memory`.", {"memory": "--memory"})
    'Choose a larger --memory.'
    """
    return NAMED.sub(lambda found: flags.get(found[1], found[0]), text)


def flags_of_command() -> dict[str, str]:
    """Flags of the running command's options by parameter name."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    command = getattr(sys.modules.get(f"radloupe.cli.{name}"), name, None)  # one command per module, of the same name
    return {} if command is None else flags_of(command)


def flags_of(command: Any) -> dict[str, str]:
    """Flags of a command's options, by parameter name and by flag name."""
    options = {one.name: one.default for one in signature(command).parameters.values() if isinstance(one.default, OptionInfo)}
    long = {name: [flag for flag in option.param_decls or () if flag.startswith("--")] for name, option in options.items()}
    flags = {name: (found or [f"--{name.replace('_', '-')}"])[0] for name, found in long.items()}
    return flags | {flag.removeprefix("--").replace("-", "_"): flag for flag in flags.values()}
