"""Rays of a view in voxel indices."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from radloupe.core.errors import InputError
from radloupe.imaging.camera import View

EDGE_ON = 1e-9  # sine of the least angle between rays and detector


@dataclass(frozen=True)
class VoxelRays:
    """A view in voxel indices: pixels and the source as homogeneous points x y z w, at infinity where w is 0."""

    shape: tuple[int, int]
    pixel: Float[np.ndarray, "4 3"]
    """Maps a pixel (column, row, 1) to its position."""
    source: Float[np.ndarray, "4"]

    @property
    def steps(self) -> Float[np.ndarray, "3 3"]:
        """Maps a pixel (column, row, 1) to the step of its ray."""
        if self.source[3] == 0:
            return np.outer(self.source[:3], [0.0, 0.0, 1.0])
        return self.pixel[:3] - np.outer(self.source[:3], [0.0, 0.0, 1.0])


def rays_in_voxels(view: View, to_index: Float[np.ndarray, "4 4"]) -> VoxelRays:
    """The rays of a view, in voxels; raises `InputError` where they run along the detector."""
    if view.source is None:
        source = towards = np.append(np.asarray(view.direction, float), 0.0)
    else:
        source = np.append(view.source, 1.0)
        towards = np.append(view.origin, 1.0) - source
    across = np.cross(view.u, view.v)
    if abs(across @ towards[:3]) < EDGE_ON * np.linalg.norm(across) * np.linalg.norm(towards):
        raise InputError("Expected rays that cross the detector, found a detector seen edge on. Turn it towards the source.")
    pixel = np.stack([[*view.u, 0.0], [*view.v, 0.0], [*view.origin, 1.0]], axis=1)
    return VoxelRays(view.shape, to_index @ pixel, to_index @ source)


def slices_ahead(source: Float[np.ndarray, "4"], a: int, sign: int, size: int) -> tuple[int, int]:
    """The first and last slice across axis `a` that rays reach in a direction."""
    if source[3] == 0:
        return 0, size - 1
    return (max(0, int(np.floor(source[a])) + 1), size - 1) if sign > 0 else (0, min(size - 1, int(np.ceil(source[a])) - 1))


def plane_homography(rays: VoxelRays, a: int, plane: list[int], base: float) -> Float[np.ndarray, "3 3"]:
    """Maps a pixel (column, row, 1) to w (down, along, 1), where its line meets the base plane."""
    across = np.zeros(4)
    across[a], across[3] = 1.0, -base  # zero for points of the plane
    return ((across @ rays.source) * rays.pixel - np.outer(rays.source, across @ rays.pixel))[[*plane, 3]]
