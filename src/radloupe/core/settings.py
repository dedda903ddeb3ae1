"""Settings: frozen dataclasses, strictly typed and within their ranges, whose fields can be changed by name and path.

Types and ranges are checked in `__post_init__`, by the same declarations (`within`) that texts of the command line are read by. pydantic
would replace the construction alone, not the paths, the parsing and the wording of errors, and its import takes 0.1 s, a third of
what `radloupe --help` may take in all.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, is_dataclass, replace
from functools import cache
from numbers import Integral, Real
from types import UnionType
from typing import Any, Literal, TypeVar, dataclass_transform, get_args, get_origin, get_type_hints

from radloupe.core.errors import UsageError
from radloupe.core.tables import suggest

Settings = TypeVar("Settings")
WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", type(None): "none"}


def within(default: Any, low: float, high: float) -> Any:
    """Field of a settings class with numbers between `low` and `high`."""
    return field(default=default, metadata={"range": (low, high)})


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def validated(kind: type[Settings]) -> type[Settings]:
    """Class decorator: a frozen dataclass whose fields are checked on construction.

    Raises `UsageError` with the field, the type and range that were expected, and the value that was found.

    >>> @validated
    ... class Noise:
    ...     sigma: float = within(1.0, 0.0, 5.0)
    >>> Noise(-1.0)
    Traceback (most recent call last):
    radloupe.core.errors.UsageError: Expected a number from 0 to 5 for the parameter sigma, found -1.0.
    """
    kind.__post_init__ = validate  # type: ignore[attr-defined]
    return dataclass(frozen=True)(kind)


def validate(values: Any) -> None:
    """Raise `UsageError` for the first field whose value has another type, or lies outside its range."""
    kinds = kinds_of(type(values))  # type: ignore[arg-type]  # a class is hashable
    for one in fields(values):
        value = getattr(values, one.name)
        if not (fits(kinds[one.name], value) and in_range(one, value)):
            words = expected(one, kinds[one.name]) if is_single(kinds[one.name]) else kinds[one.name]
            raise UsageError(f"Expected {words} for the parameter {one.name}, found {value!r}.")


kinds_of = cache(get_type_hints)
"""The annotated types of a settings class by field, with names looked up."""


def fits(kind: Any, value: object) -> bool:
    """Whether a value is of a type; whole numbers count as real ones."""
    inner = get_args(kind)
    if isinstance(kind, UnionType):
        return any(fits(one, value) for one in inner)
    if get_origin(kind) is Literal:
        return value in inner
    if get_origin(kind) is tuple:
        kinds = inner[:1] * len(value) if isinstance(value, tuple) and Ellipsis in inner else inner
        return isinstance(value, tuple) and len(kinds) == len(value) and all(map(fits, kinds, value))
    if get_origin(kind) is Mapping:
        return isinstance(value, Mapping) and all(fits(inner[0], key) and fits(inner[1], one) for key, one in value.items())
    if kind in (int, float):
        return isinstance(value, Integral if kind is int else Real) and not isinstance(value, bool)
    return kind is Any or isinstance(value, kind)


def is_single(kind: Any) -> bool:
    """Whether a type is that of one value or a few numbers, which the command line can set."""
    inner = [one for one in get_args(kind) if one is not Ellipsis]
    return kind in WORDS or get_origin(kind) is Literal or (bool(inner) and get_origin(kind) is not Mapping and all(map(is_single, inner)))


def in_range(one: "Field[Any]", value: object) -> bool:
    """Whether the numbers of a field's value lie in its range, if it has one."""
    low, high = one.metadata.get("range", (None, None))
    numbers: Any = value if isinstance(value, tuple) else (value,)
    return low is None or value is None or (bool(numbers) and all(low <= number <= high for number in numbers))


def expected(one: "Field[Any]", kind: Any) -> str:
    """A field's type and range in words."""
    low, high = one.metadata.get("range", (None, None))
    return described(kind) + (f" from {low:g} to {high:g}" if low is not None else "")


def changed(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """Settings with some fields replaced by values or their texts; raises `UsageError`.

    >>> from radloupe.degradation.xpgan import Xpgan
    >>> changed(Xpgan(), {"k": "10"}).k
    10
    """
    known = {one.name: one for one in fields(settings)}  # type: ignore[arg-type]
    for name in changes.keys() - known.keys():
        raise UsageError(f"Unknown parameter {name!r}.{suggest(name, known) if known else ' This preset has none.'}")
    return replace(settings, **{name: value_of(known[name], value) for name, value in changes.items()})  # type: ignore[type-var]


def changed_at(settings: Settings, path: str, given: object) -> Settings:
    """Settings with one field replaced, named by a dotted path, through nested settings, rows of tuples and keys of mappings.

    Raises `UsageError` with the nearest name for an unknown field.

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
    """The settings, tuple or mapping with the field `rest` inside it replaced."""
    if is_dataclass(value):
        return changed_at(value, rest, given)
    if not isinstance(value, tuple | Mapping):
        raise UsageError(f"Unknown field {path!r}: there is nothing inside {path.removesuffix('.' + rest)!r}.")
    key, _, inner = rest.partition(".")
    rows = dict(enumerate(value)) if isinstance(value, tuple) else dict(value)
    row_keys = {str(row_key): row_key for row_key in rows}
    if key not in row_keys:
        raise UsageError(f"Unknown field {path!r}.{suggest(key, row_keys) if row_keys else ' It is empty.'}")
    old = rows[row_keys[key]]
    rows[row_keys[key]] = within_container(old, path, inner, given) if inner else like(old, given, path)
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
    return kinds_of(type(settings))[name]  # type: ignore[arg-type]  # a class is hashable


def value_of(one: "Field[Any]", given: object, kind: Any = None) -> object:
    """Value for a field, parsed and checked; raises `UsageError` for another type or range."""
    kind = kind or one.type
    if given in (None, "none") and type(None) in get_args(kind):
        return None
    value = parse(kind, given)
    if value is None or not in_range(one, value):
        raise UsageError(f"Expected {expected(one, kind)} for the parameter {one.name}, found {given!r}.")
    return value


def parse(kind: Any, given: object) -> Any:
    """Value of a kind (int, float, bool, words, several numbers) from a value or a text; None where it is of another kind."""
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
        raise UsageError("Expected the name of a single value, found one that holds several. Name a field inside it.")
    return WORDS[kind]


def rebuilt(kind: Any, value: Any) -> Any:
    """Value of a kind from its JSON form: objects become settings, lists become tuples.

    Raises `TypeError` or `KeyError` for something else.
    """
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**{name: rebuilt(kinds_of(kind)[name], part) for name, part in value.items()})
    inner = get_args(kind)
    if get_origin(kind) is tuple and value is not None:
        kinds = inner[:1] * len(value) if Ellipsis in inner else inner
        return tuple(rebuilt(one, part) for one, part in zip(kinds, value, strict=True))
    if get_origin(kind) is Mapping:
        return {name: rebuilt(inner[1], part) for name, part in value.items()}
    if isinstance(kind, UnionType) and value is not None:
        return rebuilt(next(one for one in inner if one is not type(None)), value)
    return value
