"""What the text headers of MetaImage and NRRD share: lines, numbers, and the name of a data file beside them.

They are read here and not by ITK: its MetaImage reader can crash the process on a damaged header, and follows any path in one.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from radloupe.core.errors import InputError, quoted

HEADER_BYTES = 2**20
"""Longest header read: some converters keep thousands of lines of their source in it."""


def lines(file: BinaryIO, ended: bool = False) -> Iterator[str]:
    """The header's lines without their ends; the file then stands behind the last one taken.

    With `ended` a line without an end is refused (`InputError`): where any may be the last, nothing else tells a value from half of one.
    """
    while line := file.readline(HEADER_BYTES):
        if file.tell() > HEADER_BYTES:
            raise InputError(f"Expected a text header of at most {HEADER_BYTES} bytes, found a longer one in {file.name}.")
        if ended and not line.endswith(b"\n"):
            raise InputError(f"Expected an end of line behind every field of the header, found none behind the last one in {file.name}.")
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def unique(fields: Iterable[tuple[str, str]], form: str) -> dict[str, str]:
    """Fields by their lower-case name; raises `InputError` for one that stands twice, since readers differ in which one they use."""
    found: dict[str, str] = {}
    for name, value in fields:
        if name.strip().lower() in found:
            raise InputError(f"Expected every field of a {form} header once, found {quoted(name)} twice. Repair the header.")
        found[name.strip().lower()] = value.strip()
    return found


def require(fields: dict[str, str], name: str, form: str) -> str:
    """The value of a field that must be there."""
    if not fields.get(name):
        raise InputError(f"Expected the field {name!r} in the {form} header, found none. The file is damaged; export it again.")
    return fields[name]


def numbers(text: str, count: int, name: str) -> list[float]:
    """`count` numbers, separated by spaces."""
    try:
        values = [float(word) for word in text.split()]
    except ValueError:
        values = []
    if len(values) != count:
        raise InputError(f"Expected {count} numbers in the header's field {name!r}, found {quoted(text)}. Repair the header.")
    return values


def whole(text: str, name: str) -> list[int]:
    """Integers separated by spaces."""
    words = text.split()
    if not words or not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        raise InputError(f"Expected whole numbers of at most 9 digits in the header's field {name!r}, found {quoted(text)}.")
    return [int(word) for word in words]


def is_plain(name: str) -> bool:
    """Whether every reader takes a name for one file in the header's own folder: no path, list or pattern."""
    return bool(name.strip(".")) and not any(mark in name for mark in "/\\%:\0") and name.split()[0].upper() != "LIST"


def beside(header: Path, name: str) -> Path:
    """The data file that a header names; raises `InputError` unless it is one plain name of a file in the header's own folder."""
    if not is_plain(name):
        raise InputError(f"Expected the plain name of one data file beside {header}, found {quoted(name)}. Join the data into one file.")
    data = header.with_name(name)
    if not data.is_file():
        raise InputError(f"Expected the data file that {header} names beside it, found none. Put both into one folder.")
    return data
