"""Functions that take the fields of an options class as keyword arguments, so that options are declared once."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

Fields = ParamSpec("Fields")
Value = TypeVar("Value")
Options = TypeVar("Options")
Result = TypeVar("Result")


def keywords_of(
    options: Callable[Fields, Options],
) -> Callable[[Callable[[Value, Options], Result]], Callable[Concatenate[Value, Fields], Result]]:
    """A decorator that turns `function(value, options)` into `function(value, **fields)`, with the types and defaults of the fields."""

    def decorate(function: Callable[[Value, Options], Result]) -> Callable[Concatenate[Value, Fields], Result]:
        @wraps(function)
        def call(value: Value, *args: Fields.args, **kwargs: Fields.kwargs) -> Result:
            return function(value, options(*args, **kwargs))

        own = inspect.signature(function)
        first, *_ = own.parameters.values()
        fields = inspect.signature(options).parameters.values()
        call.__signature__ = own.replace(parameters=[first, *fields])  # type: ignore[attr-defined]  # what `help` shows
        return call

    return decorate
