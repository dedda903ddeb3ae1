"""A table as printed in a paper; its values are shown beside ours."""

from collections.abc import Mapping
from dataclasses import dataclass

FIDELITY, LEARNED = ("psnr", "ssim"), ("psnr", "ssim", "lpips_alex")
"""Metrics that most tables print."""


@dataclass(frozen=True)
class PrintedTable:
    """Values of a table that a paper prints; a row holds the metrics of the first column, then those of the next."""

    source: str
    """The paper, its table and page."""
    metrics: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[float, ...]]

    def value(self, row: str, column: str, metric: str) -> float | None:
        """A printed value; None where there is none."""
        if row not in self.rows or column not in self.columns or metric not in self.metrics:
            return None
        return self.rows[row][self.columns.index(column) * len(self.metrics) + self.metrics.index(metric)]
