"""The same work on one input or many: what fails is named in a row of its own, and the others go on."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import typer

from radloupe import files
from radloupe.cli import console, paths
from radloupe.errors import InputError, RadloupeError
from radloupe.formats.contents import Aside

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
    """Do every job and report a row for every item: `done`, `failed` or `skipped`, with the reason.

    `line` is the text of a row that is done; `others` are inputs of the call that are not jobs. Raises, before anything is done,
    `UsageError` for an output that exists and may not be replaced, or that would change an input; after the report, the error of a single
    item as it is, or for many the class of error that all share, else `InputError`.
    """
    jobs = [item for item in items if isinstance(item, paths.Job)]
    sources = {*others, *(item.input for item in items if isinstance(item, paths.Job) or not item.input.is_dir())}
    files.check_outputs([job.output for job in jobs], overwrite, sources)
    rows: list[Row] = []
    errors: list[RadloupeError] = []
    with console.notes_for_warnings():
        for item in items:
            row, error = attempt(item, work)
            if row["reason"] and len(items) > 1:
                console.note(f"{row['input']}: {row['status']}: {row['reason']}")
            if row["status"] == "done" and not as_json:
                typer.echo(line(row))
            rows.append(row)
            errors += [error] if error else []
    if as_json:
        console.print_json({"outputs": rows})
    finish([row["status"] for row in rows], errors)


def attempt(item: Item, work: Callable[[paths.Job], Row]) -> tuple[Row, RadloupeError | None]:
    """The row of an item, and the error where it fails."""
    if isinstance(item, Aside):
        return row_of(item.input, item.status, item.reason, item.error), item.error
    series = {"series": item.series} if item.series else {}
    try:
        return work(item) | series | {"status": "done", "reason": item.why or None}, None
    except Exception as found:  # a bug that one image brings out is no reason to leave the others undone
        error = console.known(found)
        return row_of(item.input, "failed", str(error), error) | series, error


def row_of(path: Path, status: str, reason: str, error: RadloupeError | None) -> Row:
    """The row of an input without an output."""
    code = {"exit_code": error.exit_code} if error else {}
    return {"input": str(path), "output": None, "status": status, "reason": reason} | code


def finish(statuses: Sequence[str], errors: Sequence[RadloupeError]) -> None:
    """Sum up many items on standard error, and raise where some failed."""
    if len(statuses) == 1 and errors:
        raise errors[0]
    count = Counter(statuses)
    summary = ", ".join(f"{count[status]} {status}" for status in ("done", "failed", "skipped"))
    if errors:
        kinds = {type(error) for error in errors}
        raise (kinds.pop() if len(kinds) == 1 else InputError)(f"{summary}. The reasons stand above.") from errors[0]
    if len(statuses) > 1:
        console.note(f"{summary}.")
