"""Atomic writing of files and folders."""

import errno
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from radloupe.core.errors import UsageError
from radloupe.core.files import record
from radloupe.core.files.fingerprint import signature
from radloupe.core.files.output_safety import Inputs, canonical
from radloupe.core.files.outputs import check_path, translate_os_errors

TEMPORARY = ".radloupe-"
NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS)


@contextmanager
def atomic(
    path: Path,
    overwrite: bool = False,
    folder: bool = False,
    needed_bytes: int | None = None,
    inputs: Iterable[Path] = (),
    names: Collection[str] | None = None,
) -> Iterator[Path]:
    """Context with a temporary path beside `path`, which replaces `path` atomically on success and is removed otherwise.

    Other files made beside the temporary path (a header's data) go beside `path`, before it: a header never points at data to come. They
    replace existing files only together with `path`.
    With `folder`, the temporary path is an empty folder, and a record of what it holds is added in the end; a folder of files with known
    `names` needs none. Folders made on the way to `path` go again on failure.
    `check_output` and what it raises hold at the beginning and right before the step. Raises `LimitError` on a full disk, with
    `needed_bytes`.
    """
    path = Path(path)
    sources = tuple(inputs)
    check = partial(check_path, overwrite=overwrite, folder=folder, names=names)
    check(path, inputs=Inputs(sources))
    final = canonical(path)
    together = os.path.lexists(final)
    made = [parent for parent in final.parents if not parent.exists()]
    with translate_os_errors(path, needed_bytes):
        final.parent.mkdir(parents=True, exist_ok=True)
        holder = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=final.parent))
        temporary = holder / final.name
        try:
            if folder:
                temporary.mkdir()
            yield temporary
            if folder and names is None:
                record.write(temporary)
            new = {item: final.with_name(item.name) for item in companions(temporary)} | {temporary: final}
            before = {}
            for item, target in new.items():
                flush(item)
                before[target], known = signature(target), Inputs(sources)
                check(target, inputs=known, overwrite=overwrite and (target == final or together))
                if before[target] and target != final:
                    known.check_not_data(target)
            for item, target in new.items():
                put(item, target, before[target])
            made = []
        finally:
            shutil.rmtree(holder, ignore_errors=True)
            remove_empty(made)


def companions(temporary: Path) -> list[Path]:
    """The files beside a temporary path, sorted."""
    return sorted(item for item in temporary.parent.iterdir() if item != temporary)


def put(new: Path, path: Path, before: object) -> None:
    """Replace `path` by `new`; its signature must still be `before`. Raises `UsageError`, `OSError`."""
    if not before:
        put_beside(new, path)
    elif new.is_dir():
        exchange(new, path, before)
    else:
        check_unchanged(path, path, before)
        new.replace(path)


def put_beside(new: Path, path: Path) -> None:
    """Move `new` to an unused path, unlike renaming, which replaces empty folders and files."""
    if not new.is_dir():
        try:
            path.hardlink_to(new)
            return
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
    new.rename(path)


def exchange(new: Path, path: Path, before: object) -> None:
    """Replace a folder by another. The old one is moved aside, compared with its signature `before`, and restored on failure."""
    aside = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=path.parent))
    old = aside / path.name
    try:
        path.rename(old)
        check_unchanged(old, path, before)
        new.rename(path)
    except BaseException:
        if os.path.lexists(old) and not os.path.lexists(path):
            old.rename(path)
        remove_empty([aside])  # a folder that could not be restored is kept
        raise
    shutil.rmtree(aside, ignore_errors=True)


def check_unchanged(target: Path, path: Path, before: object) -> None:
    """Raise `UsageError` for an output that changed after it was checked."""
    if signature(target) != before:
        raise UsageError(f"Expected {path} to stay as it was while its replacement was made, found it changed. Look at it and run again.")


def flush(path: Path) -> None:
    """Flush a file, or every file of a folder, to the disk before it is renamed."""
    for item in [path, *path.rglob("*")] if path.is_dir() else [path]:
        handle = os.open(item, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def remove_names(folder: Path, names: Iterable[str]) -> None:
    """Remove the files of these names from a folder, and the folder if it is then empty."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
    remove_empty([folder])


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove empty folders, in this order."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
