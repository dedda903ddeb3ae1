"""The journal of a run: JSON lines and, optionally, TensorBoard events."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from radloupe.core import files
from radloupe.core.errors import UsageError

JOURNAL, CONFIG, LAST, EVENTS = "journal.jsonl", "config.json", "last.json", "events"


class Journal:
    """Journal of a run, open while it lasts. Rows hold the step, the phase, the mean of each loss since the last row, and the speed."""

    def __init__(self, run: Path, tensorboard: bool = False) -> None:
        self.path = run / JOURNAL
        self.file = self.path.open("a", encoding="utf-8")
        self.writer = events(run) if tensorboard else None
        self.count, self.waited, self.since = 0, 0.0, time.monotonic()

    def add(self, waited_s: float) -> None:
        """Count one step, and the seconds that it waited for its batch."""
        self.count += 1
        self.waited += waited_s

    def row(self, step: int, phase: str, sums: Mapping[str, float]) -> dict[str, Any]:
        """Write the means of losses, from their sums since the last row, and the speed; returns the row."""
        seconds = time.monotonic() - self.since
        means = {name: round(total / self.count, 8) for name, total in sums.items()}
        speed = {"steps_per_s": round(self.count / seconds, 3), "waiting_share": round(self.waited / seconds, 4)}
        row = {"step": step, "phase": phase} | means | speed
        self.write(row)
        self.count, self.waited, self.since = 0, 0.0, time.monotonic()
        return row

    def write(self, row: Mapping[str, Any]) -> None:
        """Write a row unchanged."""
        with files.translate_os_errors(self.path):
            self.file.write(json.dumps(row) + "\n")
            self.file.flush()
        if self.writer:
            for name, value in row.items():
                if isinstance(value, float):
                    self.writer.add_scalar(name, value, row["step"])

    def images(self, step: int, images: Mapping[str, Tensor]) -> None:
        """Put validation images (batch channel y x, 0 to 1) side by side into TensorBoard; nothing without it."""
        if self.writer:
            for name, batch in images.items():
                self.writer.add_images(name, batch.clamp(0, 1)[:, :1], step)

    def close(self) -> None:
        """Close the files."""
        with files.translate_os_errors(self.path):
            self.file.close()
        if self.writer:
            self.writer.close()


def events(run: Path) -> Any:
    """TensorBoard's writer for a run; raises `UsageError` where it is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UsageError("TensorBoard is not installed. Run: pip install 'radloupe[train]', or leave out `tensorboard`.") from error
    return SummaryWriter(str(run / EVENTS))


def rewind(run: Path, step: int) -> None:
    """Remove the rows after a step from a run's journal, and a truncated last line: those steps will be repeated.

    A journal with several hard links is rewritten, so that copies made by linking do not change.
    """
    path = run / JOURNAL
    kept = "".join(json.dumps(row) + "\n" for row in rows(run) if row["step"] <= step)
    if path.exists() and (path.stat().st_nlink > 1 or path.read_text(encoding="utf-8") != kept):
        with files.atomic(path, overwrite=True) as temporary:
            temporary.write_text(kept, encoding="utf-8")


def rows(run: Path) -> list[dict[str, Any]]:
    """The journal of a run, oldest row first; empty where there is none. A truncated last line is skipped."""
    path = run / JOURNAL
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found
