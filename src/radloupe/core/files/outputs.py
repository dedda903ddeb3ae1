"""Checks of outputs before anything is written."""

import errno
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from radloupe.core.errors import LimitError, UsageError
from radloupe.core.files import record
from radloupe.core.files.output_safety import Inputs, canonical, check_kind


@contextmanager
def translate_os_errors(path: Path, needed_bytes: int | None = None) -> Iterator[None]:
    """Context that translates `OSError` while `path` is written into Radloupe's errors."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            size = f", which needs {needed_bytes:,} bytes" if needed_bytes else ""
            raise LimitError(f"No space is left to write {path}{size}. Nothing was left behind; free some space and run again.") from error
        raise UsageError(f"Cannot write {path}: {error.strerror or error}. Choose another output.") from error


def check_output(path: Path, overwrite: bool = False, inputs: Iterable[Path] = (), names: Collection[str] | None = None) -> None:
    """Raise `UsageError` for an output that must not or cannot be written, before anything is read or written.

    It is never an input (links, hard links, mounts and letter case followed), nor around or inside one; never a link, a device or a mount
    point. What exists is replaced with `overwrite` alone, and a folder only where its record says that this program wrote all of it, or
    where it holds nothing but files of these `names`. Raises `UsageError`.
    """
    check_path(path, overwrite, Inputs(inputs), names=names)


def check_outputs(paths: Iterable[Path], overwrite: bool = False, inputs: Iterable[Path] = ()) -> None:
    """`check_output` for many outputs of the same inputs, which are examined once."""
    sources = Inputs(inputs)
    for path in paths:
        check_path(path, overwrite, sources)


def check_path(path: Path, overwrite: bool, inputs: Inputs, folder: bool | None = None, names: Collection[str] | None = None) -> None:
    """`check_output` with the kind of the output (`folder`), if known, and the `names` of files that may be replaced."""
    with translate_os_errors(path):
        inputs.check_apart(path)
        target = canonical(path)
        if os.path.lexists(target):
            check_kind(path)
            if not overwrite:
                raise UsageError(f"The output {path} exists already. Choose another name or choose `overwrite`.")
            check_replaceable(path, target, inputs, folder, names)
        parent = nearest_folder(path)
    if not os.access(parent, os.W_OK | os.X_OK):
        raise UsageError(f"Cannot write {path}: the folder {parent} is not writable. Choose another output.")


def check_replaceable(path: Path, target: Path, inputs: Inputs, folder: bool | None, names: Collection[str] | None) -> None:
    """Raise `UsageError` unless an existing output is of the same kind, this program's own, and no input."""
    status = target.lstat()
    is_folder = stat.S_ISDIR(status.st_mode)
    if folder is not None and folder != is_folder:
        kinds = ("a folder", "a file") if folder else ("a file", "a folder")
        raise UsageError(f"Expected to write {kinds[0]}, found {kinds[1]} at {path}. Choose another output.")
    replaced = record.check(target, path, names).values() if is_folder else [status]
    inputs.check_not_among(path, ((one.st_dev, one.st_ino) for one in replaced))


def check_working_folder(path: Path, inputs: Iterable[Path] = ()) -> None:
    """Raise `UsageError` for a working folder that is no folder, or that is, holds or lies in an input."""
    with translate_os_errors(path):
        Inputs(inputs).check_apart(path)
        if os.path.lexists(path) and not path.is_dir():
            raise UsageError(f"Expected a folder to work in, found a file at {path}. Choose another.")
        nearest_folder(path)


def nearest_folder(path: Path) -> Path:
    """The closest existing ancestor of a path; raises `UsageError` where it is no folder."""
    parent = path.absolute().parent
    while not os.path.lexists(parent):
        parent = parent.parent
    if not parent.is_dir():
        raise UsageError(f"Cannot write {path}: {parent} is a file or a link that leads nowhere, not a folder.")
    return parent
