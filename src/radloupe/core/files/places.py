"""Where an output may stand: never on, around or inside an input, and never in place of what is no plain file or folder."""

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
"""Of an input that are searched for the name of a data file beside it: text headers are shorter."""
KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
}


def canonical(path: Path) -> Path:
    """The absolute path with all links resolved but for a link in the last place, which is seen and not followed."""
    return Path(os.path.realpath(path.parent)) / path.name if path.name not in ("", "..") else Path(os.path.realpath(path))


class Inputs:
    """What a command reads, by device and inode, as it is when this is made. A path that leads nowhere is kept as it is written."""

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self.reached: dict[Identity, Path] = {}
        """Every file and folder that is an input or stands in one."""
        self.above: dict[Identity, Path] = {}
        """Every folder that holds an input, or a link that it was named by."""
        self.missing: dict[Path, Path] = {}
        self.files: list[Path] = []
        """Those inputs that are files."""
        known: set[Path] = set()
        for path in paths:
            place = Path(os.path.realpath(path))
            if not place.exists():
                self.missing[place] = path
            elif place.is_file():
                self.files.append(path)
            self.reached |= dict.fromkeys(reached(path), path)
            for parent in {*place.parents, *canonical(path).parents} - known:
                known.add(parent)
                if (one := identity(parent)) is not None:
                    self.above[one] = path

    def check_apart(self, path: Path) -> None:
        """Refuse an output that is, holds or lies in an input (`UsageError`), whether it exists or not."""
        place = Path(os.path.realpath(path))
        for folder in (place, *place.parents):
            one = identity(folder)
            if one in self.reached:
                same = folder == place and one == identity(self.reached[one])
                raise overlap(path, "is" if same else "lies in", self.reached[one])
        if (one := identity(place)) in self.above:
            raise overlap(path, "holds", self.above[one])
        for other, source in self.missing.items():
            if place == other or other in place.parents or place in other.parents:
                raise overlap(path, "is, holds or lies in", source)

    def check_not_among(self, path: Path, replaced: Iterable[Identity]) -> None:
        """Refuse to replace files that are an input under another name (`UsageError`)."""
        for one in replaced:
            if one in self.reached:
                raise overlap(path, "holds a file of", self.reached[one])

    def check_not_data(self, path: Path) -> None:
        """Refuse to replace a file that an input beside it may have its data in, since the input's header has its name (`UsageError`)."""
        for source in self.files:
            if identity(source.parent) == identity(path.parent):
                with source.open("rb") as file:
                    if path.name.encode() in file.read(HEADER_BYTES):
                        raise overlap(path, "is named by", source)


def overlap(path: Path, relation: str, source: Path) -> UsageError:
    """The refusal of an output that touches an input."""
    return UsageError(
        f"Expected an output apart from everything else that is named, found {path}, which {relation} {source}. "
        "A source is never replaced or added to. Choose another output."
    )


def reached(path: Path) -> Iterator[Identity]:
    """A file, or a folder and all that stands in it; links are followed, but for those to folders that hold it."""
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
    """Refuse to replace what is no plain file or folder, and folders that never belong to one program alone (`UsageError`)."""
    place = canonical(path)
    kind = KINDS.get(stat.S_IFMT(place.lstat().st_mode)) or special(place)
    if kind:
        raise UsageError(f"Expected a new name, a file or a folder as output, found {kind} at {path}. Choose another output.")


def special(place: Path) -> str | None:
    """What makes a folder one that is never replaced, in words."""
    if place.parent == place:
        return "the root of the file system"
    if identity(place) in homes():
        return "a home directory"
    if place.is_mount() or any(mount == place or place in mount.parents for mount in mounts()):
        return "a mount point, or a folder with one,"
    return None


def homes() -> set[Identity | None]:
    """The home directories of who runs this: by the environment and by the system's list of users."""
    listed = [user.pw_dir for user in pwd.getpwall() if user.pw_uid == os.getuid()]
    return {identity(Path(home)) for home in (os.environ.get("HOME"), *listed) if home} - {None}


def mounts() -> list[Path]:
    """Where file systems are mounted, bound folders included, as far as the system tells."""
    if not MOUNTS.exists():
        return []
    lines = os.fsdecode(MOUNTS.read_bytes()).strip("\n").split("\n")
    return [Path(re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), line.split(" ")[4])) for line in lines]
