"""Record of the files that this program wrote to a folder: only files that match it, byte for byte, are ever replaced.

The record is a hidden file with the size and SHA-256 of every file, so that copies of the folder are recognised, and a digest of itself.
"""

import json
import stat
from collections.abc import Collection, Mapping
from pathlib import Path

from radloupe.core.errors import UsageError
from radloupe.core.files.fingerprint import Entries, entries, sha256

RECORD = ".radloupe.json"
PROGRAM = "radloupe"
LONGEST = 2**28
"""Largest record read: two million files with names of 60 letters."""
LISTED = 3
"""Names listed in a message."""

Content = tuple[int, str] | None
"""Size in bytes and SHA-256 of a file; None for a folder."""


def write(folder: Path) -> None:
    """Write the record of a folder's present contents."""
    holds = {name: content(folder / name) for name in entries(folder)}
    record = {"program": PROGRAM, "holds": holds, "sha256": digest(holds)}
    (folder / RECORD).write_text(json.dumps(record, indent=0) + "\n", encoding="utf-8")


def content(path: Path) -> Content:
    """The record of a file or a folder."""
    return None if path.is_dir() else (path.stat().st_size, sha256(path))


def digest(holds: object) -> str:
    """Digest of a record, by which changes and truncation are detected."""
    return sha256(json.dumps(holds, sort_keys=True).encode())


def read(folder: Path, found: Entries) -> dict[str, Content] | None:
    """The contents by a folder's record; None without a record, or with one that is damaged, changed or of another program."""
    status = found.get(RECORD)
    if status is None or not stat.S_ISREG(status.st_mode) or status.st_size > LONGEST:
        return None
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        whole = record["program"] == PROGRAM and record["sha256"] == digest(record["holds"])
        return {name: recorded and (int(recorded[0]), str(recorded[1])) for name, recorded in record["holds"].items()} if whole else None
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None


def check(folder: Path, path: Path, names: Collection[str] | None = None) -> Entries:
    """The contents of a folder that this program may replace; `path` is its name in messages.

    With `names`, files of these names count as this program's own, whatever their contents, and no others. Raises `UsageError` with the
    files that were added or changed, or for a missing record.
    """
    found = entries(folder)
    recorded = read(folder, found) if names is None else {}
    if recorded is None and found:
        raise UsageError(
            f"Expected a folder that Radloupe wrote, with its record {RECORD}, found {some(found)} in {path} and no such record. "
            "Remove the folder yourself, or choose another output."
        )
    foreign = [name for name in found if not known(folder, name, found, recorded or {}, names)]
    if foreign:
        raise UsageError(
            f"Expected in {path} only what Radloupe wrote there, found {some(foreign)}, which was added or changed since. "
            "Move it away or remove the folder yourself, or choose another output."
        )
    return found


def known(folder: Path, name: str, found: Entries, recorded: Mapping[str, Content], names: Collection[str] | None) -> bool:
    """Whether an entry of a folder was written by this program."""
    mode = found[name].st_mode
    if names is not None or name == RECORD:
        return stat.S_ISREG(mode) and name in (names or (RECORD,))
    if name not in recorded or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return False
    then = recorded[name]
    if then is None or stat.S_ISDIR(mode):
        return then is None and stat.S_ISDIR(mode)
    return found[name].st_size == then[0] and sha256(folder / name) == then[1]


def some(names: Collection[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - LISTED
    return ", ".join(list(names)[:LISTED]) + (f" and {more} more" if more > 0 else "")
