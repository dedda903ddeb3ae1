"""Batch processing of one or many inputs: failed inputs get rows of their own, and the others continue."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import typer

from radloupe.cli import console, paths
from radloupe.core import files
from radloupe.core.errors import InputError
from radloupe.formats.found import Aside

Row = dict[str, Any]
Item = paths.Job | Aside


def each(
    items: Sequence[Item],
    overwrite: bool,
    work: Callable[[paths.Job], Row],
    line: Callable[[Row], str],
    as_json: bool,
    others: Iterable[Path] = (),
) -> None:
    """Run every job and report a row for every item: `done`, `failed` or `skipped`, with the reason.

    `line` formats a row that is done; `others` are inputs of the call that are not jobs. Raises, before any work,
    `UsageError` for an output that exists and may not be replaced, or that would change an input; after the report, the error of a single
    item as it is, or for many the class of error that all share, else `InputError`.
    """
    jobs = [item for item in items if isinstance(item, paths.Job)]
    sources = {*others, *(item.input for item in items if isinstance(item, paths.Job) or not item.input.is_dir())}
    files.check_outputs([job.output for job in jobs], overwrite, sources)
    rows: list[Row] = []
    aside: list[Aside] = []
    for item in items:
        with console.notes_for_warnings(f"{item.input}: " if len(items) > 1 else ""):
            found = item if isinstance(item, Aside) else attempt(item.input, partial(work, item))
        if isinstance(found, Aside):
            aside.append(found)
        elif not as_json:
            typer.echo(line(found))
        rows.append(row_of(item, found))
        if len(items) > 1:
            say(rows[-1])
    if as_json:
        console.print_json({"outputs": rows})
    finish(len(items) - len(aside), aside)


def attempt(path: Path, work: Callable[[], Row]) -> Row | Aside:
    """Row of the work on an input, or the input set aside with its error."""
    try:
        return work()
    except Exception as found:  # a bug triggered by one image must not stop the others
        error = console.known(found)
        return Aside(path, str(error), error)


def row_of(item: Item, found: Row | Aside) -> Row:
    """Complete row of an item from the result of its work."""
    series = {"series": item.series} if isinstance(item, paths.Job) and item.series else {}
    if not isinstance(found, Aside):
        return found | series | {"status": "done", "reason": (isinstance(item, paths.Job) and item.why) or None}
    code = {"exit_code": found.error.exit_code} if found.error else {}
    return {"input": str(found.input), "output": None} | series | {"status": found.status, "reason": found.reason} | code


def say(row: Row) -> None:
    """Print the reason of a failed input, or of an incomplete series."""
    if row["reason"]:
        series = f" ({row['series']})" if "series" in row else ""
        console.note(f"{row['input']}{series}: {row['status']}: {row['reason']}")


def finish(done: int, aside: Sequence[Aside]) -> None:
    """Summarise many items on standard error, and raise where some failed."""
    errors = [item.error for item in aside if item.error]
    if errors and done + len(aside) == 1:
        raise errors[0]
    summary = f"{done} done, {len(errors)} failed, {len(aside) - len(errors)} skipped."
    if errors:
        kinds = {type(error) for error in errors}
        raise (kinds.pop() if len(kinds) == 1 else InputError)(f"{summary} The reasons stand above.") from errors[0]
    if done + len(aside) > 1:
        console.note(summary)
