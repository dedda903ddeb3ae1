"""Degradations: how a low-resolution image comes from a high-resolution one.

A preset draws a chain of steps from a seed (`sample`); a chain turns slices or tensors into low ones and draws nothing itself (`run`).
"""

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
from radloupe.degradation.presets import PRESETS, Preset, preset
from radloupe.degradation.step import Chain, Step, nth, run
from radloupe.imaging import geometry, pixel_info
from radloupe.imaging.image import Image

__all__ = ["PRESETS", "Chain", "Preset", "Step", "centred", "degrade", "degrade_batch", "example", "preset", "run", "sample", "shrink"]

NOTHING: Mapping[str, object] = {}
SIDE = 16
"""Of a low slice that a chain is drawn for to be looked at; any would do."""


def sample(name: str, shape: Shape, scale: int, seed: int = 0, settings: Mapping[str, object] = NOTHING) -> Chain:
    """The chain of a preset for high slices of a shape (y, x), every parameter drawn: the same seed gives the same chain.

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
    """Whether a preset leaves low pixels at the centres of the high ones that they cover, rather than on the first of them.

    Where it does not (`kspace`, `pyramid`), low pixel j lies on high pixel scale * j: what is turned or mirrored no longer fits together,
    and what learned from it answers on that grid. One that is not known, or not at this scale, counts as centred.
    """
    return all(step.centred for step in example(name, scale, settings) or ())


def example(name: str, scale: int, settings: Mapping[str, object] = NOTHING) -> Chain | None:
    """A preset's chain for some shape; None for one that is not known, or not at this scale: a model's manifest may say anything."""
    try:
        return sample(name, (SIDE * scale, SIDE * scale), scale, settings=settings)
    except UsageError:
        return None


def shrink(planes: np.ndarray, scale: int, name: str, seed: int = 0) -> np.ndarray:
    """Degrade slices (..., y, x) to 1/scale of their size by a preset; float64 in the unit of the input.

    Presets that draw parameters take grey levels, 0 to 255. Rows and columns beyond a multiple of `scale` are dropped. Raises as `sample`.
    """
    planes = cropped(planes, scale)
    return run(sample(name, planes.shape[-2:], scale, seed), planes)


def degrade_batch(
    high: Float[Tensor, "batch 1 y x"], name: str, scale: int, seed: int, settings: Mapping[str, object] = NOTHING
) -> Float[Tensor, "batch 1 y2 x2"]:
    """Degrade a batch for training, every item with parameters of its own; on the batch's device and in its type.

    Grey levels as for `shrink`; sides are multiples of the scale. Raises as `sample`.
    """
    shape = (high.shape[-2], high.shape[-1])
    if not preset(name).drawn:
        return run(sample(name, shape, scale, seed, settings), high)
    return torch.cat([run(sample(name, shape, scale, seed + n, settings), item[None]) for n, item in enumerate(high)])


def degrade(image: Image, name: str, scale: int, seed: int = 0, settings: Mapping[str, object] = NOTHING) -> Image:
    """An image at 1/scale of its in-plane resolution, in the same unit and type, with the geometry that follows.

    One chain is drawn for the image; noise is fresh in every slice. The chain stands in the image's history. Presets that draw their
    parameters see grey levels (`grey_levels`), and the result is brought back to the image's unit. Raises as `sample`.

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
    """Slices (..., y, x) without the last rows and columns that fill no low pixel; as they are where `sample` will refuse them."""
    if scale < 1 or min(planes.shape[-2:]) < scale:
        return planes
    height, width = (n // scale * scale for n in planes.shape[-2:])
    return planes[..., :height, :width]


def grey_levels(image: Image) -> pixel_info.NetworkRange:
    """What makes grey levels 0 to 255 of an image: grey = (value - offset) / span.

    8-bit pixels are grey levels as they are. Other images are mapped as networks see them: -1000 to 2000 HU for CT, their own smallest
    to largest value for the rest. Values outside stay outside; nothing is clipped.
    """
    if image.pixels.dtype == np.uint8:
        return pixel_info.NetworkRange(0.0, 1.0)
    seen = pixel_info.network_range(image.pixels, image.info)
    return pixel_info.NetworkRange(seen.offset, seen.span / 255)


def described(chain: Chain) -> str:
    """The steps and their parameters as JSON."""
    return json.dumps([{"step": type(step).__name__, **step.parameters} for step in chain], separators=(",", ":"))
