"""Volume: a quantity per millimetre on a grid that may be oblique, flipped or sheared, the integrand of line integrals."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from radloupe.core.errors import InputError
from radloupe.imaging.camera import View


@dataclass(frozen=True)
class Volume:
    """Values `z y x` in 1/mm (attenuation), or in another unit per mm.

    Between voxel centres the field is trilinear; beyond the outermost centres it falls linearly to zero within one voxel, as if the grid
    were surrounded by zeros.
    """

    values: Float[np.ndarray, "z y x"]
    to_lps: Float[np.ndarray, "4 4"]
    """Maps an index (x, y, z) at a voxel's centre to LPS mm."""

    @property
    def to_index(self) -> Float[np.ndarray, "4 4"]:
        """Maps LPS mm to an index (x, y, z)."""
        return np.linalg.inv(self.to_lps)


def check_source_outside(volume: Volume, view: View) -> None:
    """Raise `InputError` for a source inside the volume.

    The volume extends one voxel beyond the outermost centres, where its field ends.
    """
    if view.source is None:
        return
    index = (volume.to_index @ [*view.source, 1.0])[:3]
    if (index > -1).all() and (index < volume.values.shape[::-1]).all():
        raise InputError(
            "Expected a source outside the volume, found it inside: its rays would miss what lies behind them. "
            "Enlarge the distance from source to isocentre, or crop the volume."
        )
