"""Which format a file is of: by its content on reading, by its extension on writing."""

import zlib
from pathlib import Path

from radloupe.core.errors import InputError, UsageError
from radloupe.core.limits import LIMITS, Limits, check_file_size
from radloupe.formats.table import FORMATS, Format, read_head


def detect(path: Path, limits: Limits = LIMITS) -> Format:
    """The format of a file by its content; a folder is a DICOM series. Raises `InputError`, `LimitError`."""
    if path.is_dir():
        return FORMATS[0]
    try:
        check_file_size(path.stat().st_size, limits)
        head = read_head(path)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"Cannot read {path}: {error}.") from error
    for row in FORMATS:
        if row.recognises(head):
            return row
    known = ", ".join(row.name for row in FORMATS)
    raise InputError(f"Expected an image ({known}), found another kind of file in {path}. Its content decides, not its name.")


def format_for(path: Path) -> Format:
    """The format that a new file's extension asks for; raises `UsageError` for one that is not written."""
    name = path.name.lower()
    for row in FORMATS:
        if name.endswith(row.extensions):
            if row.writes:
                return row
            raise UsageError(f"{row.name.upper()} loses detail and is only read, never written ({path}). Choose .png or .tif.")
    known = " ".join(extension for row in FORMATS if row.writes for extension in row.extensions)
    raise UsageError(f"Cannot tell the format of {path} from its extension. Known: {known}.")
