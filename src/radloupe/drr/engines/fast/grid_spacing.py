"""Grid spacing of the engine `fast`: the sum of many slices, sampled at many positions, is smoother than one slice.

A slice read linearly has corners at its voxel centres. Slices that are shifted against each other have them at different positions, and the
corners of their sum are blunt; few slices, or little shift, leave corners sharp, and a cubic rounds them off unless grid points are close.
Without any shift all corners lie at voxel centres: a grid of these, read linearly, is exact. The numbers below were found by trial with
boxes, noisy heads and CTs of 16 to 275 slices.
"""

import numpy as np
from jaxtyping import Float

STILL = 0.002  # voxels: corners this close count as one corner; the sharpest edge then errs by up to 0.0005 of the largest value
WIDE = 6.0  # voxels: corners spread over more than this are blunt
SHARP = 0.4  # of the pitch, where corners are hardly spread
MANY = 160  # slices, and voxels along an axis, that make a large volume
FEW_SLICES, FEW_VOXELS = 0.7, 0.33  # powers: errors cancel in many slices, and edges are a small part of a large image


def pitches(
    pitch: float, slices: int, visible: Float[np.ndarray, "2"], spreads: Float[np.ndarray, "positions 2"]
) -> tuple[Float[np.ndarray, "2"], tuple[bool, bool]]:
    """Voxels between grid points along a grid's two axes, and along which these are to be voxel centres, read linearly.

    `pitch` is what a large volume needs, seen as a whole; `visible` says how many voxels are visible along each axis, and `spreads` how far
    the slices are shifted against each other, in voxels, at positions from one end of each axis to the other.
    """
    blunt = np.clip(np.sqrt(np.quantile(spreads, 0.25, axis=0) / WIDE), SHARP, 1)
    fine = pitch * min(slices / MANY, 1.0) ** FEW_SLICES * np.minimum(visible / MANY, 1) ** FEW_VOXELS * blunt
    down, along = (spreads.max(axis=0) < STILL).tolist()
    return np.where([down, along], 1.0, fine), (down, along)
