"""Fingerprints of files and folders."""

import hashlib
import os
import stat
from pathlib import Path

Identity = tuple[int, int]
"""Device and inode, equal for every name of a file across links, mounts and letter case."""
Entries = dict[str, os.stat_result]
"""Entries below a folder, by relative path with forward slashes; links are not followed."""


def sha256(data: bytes | Path) -> str:
    """The SHA-256 of bytes, or of a file read in pieces, in hexadecimal."""
    if isinstance(data, bytes):
        return hashlib.sha256(data).hexdigest()
    with data.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def identity(path: Path) -> Identity | None:
    """The identity of a path's target, links followed; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def entries(folder: Path) -> Entries:
    """Sorted entries below a folder. Raises `OSError` for folders that cannot be listed."""
    found: Entries = {}
    waiting = [folder]
    while waiting:
        for item in waiting.pop().iterdir():
            found[item.relative_to(folder).as_posix()] = status = item.lstat()
            if stat.S_ISDIR(status.st_mode):
                waiting.append(item)
    return dict(sorted(found.items()))


def signature(path: Path) -> dict[str, tuple[int, ...]]:
    """Signature of a file or folder that changes when it is replaced or written to; empty where there is none."""
    if not os.path.lexists(path):
        return {}
    status = path.lstat()
    whole = entries(path) if stat.S_ISDIR(status.st_mode) else {"": status}
    return {name: (s.st_mode, s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns) for name, s in whole.items()}
