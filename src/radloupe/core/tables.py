"""Tables of names: each holds `"module:attribute"` strings that are imported when first asked for."""

import difflib
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from typing import Any

from radloupe.core.errors import UsageError


class Table(Mapping[str, Any]):
    """Names to things of one kind. Adding one is adding a line; an optional dependency breaks only its own row."""

    def __init__(self, kind: str, rows: Mapping[str, str]) -> None:
        self.kind, self.rows = kind, dict(rows)

    def __getitem__(self, name: str) -> Any:
        """The thing called `name`; raises `UsageError` with the nearest name when there is none."""
        check_choice(self.kind, name, self.rows)
        module, attribute = self.rows[name].split(":")
        return getattr(import_module(module), attribute)

    def __contains__(self, name: object) -> bool:
        return name in self.rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def check_choice(kind: str, name: str, known: Collection[str]) -> None:
    """Refuse a name that is not among the known ones (`UsageError` with the nearest of them)."""
    if name not in known:
        raise UsageError(f"Unknown {kind} {name!r}.{suggest(name, known)}")


def suggest(name: str, known: Collection[str]) -> str:
    """A sentence that names the nearest known name, or all of them."""
    near = difflib.get_close_matches(str(name), list(known), 1)
    return f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(known)}."
