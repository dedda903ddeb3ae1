"""Settings of presets: frozen dataclasses whose fields can be changed by name, strictly typed and within their ranges."""

from collections.abc import Mapping
from dataclasses import Field, field, fields, replace
from typing import Any, Literal, TypeVar, get_args, get_origin

from radloupe.errors import UsageError
from radloupe.tables import suggest

Settings = TypeVar("Settings")


def within(default: Any, low: float, high: float) -> Any:
    """A field of a settings class whose numbers lie between `low` and `high`."""
    return field(default=default, metadata={"range": (low, high)})


def changed(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """Settings with some fields replaced by values, or by texts that read as such; raises `UsageError`.

    >>> from radloupe.degradation.xpgan import Xpgan
    >>> changed(Xpgan(), {"k": "10"}).k
    10
    """
    known = {one.name: one for one in fields(settings)}  # type: ignore[arg-type]
    for name in changes.keys() - known.keys():
        raise UsageError(f"Unknown parameter {name!r}.{suggest(name, known) if known else ' This preset has none.'}")
    return replace(settings, **{name: value_of(known[name], value) for name, value in changes.items()})  # type: ignore[type-var]


def value_of(one: "Field[Any]", given: object) -> object:
    """A value for a field, once its type and range are right."""
    value = parse(one.type, given)
    low, high = one.metadata.get("range", (None, None))
    numbers = value if isinstance(value, tuple) else (value,)
    if value is None or (low is not None and not (numbers and all(low <= number <= high for number in numbers))):
        between = f" from {low:g} to {high:g}" if low is not None else ""
        raise UsageError(f"Expected {described(one.type)}{between} for the parameter {one.name}, found {given!r}.")
    return value


def parse(kind: Any, given: object) -> Any:
    """A value of a kind (int, float, bool, words, several numbers) from a value or a text; None where it is no such thing."""
    if get_origin(kind) is Literal:
        return given if given in get_args(kind) else None
    if get_origin(kind) is tuple:
        parts = given.split(",") if isinstance(given, str) else given if isinstance(given, tuple | list) else [None]
        values = tuple(parse(get_args(kind)[0], part) for part in parts)
        right = len(values) == len(get_args(kind)) or Ellipsis in get_args(kind)
        return values if right and None not in values else None
    if kind is bool:
        return {"true": True, "false": False}.get(str(given).lower())
    return number(kind, given)


def number(kind: type, given: object) -> int | float | None:
    """A whole or a real number; None where it is not one."""
    if isinstance(given, bool) or not isinstance(given, str | int | float) or (kind is int and isinstance(given, float)):
        return None
    try:
        return kind(given)
    except ValueError:
        return None


def described(kind: Any) -> str:
    """A kind in words."""
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    if get_origin(kind) is tuple:
        return f"{'numbers' if Ellipsis in get_args(kind) else f'{len(get_args(kind))} numbers'} with commas between them"
    return {int: "a whole number", float: "a number", bool: "true or false"}[kind]
