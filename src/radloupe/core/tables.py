"""Tables of names: `"module:attribute"` strings that are imported on first use."""

import difflib
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from typing import Any

from radloupe.core.errors import UsageError


class Table(Mapping[str, Any]):
    """Mapping from names to objects of one kind, imported on first use; a missing optional dependency affects only its own rows."""

    def __init__(self, kind: str, rows: Mapping[str, str]) -> None:
        self.kind, self.rows = kind, dict(rows)

    def __getitem__(self, name: str) -> Any:
        """Object called `name`; raises `UsageError` with the most similar name for an unknown one."""
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
    """Raise `UsageError` with the most similar name for an unknown one."""
    if name not in known:
        raise UsageError(f"Unknown {kind} {name!r}.{suggest(name, known)}")


def suggest(name: str, known: Collection[str]) -> str:
    """Sentence with the most similar known name, or all of them."""
    near = difflib.get_close_matches(str(name), list(known), 1)
    return f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(known)}."
