"""Where an X-ray picture is taken from: the one owner of detector geometry.

Everything is in DICOM patient coordinates (LPS: +x left, +y posterior, +z head) and millimetres. A pixel index is (row, column) and
names the centre of the pixel. `Image.affine` is RAS; `geometry.LPS_TO_RAS` turns it.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from radloupe.errors import InputError

Point = Float[np.ndarray, "3"]


@dataclass(frozen=True)
class View:
    """A flat detector and the rays that reach it.

    Cone beam: rays start at `source`. Parallel beam: `source` is None and rays run along `direction`, a unit vector.
    """

    shape: tuple[int, int]
    """Rows and columns of the detector."""
    origin: Point
    """Centre of pixel (0, 0)."""
    u: Point
    """From a pixel to its neighbour in the next column."""
    v: Point
    """From a pixel to its neighbour in the next row."""
    source: Point | None = None
    direction: Point | None = None
    angles: tuple[float, float, float] | None = None
    """The C-arm angles in degrees that made the view (primary, secondary, roll); None where it came from elsewhere."""

    def __post_init__(self) -> None:
        if (self.source is None) == (self.direction is None):
            raise InputError("Expected a view with a source (cone beam) or a direction (parallel beam), found both or neither.")

    @property
    def spacing(self) -> tuple[float, float]:
        """Distances in mm between pixel centres along rows (dy) and columns (dx)."""
        return float(np.linalg.norm(self.v)), float(np.linalg.norm(self.u))

    def pixels(self) -> Float[np.ndarray, "rows columns 3"]:
        """The centres of all pixels."""
        rows, columns = (np.arange(n) for n in self.shape)
        return self.origin + rows[:, None, None] * self.v + columns[None, :, None] * self.u
