"""Image-space correction for linear degradations: back-projection of the residual, row by row."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Real

from radloupe.degradation.pseudo_inverse import axis_operator
from radloupe.inference.data_consistency.correction import Correction, Rows
from radloupe.inference.data_consistency.row_buffer import RowBuffer

BAND = 32
"""Low rows that share a weight; between the middles of bands weights are interpolated. At this size a band of 256 pixels width that holds
nothing but noise gets a weight of 0.01 by chance."""


class ImageSpaceCorrection(Correction):
    """`x + By (w * (low - Ay x Ax^T)) Bx^T` with the pseudo-inverses By, Bx of the degradation along each axis.

    With weight 1 this is the range-null-space decomposition: the nearest image that degrades to the input. The weights w follow from the
    residual of bands of rows. Every row depends on nearby rows alone and is computed separately, so that the result does not depend on how
    rows are grouped.
    """

    def __init__(self, preset: str, scale: int, shape: tuple[int, int], hard: bool = False) -> None:
        super().__init__(hard)
        self.scale, self.shape = scale, shape
        self.down, self.across = (axis_operator(preset, scale, count) for count in shape)
        self.radius = max(self.down.shrink_radius, self.down.expand_radius)
        rows = 2 * BAND + 3 * self.radius
        self.buffer_bytes = 8 * rows * (scale + 1) * scale * shape[1]
        count = max(round(shape[0] / BAND), 1)
        self.edges = [round(shape[0] * k / count) for k in range(count + 1)]
        self.middles = [(a + b - 1) / 2 for a, b in zip(self.edges, self.edges[1:], strict=False)]

    def begin(self, low: Real[np.ndarray, "y x"], variance: float) -> None:
        """Start with the next low slice."""
        super().begin(low, variance)
        width = self.scale * self.shape[1]
        self.estimate, self.residual, self.back = RowBuffer(width), RowBuffer(self.shape[1]), RowBuffer(width)
        self.squares: list[float] = []
        self.band_weights: list[float] = []

    def add(self, values: Rows) -> Iterator[Rows]:
        """Take rows of the estimate; a row is finished once the residual within its receptive field is known."""
        done = self.estimate.first // self.scale
        self.estimate.append(values)
        self.find_residual()
        self.weigh()
        upto = self.shape[0] if self.back.end == self.shape[0] else max(self.back.end - self.radius, done)
        if upto == done:
            return
        rows = slice(done * self.scale, upto * self.scale)
        change = self.down.expand[rows, self.back.first : self.back.end] @ self.back.values
        self.note_change(change)
        yield self.estimate.take(rows.start, rows.stop) + change
        self.estimate.drop(rows.stop)
        self.back.drop(upto - self.down.expand_radius)

    def find_residual(self) -> None:
        """Compute the residual rows whose receptive field is complete."""
        radius, first = self.down.shrink_radius, self.residual.end
        ready = self.estimate.end // self.scale
        ready = ready if ready == self.shape[0] else max(ready - radius, first)
        if ready == first:
            return
        start = max(first - radius, 0) * self.scale
        part = self.estimate.take(start, self.estimate.end)
        shrunk = (self.across.shrink @ (self.down.shrink[first:ready, start : self.estimate.end] @ part).T).T
        rows = np.ascontiguousarray(self.low[first:ready] - shrunk)
        self.squares += [float(np.square(row).sum()) for row in rows]
        self.residual.append(rows)

    def weigh(self) -> None:
        """Weight and back-project the residual rows whose weights are known."""
        known = len(self.band_weights)
        for a, b in zip(self.edges[known:], self.edges[known + 1 :], strict=False):
            if b <= self.residual.end:
                self.band_weights.append(self.weight_for(sum(self.squares[a:b]) / (b - a) / self.shape[1]))
        known, first = len(self.band_weights), self.residual.first
        ready = self.shape[0] if known == len(self.middles) else int(self.middles[known - 1]) + 1 if known else 0
        if ready <= first:
            return
        weights = np.interp(np.arange(first, ready), self.middles[:known], self.band_weights)
        self.weights, self.rows = self.weights + float(weights.sum()), self.rows + len(weights)
        self.back.append((self.across.expand @ (weights[:, None] * self.residual.take(first, ready)).T).T)
        self.residual.drop(ready)
