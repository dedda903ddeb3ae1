"""Registration targets: X-ray images reduced to a few pixels, with flat border areas (collimator, air) marked."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import binary_dilation, binary_propagation, maximum_filter, minimum_filter

from radloupe.core.errors import InputError
from radloupe.imaging.camera import View

LEAST_PIXELS = 32
CLIPPED = (0.5, 99.5)  # percentiles to which the image is clipped
FLAT = 0.01  # relative to the image's range: pixels that differ less from their neighbours are flat


@dataclass(frozen=True)
class Target:
    """An X-ray image reduced to the pixels of a level."""

    pixels: Float[np.ndarray, "rows columns"]
    view: View
    flat: Bool[np.ndarray, "rows columns"]
    """Flat areas that touch the border: air, or a collimator."""


def check_xray(pixels: np.ndarray) -> Float[np.ndarray, "rows columns"]:
    """The plane of an X-ray image `c z y x`; raises `InputError` for a volume or a colour image, and one that is too small or constant."""
    if pixels.shape[:2] != (1, 1):
        raise InputError(f"Expected a single grey X-ray image, found {pixels.shape[0]} channels of {pixels.shape[1]} slices. Choose one.")
    plane = pixels[0, 0].astype(np.float32)
    if min(plane.shape) < LEAST_PIXELS:
        found = " x ".join(map(str, plane.shape))
        raise InputError(
            f"Expected an X-ray image of at least {LEAST_PIXELS} x {LEAST_PIXELS} pixels, found {found}. Give the whole image."
        )
    low, high = np.percentile(plane, CLIPPED)
    if not (np.isfinite(plane).all() and high > low):
        raise InputError(
            f"Expected an X-ray image with contrast, found pixels from {plane.min():g} to {plane.max():g}. Give another image."
        )
    return np.clip((plane - low) / (high - low), 0, 1)


def reduce_target(plane: Float[np.ndarray, "rows columns"], view: View, pixels: int) -> Target:
    """Target of an image and its view, reduced by block means to about `pixels` along its longer side."""
    step = max(1, round(max(plane.shape) / pixels))
    rows, columns = (n // step for n in plane.shape)
    blocks = plane[: rows * step, : columns * step].reshape(rows, step, columns, step)
    origin = view.origin + (step - 1) / 2 * (view.u + view.v)
    small = blocks.mean(axis=(1, 3), dtype=np.float32)
    return Target(small, replace(view, shape=(rows, columns), origin=origin, u=step * view.u, v=step * view.v), find_flat(small))


def find_flat(image: Float[np.ndarray, "rows columns"]) -> Bool[np.ndarray, "rows columns"]:
    """Flat areas that touch the border of an image, dilated by one pixel."""
    flat = maximum_filter(image, 3) - minimum_filter(image, 3) < FLAT
    border = np.ones_like(flat)
    border[1:-1, 1:-1] = False
    return binary_dilation(binary_propagation(flat & border, mask=flat), iterations=2)
