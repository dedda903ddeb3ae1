"""Degradation of images and batches by a preset: draw a chain of steps from a seed, and run it."""

import json
from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from radloupe.core import seeds
from radloupe.core.errors import InputError, UsageError
from radloupe.core.settings import changed
from radloupe.degradation.draw import Shape
from radloupe.degradation.presets import preset
from radloupe.degradation.step import Chain, Compose, nth, run
from radloupe.imaging import geometry, pixel_info
from radloupe.imaging.image import Image

NOTHING: Mapping[str, object] = {}
SIDE = 16
"""Side in low pixels of the slice that `example` draws a chain for; the result does not depend on it."""


def sample(name: str, shape: Shape, scale: int, seed: int = 0, settings: Mapping[str, object] = NOTHING) -> Chain:
    """Chain of steps of a preset for high-resolution slices of a shape (y, x), with all parameters drawn from the seed.

    `settings` change the preset's own by name. Raises `UsageError` for an unknown preset, setting or scale, `InputError` for slices
    smaller than one low pixel.
    """
    row = preset(name)
    if scale < 1:
        raise UsageError(f"Expected a scale of 1 or more, found {scale}.")
    if min(shape) < scale:
        raise InputError(f"Expected slices of at least {scale}x{scale} pixels to degrade by {scale}, found {shape[1]}x{shape[0]}.")
    return row.sample(changed(row.settings, settings), shape, scale, seeds.generator(seed, "degrade", name))


def centred(name: str, scale: int, settings: Mapping[str, object] = NOTHING) -> bool:
    """Whether the low and high grids share pixel centres (half-pixel convention).

    Where they do not (`kspace`, `pyramid`), low pixel j lies on high pixel scale * j: rotated or mirrored pairs are no longer aligned, and
    a network trained on such pairs outputs that grid. An unknown preset, or one without this scale, counts as centred.
    """
    return all(step.centred for step in example(name, scale, settings) or ())


def example(name: str, scale: int, settings: Mapping[str, object] = NOTHING) -> Chain | None:
    """Chain of a preset for an arbitrary shape; None for an unknown preset or scale, since a model's manifest may name any."""
    try:
        return sample(name, (SIDE * scale, SIDE * scale), scale, settings=settings)
    except UsageError:
        return None


def shrink(planes: np.ndarray, scale: int, name: str, seed: int = 0) -> np.ndarray:
    """Degrade slices (..., y, x) to 1/scale of their size by a preset; float64 in the unit of the input.

    Presets with random parameters take grey levels, 0 to 255. Rows and columns are cropped to multiples of `scale`. Raises as `sample`.
    """
    planes = cropped(planes, scale)
    return run(sample(name, planes.shape[-2:], scale, seed), planes)


def degrade_batch(
    high: Float[Tensor, "batch 1 y x"], name: str, scale: int, seed: int, settings: Mapping[str, object] = NOTHING
) -> Float[Tensor, "batch 1 y2 x2"]:
    """Degrade a batch for training, each item with its own parameters, on the batch's device and in its dtype.

    Grey levels as for `shrink`; sides are multiples of the scale. Raises as `sample`.
    """
    shape = (high.shape[-2], high.shape[-1])
    if not preset(name).drawn:
        return run(sample(name, shape, scale, seed, settings), high)
    return torch.cat([run(sample(name, shape, scale, seed + n, settings), item[None]) for n, item in enumerate(high)])


def degrade(image: Image, name: str, scale: int, seed: int = 0, settings: Mapping[str, object] = NOTHING) -> Image:
    """Low-resolution image: 1/scale of the in-plane resolution, in the same unit and type, with the geometry that follows.

    One chain of steps is drawn for the image, with independent noise per slice, and recorded in its history. Presets with random parameters
    work on grey levels (`grey_levels`), and the result is mapped back to the image's unit.

    Args:
        image: The high-resolution image; rows and columns beyond a multiple of the scale are cropped.
        name: A preset of `PRESETS`.
        scale: Whole factor of reduction in plane.
        seed: Seed of the parameters and the noise.
        settings: Values by name that replace the preset's own settings.

    Returns:
        The low-resolution image.

    Raises:
        UsageError: For an unknown preset, setting or scale.
        InputError: For slices smaller than one low pixel, or sheared geometry.

    >>> low = degrade(Image(np.ones((1, 1, 8, 8), np.uint8)), "xpgan", scale=4, seed=7, settings={"k": 3})
    >>> low.shape, low.spacing
    ((1, 2, 2), (4.0, 4.0, 1.0))
    """
    geometry.check_straight(image.affine)
    shape = cropped(image.pixels, scale).shape[-2:]
    chain = sample(name, shape, scale, seed, settings)
    grey = grey_levels(image) if preset(name).drawn else pixel_info.NetworkRange(0.0, 1.0)
    planes = []
    for index, plane in enumerate(image.slices()):
        low = run(nth(chain, index), (cropped(plane, scale).astype(np.float64) - grey.offset) / grey.span)
        planes.append(pixel_info.quantise(low * grey.span + grey.offset, image.info, image.pixels.dtype))
    pixels = np.stack(planes).reshape(*image.pixels.shape[:2], *planes[0].shape)
    drawn = f", seed {seed}" if preset(name).drawn else ""
    note = f"degraded to 1/{scale} by {name}{drawn}: {described(chain)}"
    return image.resampled(pixels, (1 / scale, 1 / scale, 1), note, all(step.centred for step in chain))


def cropped(planes: np.ndarray, scale: int) -> np.ndarray:
    """Slices (..., y, x) cropped to multiples of the scale; unchanged where `sample` raises."""
    if scale < 1 or min(planes.shape[-2:]) < scale:
        return planes
    height, width = (n // scale * scale for n in planes.shape[-2:])
    return planes[..., :height, :width]


def grey_levels(image: Image) -> pixel_info.NetworkRange:
    """Mapping to grey levels from 0 to 255: grey = (value - offset) / span.

    8-bit pixels are grey levels already. Other images are mapped by their network range: -1000 to 2000 HU for CT, the image's smallest
    to largest value for other modalities. Nothing is clipped.
    """
    if image.pixels.dtype == np.uint8:
        return pixel_info.NetworkRange(0.0, 1.0)
    seen = pixel_info.network_range(image.pixels, image.info)
    return pixel_info.NetworkRange(seen.offset, seen.span / 255)


def described(chain: Chain) -> str:
    """The steps and their parameters as JSON."""
    return json.dumps([{"step": type(step).__name__, **step.parameters} for step in chain], separators=(",", ":"))


def bsrgan(shape: Shape, scale: int, seed: int = 0, **settings: object) -> Compose:
    """Blind degradation of BSRGAN: blur, resampling, noise and JPEG in random order (Zhang et al., ICCV 2021).

    Args:
        shape: Rows and columns of the high-resolution slices, multiples of the scale.
        scale: Whole factor of reduction.
        seed: Seed of the order and the parameters.
        settings: `noise` and `jpeg`, the ranges of noise levels and qualities.

    Returns:
        Steps for grey levels from 0 to 255; they take NumPy slices (..., y, x) and torch batches (b, 1, y, x).

    >>> bsrgan((64, 48), scale=4, seed=1)(np.full((64, 48), 100.0)).shape
    (16, 12)

    """
    return Compose(sample("bsrgan", shape, scale, seed, settings))


def real_esrgan(shape: Shape, scale: int, seed: int = 0, **settings: object) -> Compose:
    """Second-order blind degradation of Real-ESRGAN (Wang et al., ICCV workshops 2021); arguments and result as for `bsrgan`."""
    return Compose(sample("real-esrgan", shape, scale, seed, settings))
