"""Checks of output paths: never at, around or inside an input, and never in place of anything but a plain file or folder."""

import os
import pwd
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from radloupe.core.errors import UsageError
from radloupe.core.files.fingerprint import Identity, identity

MOUNTS = Path("/proc/self/mountinfo")
HEADER_BYTES = 2**16
"""Leading bytes of an input that are searched for the name of a data file beside it: text headers are shorter."""
KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
}


def canonical(path: Path) -> Path:
    """The absolute path with all links resolved except in its last component."""
    return Path(os.path.realpath(path.parent)) / path.name if path.name not in ("", "..") else Path(os.path.realpath(path))


class Inputs:
    """The inputs of a command by device and inode, at the time of construction. Missing paths are kept as written."""

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self.reached: dict[Identity, Path] = {}
        """Every file and folder that is an input or lies in one."""
        self.above: dict[Identity, Path] = {}
        """Every folder that holds an input, or a link by which it was named."""
        self.missing: dict[Path, Path] = {}
        self.files: list[Path] = []
        """The inputs that are files."""
        known: set[Path] = set()
        for path in paths:
            target = Path(os.path.realpath(path))
            if not target.exists():
                self.missing[target] = path
            elif target.is_file():
                self.files.append(path)
            self.reached |= dict.fromkeys(reached(path), path)
            for parent in {*target.parents, *canonical(path).parents} - known:
                known.add(parent)
                if (one := identity(parent)) is not None:
                    self.above[one] = path

    def check_apart(self, path: Path) -> None:
        """Raise `UsageError` for an output that is, holds or lies in an input, whether it exists or not."""
        target = Path(os.path.realpath(path))
        for folder in (target, *target.parents):
            one = identity(folder)
            if one in self.reached:
                same = folder == target and one == identity(self.reached[one])
                raise overlap(path, "is" if same else "lies in", self.reached[one])
        if (one := identity(target)) in self.above:
            raise overlap(path, "holds", self.above[one])
        for other, source in self.missing.items():
            if target == other or other in target.parents or target in other.parents:
                raise overlap(path, "is, holds or lies in", source)

    def check_not_among(self, path: Path, replaced: Iterable[Identity]) -> None:
        """Raise `UsageError` where replaced files are an input under another name."""
        for one in replaced:
            if one in self.reached:
                raise overlap(path, "holds a file of", self.reached[one])

    def check_not_data(self, path: Path) -> None:
        """Raise `UsageError` for a file that an input's header beside it names, since it may hold that input's data."""
        for source in self.files:
            if identity(source.parent) == identity(path.parent):
                with source.open("rb") as file:
                    if path.name.encode() in file.read(HEADER_BYTES):
                        raise overlap(path, "is named by", source)


def overlap(path: Path, relation: str, source: Path) -> UsageError:
    """The error for an output that overlaps an input."""
    return UsageError(
        f"Expected an output apart from everything else that is named, found {path}, which {relation} {source}. "
        "A source is never replaced or added to. Choose another output."
    )


def reached(path: Path) -> Iterator[Identity]:
    """A file, or a folder with its contents; links are followed, except to folders that contain them."""
    seen = {identity(parent) for parent in Path(os.path.realpath(path)).parents}
    waiting = [path]
    while waiting:
        item = waiting.pop()
        one = identity(item)
        if one is None or one in seen:
            continue
        seen.add(one)
        yield one
        if item.is_dir() and os.access(item, os.R_OK | os.X_OK):
            waiting += item.iterdir()


def check_kind(path: Path) -> None:
    """Raise `UsageError` for anything but a plain file or folder, and for folders that no program may replace."""
    target = canonical(path)
    kind = KINDS.get(stat.S_IFMT(target.lstat().st_mode)) or special(target)
    if kind:
        raise UsageError(f"Expected a new name, a file or a folder as output, found {kind} at {path}. Choose another output.")


def special(target: Path) -> str | None:
    """Reason in words why a folder is never replaced; None where it may be."""
    if target.parent == target:
        return "the root of the file system"
    if identity(target) in homes():
        return "a home directory"
    if target.is_mount() or any(mount == target or target in mount.parents for mount in mounts()):
        return "a mount point, or a folder with one,"
    return None


def homes() -> set[Identity | None]:
    """The user's home directories, by the environment and by the system's list of users."""
    listed = [user.pw_dir for user in pwd.getpwall() if user.pw_uid == os.getuid()]
    return {identity(Path(home)) for home in (os.environ.get("HOME"), *listed) if home} - {None}


def mounts() -> list[Path]:
    """Mount points, including bind mounts, as far as the system lists them."""
    if not MOUNTS.exists():
        return []
    lines = os.fsdecode(MOUNTS.read_bytes()).strip("\n").split("\n")
    return [Path(re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), line.split(" ")[4])) for line in lines]
