"""The only owner of patient axes, axis order and the half-pixel rule.

An affine is 4x4 and maps an index (x, y, z), at the centre of a voxel, to RAS millimetres. Arrays are `c z y x`. DICOM and ITK
speak LPS: they turn once, here. When a grid gets `factor` times as many samples, each new voxel covers 1/factor of an old one and
the corners of the volume stay where they are, so the first centre moves by (1/factor - 1)/2 old voxels.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from radloupe.core.errors import InputError
from radloupe.core.limits import LIMITS, Limits

Affine = Float[np.ndarray, "4 4"]
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])  # its own inverse
ORTHOGONALITY = 1e-3  # largest cosine between axes; scanners write direction cosines with six digits


def from_lps(position: Sequence[float], directions: np.ndarray, spacing: Sequence[float]) -> Affine:
    """Affine from LPS millimetres: the first voxel's centre, direction cosines as columns (3x3), spacing in mm (x, y, z)."""
    affine = np.eye(4)
    affine[:3, :3] = np.asarray(directions, float) * np.asarray(spacing, float)
    affine[:3, 3] = position
    return LPS_TO_RAS @ affine


def to_lps(affine: Affine) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first voxel's centre, direction cosines (3x3, columns) and spacing in LPS millimetres."""
    lps = LPS_TO_RAS @ affine
    sizes = spacing(affine)
    return lps[:3, 3], lps[:3, :3] / sizes, sizes


def spacing(affine: Affine) -> Float[np.ndarray, "3"]:
    """Distances in mm between voxel centres along x, y, z."""
    return np.linalg.norm(affine[:3, :3], axis=0)


def resample(affine: Affine, factors: Sequence[float], centred: bool = True) -> Affine:
    """The affine of a grid with `factors` (x, y, z) times as many samples over the same volume (the half-pixel rule).

    Where grids are not `centred` on each other, their first samples coincide: low sample j on high sample factor * j.

    >>> resample(np.eye(4), (2, 2, 1))[:3, 3]
    array([-0.25, -0.25,  0.  ])
    """
    steps = 1 / np.asarray(factors, float)
    change = np.diag([*steps, 1.0])
    change[:3, 3] = (steps - 1) / 2 if centred else 0
    return affine @ change


def shift(affine: Affine, index: Sequence[float]) -> Affine:
    """The affine of the part of a grid that begins at `index` (x, y, z)."""
    moved = affine.copy()
    moved[:3, 3] = (affine @ [*index, 1.0])[:3]
    return moved


def centre(affine: Affine, shape: Sequence[int]) -> Float[np.ndarray, "3"]:
    """The volume's centre in RAS mm, for a shape `z y x`."""
    return (affine @ [*(np.array(shape[::-1]) - 1) / 2, 1.0])[:3]


def corners(affine: Affine, shape: Sequence[int]) -> Float[np.ndarray, "8 3"]:
    """The eight outer corners of the volume (voxel faces, not centres) in RAS mm, for a shape `z y x`."""
    signs = np.stack(np.meshgrid(*[(0, 1)] * 3, indexing="ij"), -1).reshape(8, 3)
    index = signs * np.array(shape[::-1]) - 0.5
    return index @ affine[:3, :3].T + affine[:3, 3]


def check(affine: Affine, limits: Limits = LIMITS) -> None:
    """Raise `InputError` for implausible geometry: not finite, spacing outside the limits, axes far from right angles."""
    if affine.shape != (4, 4) or not np.isfinite(affine).all():
        raise InputError("Expected a finite 4x4 affine, found values that are not numbers. Repair the orientation or position tags.")
    sizes = spacing(affine)
    low, high = limits.spacing_mm
    if sizes.min() < low or sizes.max() > high:
        found = " x ".join(f"{s:g}" for s in sizes)
        raise InputError(f"Expected a spacing between {low:g} and {high:g} mm along each axis, found {found}. Repair the header.")
    found_lean = lean_degrees(affine)
    if found_lean > limits.lean_degrees:
        raise InputError(
            f"Expected axes that lean by at most {limits.lean_degrees:g} degrees from right angles (gantry tilt), "
            f"found {found_lean:.3g}. Repair the orientation or position tags."
        )


def lean_degrees(affine: Affine) -> float:
    """Deviation of the axes from right angles in degrees: the gantry tilt for a sheared stack of slices, 90 for coplanar axes."""
    volume = abs(np.linalg.det(affine[:3, :3] / spacing(affine)))
    return float(np.degrees(np.arccos(min(volume, 1.0))))


def check_straight(affine: Affine) -> None:
    """Raise `InputError` for a sheared grid."""
    directions = affine[:3, :3] / spacing(affine)
    cosine = np.abs(directions.T @ directions - np.eye(3)).max()
    if cosine > ORTHOGONALITY:
        raise InputError(
            f"Expected axes at right angles within {ORTHOGONALITY:g}, found a cosine of {cosine:.3g}. "
            "Sheared grids (gantry tilt) must be resampled first; only projection takes them as they are."
        )
