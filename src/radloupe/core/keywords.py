"""Options declared once as fields of a class with help and choices, and functions that take them as keyword arguments."""

import inspect
from collections.abc import Callable, Collection
from dataclasses import MISSING, field, fields
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from radloupe.core.tables import check_choice

Fields = ParamSpec("Fields")
Value = TypeVar("Value")
Options = TypeVar("Options")
Result = TypeVar("Result")


REQUIRED: Any = MISSING
"""Sentinel of an option without a default."""


def option(default: Any, help: str, choices: Collection[str] = ()) -> Any:
    """Field of an options class; `choices`, if any, are its valid values."""
    return field(default=default, metadata={"help": help, "choices": tuple(choices)})


def check_choices(options: Any) -> None:
    """Raise `UsageError` for a value outside an option's choices; None is always valid."""
    for one in fields(options):
        value, choices = getattr(options, one.name), one.metadata.get("choices")
        if choices and value is not None:
            check_choice(one.name.replace("_", " "), value, choices)


def keywords_of(
    options: Callable[Fields, Options],
) -> Callable[[Callable[[Value, Options], Result]], Callable[Concatenate[Value, Fields], Result]]:
    """Decorator that turns `function(value, options)` into `function(value, **fields)`, with the types and defaults of the fields."""

    def decorate(function: Callable[[Value, Options], Result]) -> Callable[Concatenate[Value, Fields], Result]:
        @wraps(function)
        def call(value: Value, /, *args: Fields.args, **kwargs: Fields.kwargs) -> Result:
            return function(value, options(*args, **kwargs))

        own = inspect.signature(function)
        first, *_ = own.parameters.values()
        fields = inspect.signature(options).parameters.values()
        first = first.replace(kind=inspect.Parameter.POSITIONAL_ONLY)
        call.__signature__ = own.replace(parameters=[first, *fields])  # type: ignore[attr-defined]  # what `help` shows
        return call

    return decorate
