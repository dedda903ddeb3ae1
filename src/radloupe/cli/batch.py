"""The same work on one input or many: what fails among many is noted, and the others go on."""

from collections.abc import Callable
from typing import Any

from radloupe import files
from radloupe.cli import console, paths
from radloupe.errors import RadloupeError

Row = dict[str, Any]


def each(jobs: list[paths.Job], overwrite: bool, work: Callable[[paths.Job], Row], report: Callable[[list[Row]], None]) -> None:
    """Do every job and report the rows of those that succeed.

    Raises `UsageError` before anything is done for an output that exists and may not be replaced; the error of a single job as it is; the
    first kind of error of many after the report.
    """
    for job in jobs:
        files.check_output(job.output, overwrite)
    done: list[Row] = []
    failed: RadloupeError | None = None
    with console.notes_for_warnings():
        for job in jobs:
            try:
                done.append(work(job))
            except RadloupeError as error:
                if len(jobs) == 1:
                    raise
                console.note(f"{job.input}: {error}")
                failed = failed or error
    report(done)
    if failed:
        raise type(failed)(f"{len(jobs) - len(done)} of {len(jobs)} inputs failed; the reasons stand above.")
