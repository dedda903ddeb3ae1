"""Console output of commands: JSON, tables, notes, and progress."""

import json
import math
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from radloupe.cli.options import as_flags, flags_of_command
from radloupe.core.errors import LimitError, RadloupeError, RadloupeWarning

LINE_EVERY_S = 10.0
"""Seconds between lines of progress where standard error is piped."""


def print_json(value: Any) -> None:
    """Print exactly one JSON value; infinity and NaN become null."""
    typer.echo(json.dumps(finite(value), ensure_ascii=False, allow_nan=False))


def finite(value: Any) -> Any:
    """The value with None in place of infinity and NaN."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    """Print rows of one kind: by rich on a terminal, as aligned plain text of any width when piped."""
    lines = [list(rows[0]), *([cell(v) for v in row.values()] for row in rows)]
    if sys.stdout.isatty():
        print_rich(lines)
        return
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        typer.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def print_rich(lines: Sequence[Sequence[str]]) -> None:
    """Print a header and lines as a rich table; long cells are folded to the width of the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for title in lines[0]:
        table.add_column(escape(title), overflow="fold")
    for line in lines[1:]:
        table.add_row(*map(escape, line))
    Console().print(table)


def cell(value: Any) -> str:
    """A value as the text of a table's cell, real numbers to six digits."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def note(text: str) -> None:
    """Print a note on standard error, with options named by their flags."""
    typer.echo(f"radloupe: {as_flags(text, flags_of_command())}", err=True)


def known(error: Exception) -> RadloupeError:
    """The error as a `RadloupeError` with one paragraph: `LimitError` for exhausted memory, a bug report for other foreign exceptions."""
    if isinstance(error, RadloupeError):
        return error
    if isinstance(error, MemoryError):
        found: RadloupeError = LimitError("Memory ran out. Use a smaller image, or a smaller `memory` so that the tiles get smaller.")
    else:
        found = RadloupeError(
            f"A bug in Radloupe: {type(error).__name__}: {error}. Please report it with the output of the same command and --debug."
        )
    found.__cause__ = error
    return found


@contextmanager
def notes_for_warnings(about: str = "") -> Iterator[None]:
    """Context that prints Radloupe's own warnings as notes after their subject `about`, and suppresses those of libraries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", RadloupeWarning)
        warnings.showwarning = lambda message, *_, **__: note(f"{about}{message}")
        yield


class ProgressLines:
    """Progress as lines on standard error, one every `LINE_EVERY_S` seconds; none for shorter work."""

    def __init__(self, title: str, total: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.title, self.total, self.clock = title, total, clock
        self.done, self.last = 0, clock()

    def advance(self, steps: int) -> None:
        """Advance by a number of steps."""
        self.done += steps
        if (now := self.clock()) - self.last >= LINE_EVERY_S:
            self.last = now
            note(f"{self.title}: {self.done}" + (f" of {self.total} ({self.done / self.total:.0%})" if self.total else ""))


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Context of a progress display: a bar on a terminal, lines where standard error is piped, nothing with `--json`.

    It yields the function that advances it by a number of steps.
    """
    if not sys.stderr.isatty():
        yield (lambda steps: None) if "--json" in sys.argv else ProgressLines(title, total).advance
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda steps: bar.advance(task, steps)
