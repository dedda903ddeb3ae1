"""Line integrals in plain NumPy: the readable reference of every other engine.

P. M. Joseph, "An improved algorithm for reprojecting rays through pixel images", IEEE Transactions on Medical Imaging 1(3), 1982: a ray
visits every slice across its steepest axis, samples it bilinearly where it crosses, and weights each sample by the length of ray
between two slices.
"""

import numpy as np
from jaxtyping import Float, Shaped
from scipy.ndimage import map_coordinates

from radloupe.drr.engines.engine import LineIntegrals, Render
from radloupe.drr.volume import Volume, check_source_outside
from radloupe.imaging import geometry
from radloupe.imaging.camera import View


def prepare(volume: Volume, quality: str = "default") -> Render:
    """The engine `reference`: double precision, one quality for all names. It takes seconds per image."""

    def render(view: View) -> LineIntegrals:
        check_source_outside(volume, view)
        start, step = rays(view)
        lengths = integrate(volume, start.reshape(-1, 3), step.reshape(-1, 3), whole_line=view.source is None)
        return lengths.reshape(view.shape).astype(np.float32)

    return render


def rays(view: View) -> tuple[Float[np.ndarray, "rows columns 3"], Float[np.ndarray, "rows columns 3"]]:
    """A point on each pixel's ray and the ray's direction, of any length, in LPS mm: from the source, or through the pixel."""
    pixels = view.pixels()
    if view.source is None:
        return pixels, np.broadcast_to(np.asarray(view.direction), pixels.shape)
    return np.broadcast_to(view.source, pixels.shape), pixels - view.source


def integrate(
    volume: Volume, start: Float[np.ndarray, "n 3"], step: Float[np.ndarray, "n 3"], *, whole_line: bool = False
) -> Float[np.ndarray, " n"]:
    """Integrals of the volume's values along rays in LPS mm, from `start` onwards, or along the whole line where `whole_line` is true."""
    position = start @ volume.to_index[:3, :3].T + volume.to_index[:3, 3]
    slope = step @ volume.to_index[:3, :3].T
    steepest = np.abs(slope).argmax(axis=1)
    total = np.zeros(len(start))
    for axis in range(3):
        order = [axis, *(other for other in range(3) if other != axis)]
        slices = volume.values.T.transpose(order)
        along = np.flatnonzero(steepest == axis)
        total[along] = sum_slices(slices, position[along][:, order], slope[along][:, order], whole_line)
    return total * np.linalg.norm(step, axis=1) / np.abs(slope).max(axis=1)


def sum_slices(
    slices: Float[np.ndarray, "a b c"], position: Float[np.ndarray, "n 3"], slope: Float[np.ndarray, "n 3"], whole_line: bool
) -> Float[np.ndarray, " n"]:
    """Sums of the rays' samples over all slices; indices and slopes are in the order of the slices' axes."""
    total = np.zeros(len(position))
    for number, plane in enumerate(slices):
        distance = (number - position[:, 0]) / slope[:, 0]
        crossing = position[:, 1:] + distance[:, None] * slope[:, 1:]
        total += bilinear(plane, crossing) * (whole_line | (distance > 0))
    return total


def bilinear(plane: Float[np.ndarray, "b c"], index: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, " n"]:
    """Bilinear interpolation of a plane surrounded by zeros."""
    framed = np.pad(plane, 1)
    inside = np.clip(index + 1, 0, np.array(framed.shape) - 1)
    low = np.minimum(inside.astype(int), np.array(framed.shape) - 2)
    (b, c), (wb, wc) = low.T, (inside - low).T
    return (framed[b, c] * (1 - wc) + framed[b, c + 1] * wc) * (1 - wb) + (framed[b + 1, c] * (1 - wc) + framed[b + 1, c + 1] * wc) * wb


def rotate_and_sum(volume: Volume, rotation: Float[np.ndarray, "3 3"], shape: tuple[int, int], pitch_mm: float) -> LineIntegrals:
    """Parallel projection by rotation: rotate a cubic grid about the volume's centre, sample the volume trilinearly, sum along the depth.

    `rotation` holds the directions in LPS of the image's columns, its rows and its depth. Rows and columns are `pitch_mm` apart, and
    so are the samples along the depth, which spans the whole volume. Gaps between slices are filled linearly.
    Source: "matrix-based projection" of the paper that this package calls TTSR-FD, read as docs/faithfulness.md says.
    """
    centre = geometry.centre(volume.to_lps, volume.values.shape)
    corners = geometry.corners(volume.to_lps, volume.values.shape)
    radius = np.linalg.norm(corners - centre, axis=1).max() + geometry.spacing(volume.to_lps).max()  # the field ends within a voxel
    depth = int(2 * radius / pitch_mm) + 1
    grid = np.stack(np.meshgrid(*((np.arange(n) - (n - 1) / 2) * pitch_mm for n in (*shape, depth)), indexing="ij"))
    positions = np.tensordot(rotation[:, [1, 0, 2]], grid, 1) + centre[:, None, None, None]
    index = np.tensordot(volume.to_index[:3, :3], positions, 1) + volume.to_index[:3, 3, None, None, None]
    readings: Shaped[np.ndarray, "rows columns depth"] = map_coordinates(volume.values, index[::-1], order=1, mode="grid-constant")
    return (readings.sum(axis=-1) * pitch_mm).astype(np.float32)
