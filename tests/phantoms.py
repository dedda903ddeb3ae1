"""Bodies whose integral along any ray is known in closed form, and the voxels that a scanner would make of them. LPS mm, values in 1/mm."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.ndimage import maximum_filter, minimum_filter


@dataclass(frozen=True)
class Ellipsoid:
    """The unit ball under a linear map: the columns of `axes` are the semi-axes in mm."""

    centre: tuple
    axes: np.ndarray
    value: float = 0.02

    def at(self, points):
        return self.value * (((points - self.centre) @ np.linalg.inv(self.axes).T) ** 2).sum(-1).__lt__(1)

    def along(self, start, step):
        position, slope = (start - self.centre) @ np.linalg.inv(self.axes).T, step @ np.linalg.inv(self.axes).T
        a, b, c = (slope**2).sum(-1), (position * slope).sum(-1), (position**2).sum(-1) - 1
        return self.value * 2 * np.sqrt(np.maximum(b**2 - a * c, 0)) / a * np.linalg.norm(step, axis=-1)


@dataclass(frozen=True)
class Polyhedron:
    """Points p with normals @ p <= offsets: boxes, and what half-spaces cut off them."""

    normals: np.ndarray
    offsets: np.ndarray
    value: float = 0.02

    def at(self, points):
        return self.value * (points @ self.normals.T <= self.offsets).all(-1)

    def along(self, start, step):
        speed = step @ self.normals.T
        with np.errstate(divide="ignore", invalid="ignore"):
            way = (self.offsets - start @ self.normals.T) / speed
        enter = np.where(speed < 0, way, -np.inf).max(-1)
        leave = np.where(speed > 0, way, np.inf).min(-1)
        outside = ((speed == 0) & (start @ self.normals.T > self.offsets)).any(-1)
        return np.where(outside, 0, self.value * np.maximum(leave - enter, 0) * np.linalg.norm(step, axis=-1))


@dataclass(frozen=True)
class Blob:
    """A Gaussian: the columns of `axes` are its standard deviations in mm, `value` its peak."""

    centre: tuple
    axes: np.ndarray
    value: float = 0.02

    def at(self, points):
        return self.value * np.exp(-0.5 * (((points - self.centre) @ np.linalg.inv(self.axes).T) ** 2).sum(-1))

    def along(self, start, step):
        position, slope = (start - self.centre) @ np.linalg.inv(self.axes).T, step @ np.linalg.inv(self.axes).T
        a, b, c = (slope**2).sum(-1), (position * slope).sum(-1), (position**2).sum(-1)
        return self.value * np.exp(-0.5 * (c - b**2 / a)) * np.sqrt(2 * np.pi / a) * np.linalg.norm(step, axis=-1)


def box(centre, axes, value=0.02):
    """A parallelepiped whose half edges are the columns of `axes`."""
    inverse = np.linalg.inv(axes)
    normals = np.concatenate([inverse, -inverse])
    return Polyhedron(normals, 1 + normals @ np.asarray(centre, float), value)


def cut(body, point, normal):
    """What is left of a polyhedron on the side of a plane that `normal` points away from."""
    return Polyhedron(np.vstack([body.normals, normal]), np.append(body.offsets, np.dot(normal, point)), body.value)


def rotation(*degrees):
    """A rotation about x, then y, then z."""
    total = np.eye(3)
    for axis, angle in enumerate(np.radians(degrees)):
        turn = np.eye(3)
        i, j = (axis + 1) % 3, (axis + 2) % 3
        turn[[i, i, j, j], [i, j, i, j]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
        total = turn @ total
    return total


def grid(shape, spacing=(1.0, 1.0, 1.0), directions=None):
    """An affine (index x, y, z to LPS mm) that centres a grid of a shape z, y, x on the origin."""
    affine = np.eye(4)
    affine[:3, :3] = (np.eye(3) if directions is None else directions) * np.asarray(spacing)
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape[::-1]) - 1) / 2)
    return affine


def voxels(bodies, shape, affine, parts=3):
    """Values `z y x` of a grid: where they differ from a neighbour's, the mean over parts x parts x parts points (partial volume)."""
    z, y, x = np.meshgrid(*map(np.arange, shape), indexing="ij")
    centres = np.stack([x, y, z], -1) @ affine[:3, :3].T + affine[:3, 3]
    values = sum(body.at(centres) for body in bodies)
    edge = maximum_filter(values, 3) != minimum_filter(values, 3)
    shifts = (np.arange(parts) + 0.5) / parts - 0.5
    points = (centres[edge] + affine[:3, :3] @ shift for shift in product(shifts, repeat=3))
    values[edge] = sum(sum(body.at(p) for body in bodies) for p in points) / parts**3
    return values.astype(np.float32)


def truth(bodies, view):
    """The exact line integrals of bodies for a view."""
    pixels = view.pixels()
    start = pixels if view.source is None else np.broadcast_to(view.source, pixels.shape)
    step = np.broadcast_to(view.direction, pixels.shape) if view.source is None else pixels - view.source
    return sum(body.along(start, step) for body in bodies)
