"""Rows that wait on the disk until their file is written."""

import tempfile
import weakref
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float

from radloupe.core.errors import LimitError

AT_ONCE = 64
"""Rows that are read back at a time."""


class RowSpool:
    """Float32 rows of one width in a temporary file, in the order in which they came; the file goes with the object."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile(prefix="radloupe")  # noqa: SIM115  it lives as long as the object
        weakref.finalize(self, self.file.close)
        self.rows = 0

    def add(self, rows: Float[np.ndarray, "rows x"]) -> None:
        """Append rows; raises `LimitError` for a full disk."""
        try:
            self.file.write(np.ascontiguousarray(rows, np.float32).data)
        except OSError as error:
            raise LimitError(f"Cannot keep half widths in {tempfile.gettempdir()}: {error.strerror}. Make room, or set TMPDIR.") from error
        self.rows += len(rows)

    def blocks(self, shape: Sequence[int]) -> Iterator[Float[np.ndarray, "rows x"]]:
        """The rows again, in blocks that do not pass from one slice of `shape` (..., y, x) to the next."""
        height, width = shape[-2:]
        self.file.seek(0)
        for done in range(0, self.rows, height):
            for first in range(0, min(height, self.rows - done), AT_ONCE):
                count = min(AT_ONCE, height - first)
                yield np.frombuffer(self.file.read(4 * count * width), np.float32).reshape(count, width)
