"""Queue of tables: which ones are made next and how, worked through in slices of any length."""

import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from radloupe.core.errors import UsageError
from radloupe.core.settings import validated, within
from radloupe.papers.runner.equal_budget import Budget
from radloupe.papers.runner.reproduce import Progress, Say, Workspace, reproduce
from radloupe.papers.runner.reproduce_options import Networks
from radloupe.papers.table_registry import TABLES


@validated
class QueuedTable:
    """A table to make, and with what budget."""

    table: str
    networks: Networks = "small"
    steps: int = within(0, 0, 10**9)
    """Of each row; 0 for the length of the recipes, or of reduced networks for their usual number."""
    seeds: int = within(0, 0, 100)
    """Training runs of each row; 0 for as many as the table asks for."""
    seed: int = within(0, 0, 2**31)
    """Of the first one."""


def read_queue(path: Path) -> list[QueuedTable]:
    """The tables of a TOML file with one section `[[queue]]` each, in order; raises `UsageError` for another file."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["queue"]
        found = [QueuedTable(**entry) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"Expected a queue of tables in {path}, a section [[queue]] for each, found none: {error}.") from error
    for one in found:
        TABLES[one.table]  # an unknown one is refused before anything is trained
    return found


def work(queue: list[QueuedTable], workspace: Workspace, vgg19: str, say: Say, progress: Progress) -> Iterator[dict[str, Any]]:
    """Go on with the queue until `workspace.minutes` are over; gives how far each table came that was worked on.

    Runs with the paper's networks and those with reduced ones lie in folders of their own under `workspace.run`. Finished tables are passed
    over: delete their results to have them measured again.
    """
    ends = time.monotonic() + 60 * workspace.minutes
    for one in queue:
        own = replace(workspace, run=workspace.run / one.networks, seeds=one.seeds or None, fill_minutes=False, minutes=left(ends))
        if (own.run / "results" / one.table.replace("/", "-")).exists():
            continue
        say(f"{one.table}: {one.networks} networks")
        record = reproduce(TABLES[one.table], own, Budget(one.networks, one.steps or None, one.seed, vgg19), say, progress)
        yield record
        if not record["finished"]:
            return


def left(ends: float) -> float:
    """The minutes until a time."""
    return max(0.0, ends - time.monotonic()) / 60
