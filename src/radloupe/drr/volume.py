"""What rays run through: a quantity per millimetre on a grid that may be oblique, flipped or sheared."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class Volume:
    """Values `z y x` in 1/mm (attenuation), or in any unit whose integral along a ray is wanted.

    Between voxel centres the field is trilinear; beyond the outermost centres it falls linearly to zero within one voxel, as if the grid
    were surrounded by zeros.
    """

    values: Float[np.ndarray, "z y x"]
    to_lps: Float[np.ndarray, "4 4"]
    """Maps an index (x, y, z) at a voxel's centre to LPS mm."""
