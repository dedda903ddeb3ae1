"""Settings: frozen dataclasses whose fields can be changed by name, strictly typed and within their ranges."""

from collections.abc import Mapping
from dataclasses import Field, field, fields, is_dataclass, replace
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from radloupe.core.errors import UsageError
from radloupe.core.tables import suggest

Settings = TypeVar("Settings")
WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", type(None): "none"}


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


def changed_at(settings: Settings, path: str, given: object) -> Settings:
    """Settings with the one place replaced that a dotted path names, through nested settings, rows of tuples and keys of mappings.

    Raises `UsageError` with the nearest name for a place that does not exist.

    >>> from radloupe.degradation.xpgan import Xpgan
    >>> changed_at(Xpgan(), "k", "10").k
    10
    """
    first, _, rest = path.partition(".")
    names = {one.name: one for one in fields(settings)}  # type: ignore[arg-type]
    if first not in names:
        raise UsageError(f"Unknown field {path!r}.{suggest(first, names)}")
    if not rest:
        return replace(settings, **{first: value_of(names[first], given, kind_of(settings, first))})  # type: ignore[type-var]
    return replace(settings, **{first: within_container(getattr(settings, first), path, rest, given)})  # type: ignore[type-var]


def within_container(value: Any, path: str, rest: str, given: object) -> Any:
    """The settings, tuple or mapping with the place `rest` inside it replaced."""
    if is_dataclass(value):
        return changed_at(value, rest, given)
    if not isinstance(value, tuple | Mapping):
        raise UsageError(f"Unknown field {path!r}: there is nothing inside {path.removesuffix('.' + rest)!r}.")
    key, _, inner = rest.partition(".")
    rows = dict(enumerate(value)) if isinstance(value, tuple) else dict(value)
    places = {str(place): place for place in rows}
    if key not in places:
        raise UsageError(f"Unknown field {path!r}.{suggest(key, places) if places else ' It is empty.'}")
    old = rows[places[key]]
    rows[places[key]] = within_container(old, path, inner, given) if inner else like(old, given, path)
    return tuple(rows.values()) if isinstance(value, tuple) else rows


def like(old: Any, given: object, path: str) -> Any:
    """A value of the same kind as the one it replaces; raises `UsageError`."""
    kind = tuple[type(old[0]), ...] if isinstance(old, tuple) and old else type(old)  # type: ignore[misc]
    value = parse(kind, given)
    if value is None:
        raise UsageError(f"Expected {described(kind)} for {path}, found {given!r}.")
    return value


def kind_of(settings: Any, name: str) -> Any:
    """The annotated type of a field, with names looked up."""
    return get_type_hints(type(settings))[name]


def value_of(one: "Field[Any]", given: object, kind: Any = None) -> object:
    """A value for a field, once its type and range are right."""
    kind = kind or one.type
    if given in (None, "none") and type(None) in get_args(kind):
        return None
    value = parse(kind, given)
    low, high = one.metadata.get("range", (None, None))
    numbers = value if isinstance(value, tuple) else (value,)
    if value is None or (low is not None and not (numbers and all(low <= number <= high for number in numbers))):
        between = f" from {low:g} to {high:g}" if low is not None else ""
        raise UsageError(f"Expected {described(kind)}{between} for the parameter {one.name}, found {given!r}.")
    return value


def parse(kind: Any, given: object) -> Any:
    """A value of a kind (int, float, bool, words, several numbers) from a value or a text; None where it is no such thing."""
    if isinstance(kind, UnionType):
        return next((value for option in get_args(kind) if (value := parse(option, given)) is not None), None)
    if kind is type(None):
        return None
    if kind is str:
        return str(given)
    if get_origin(kind) is Literal:
        return given if given in get_args(kind) else None
    if get_origin(kind) is tuple:
        parts = given.split(",") if isinstance(given, str) else given if isinstance(given, tuple | list) else [None]
        values = tuple(parse(get_args(kind)[0], part) for part in parts)
        right = len(values) == len(get_args(kind)) or Ellipsis in get_args(kind)
        return values if right and None not in values else None
    if kind is bool:
        return {"true": True, "false": False}.get(str(given).lower())
    return number(kind, given) if kind in (int, float) else None


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
    if isinstance(kind, UnionType):
        return " or ".join(described(option) for option in get_args(kind))
    if kind not in WORDS:
        raise UsageError("Expected the name of a single value, found one that holds several. Name a place inside it.")
    return WORDS[kind]


def rebuilt(kind: Any, value: Any) -> Any:
    """A value of a kind from what JSON keeps of it: objects become settings again, lists become tuples.

    Raises `TypeError` or `KeyError` for something else.
    """
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{name: rebuilt(hints[name], part) for name, part in value.items()})
    inner = get_args(kind)
    if get_origin(kind) is tuple and value is not None:
        kinds = inner[:1] * len(value) if Ellipsis in inner else inner
        return tuple(rebuilt(one, part) for one, part in zip(kinds, value, strict=True))
    if get_origin(kind) is Mapping:
        return {name: rebuilt(inner[1], part) for name, part in value.items()}
    if isinstance(kind, UnionType) and value is not None:
        return rebuilt(next(one for one in inner if one is not type(None)), value)
    return value
