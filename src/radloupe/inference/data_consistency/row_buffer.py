"""Buffer of rows of a slice."""

import numpy as np

from radloupe.inference.data_consistency.correction import Rows


class RowBuffer:
    """Consecutive rows `first` to `end` of a slice.

    >>> rows = RowBuffer(2)
    >>> rows.append(np.array([[0.0, 1.0], [2.0, 3.0]]))
    >>> rows.drop(1)
    >>> rows.first, rows.end, rows.take(1, 2).tolist()
    (1, 2, [[2.0, 3.0]])
    """

    def __init__(self, width: int) -> None:
        self.values = np.empty((0, width))
        self.first = 0

    @property
    def end(self) -> int:
        """Index after the last row."""
        return self.first + len(self.values)

    def append(self, rows: Rows) -> None:
        """Append rows below."""
        self.values = np.concatenate([self.values, rows])

    def take(self, start: int, stop: int) -> Rows:
        """Rows by their indices in the slice."""
        return self.values[start - self.first : stop - self.first]

    def drop(self, before: int) -> None:
        """Drop the rows before an index."""
        if before > self.first:
            self.values = self.values[before - self.first :].copy()
            self.first = before
