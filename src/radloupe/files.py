"""Writing files whole or not at all, and their fingerprints."""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from radloupe.errors import LimitError, UsageError

TEMPORARY = ".radloupe-"


def sha256(data: bytes | Path) -> str:
    """The SHA-256 of bytes, or of a file read in pieces, in hexadecimal."""
    if isinstance(data, bytes):
        return hashlib.sha256(data).hexdigest()
    with data.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def translate_os_errors(path: Path, needed_bytes: int | None = None) -> Iterator[None]:
    """Turn what the operating system says of writing `path` into Radloupe's errors."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            size = f", which needs {needed_bytes:,} bytes" if needed_bytes else ""
            raise LimitError(f"No space is left to write {path}{size}. Nothing was left behind; free some space and run again.") from error
        raise UsageError(f"Cannot write {path}: {error.strerror or error}. Choose another output.") from error


def check_output(path: Path, overwrite: bool = False, inputs: Iterable[Path] = ()) -> None:
    """Refuse an output that is, holds or lies in an input, that exists already (unless it may be replaced), or that has no folder to stand in."""
    for source in inputs:
        one, other = path.resolve(), source.resolve()
        if one == other or one.is_relative_to(other) and other.is_dir() or other.is_relative_to(one):
            raise UsageError(f"The output {path} is, holds or lies in the input {source}, which is never changed. Choose another output.")
    if path.exists() and not overwrite:
        raise UsageError(f"The output {path} exists already. Choose another name or pass --overwrite.")
    parent = nearest_folder(path)
    if not os.access(parent, os.W_OK | os.X_OK):
        raise UsageError(f"Cannot write {path}: the folder {parent} is not writable. Choose another output.")


def nearest_folder(path: Path) -> Path:
    """The closest existing ancestor of a path; raises `UsageError` where it is a file."""
    parent = path.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise UsageError(f"Cannot write {path}: {parent} is a file, not a folder.")
    return parent


@contextmanager
def atomic(path: Path, overwrite: bool = False, folder: bool = False, needed_bytes: int | None = None) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success it takes `path`'s place in one step, else it is removed.

    Other files made beside the temporary path (a header's data) go beside `path`, before it: a header never points at data to come.
    With `folder`, the temporary path is an empty folder. Folders made on the way to `path` go again on failure.
    Raises `UsageError` when `path` exists (without `overwrite`) or cannot be written, `LimitError` on a full disk, with `needed_bytes`.
    """
    path = Path(path)
    check_output(path, overwrite)
    made = [p for p in path.absolute().parents if not p.exists()]
    with translate_os_errors(path, needed_bytes):
        path.parent.mkdir(parents=True, exist_ok=True)
        holder = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=path.parent))
        temporary = holder / path.name
        try:
            if folder:
                temporary.mkdir()
            yield temporary
            new = {item: path.with_name(item.name) for item in [*companions(temporary), temporary]}
            for item, final in new.items():
                check_output(final, overwrite)
                flush(item)
            for item, final in new.items():
                replace(item, final, holder)
            made = []
        finally:
            shutil.rmtree(holder, ignore_errors=True)
            for parent in made:
                remove_if_empty(parent)


def companions(temporary: Path) -> list[Path]:
    """The files that stand beside a temporary path, sorted."""
    return sorted(item for item in temporary.parent.iterdir() if item != temporary)


def replace(new: Path, path: Path, holder: Path) -> None:
    """Put `new` in the place of `path`; a folder there steps aside into `holder` first."""
    if path.is_dir() and not path.is_symlink():
        path.rename(holder / "replaced")
    new.replace(path)


def flush(path: Path) -> None:
    """Bring a file, or every file of a folder, to the disk before it is renamed."""
    for item in [path, *path.rglob("*")] if path.is_dir() else [path]:
        handle = os.open(item, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def remove_if_empty(folder: Path) -> None:
    """Remove a folder unless something stands in it."""
    try:
        folder.rmdir()
    except OSError:
        return
