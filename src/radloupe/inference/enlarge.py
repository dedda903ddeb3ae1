"""Slice-by-slice super-resolution of an image in its own unit and dtype."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from radloupe import degradation
from radloupe.core.errors import InputError, LimitError, UsageError
from radloupe.core.limits import LIMITS, Limits, check_output_shape
from radloupe.imaging import geometry, pixel_info
from radloupe.imaging.image import Image, placeholder
from radloupe.inference.bound import Bound, Unbounded, check_finite
from radloupe.inference.consistency import Consistency
from radloupe.inference.data_consistency.correction import Correction, error_variance
from radloupe.inference.labels import interpolation_of
from radloupe.inference.output_grid import OutputGrid, resampled
from radloupe.inference.tile_plan import Plan
from radloupe.inference.tiles import Run, strips
from radloupe.inference.uncertainty.half_widths import HalfWidths
from radloupe.networks.model import Model

ROWS_AT_ONCE = 64  # output rows converted at once: conversion is in float64, and a strip of a radiograph may have thousands of rows
VERSION_NOTE = "super-resolved x{scale} in plane by radloupe {version} with model {name} (sha256 {sha256}); research use only"


def announce(image: Image, model: Model, version: str, limits: Limits = LIMITS, grid: OutputGrid | None = None) -> Image:
    """Announced result with placeholder pixels: its shape, geometry and history; on `grid`, or else on the network's own.

    Raises `LimitError`, `InputError`; `UsageError` for a model without all its inputs.
    """
    if model.spec.needs:
        options = " and ".join(f"`{need}`" for need in model.spec.needs)
        raise UsageError(f"{model.name} needs further inputs: give its {options} too.")
    if model.spec.dimensions != 2:
        raise InputError(
            f"{model.name} is a network in {model.spec.dimensions} dimensions, and images are enlarged slice by slice. Choose another."
        )
    geometry.check_straight(image.affine)
    c, z, y, x = image.pixels.shape
    scale = model.spec.scale
    centred = grid is not None or degradation.centred(model.degradation, scale)
    down, across = grid.factors if grid else (scale, scale)
    shape = (c, z, *(grid.shape if grid else (y * scale, x * scale)))
    check_output_shape(shape, limits)
    note = VERSION_NOTE.format(scale=f"{max(down, across):.6g}", version=version, name=model.name, sha256=model.sha256 or "unsaved")
    return image.resampled(placeholder(shape, image.pixels.dtype), (across, down, 1), note, centred)


def enlarge(
    image: Image,
    model: Model,
    run: Run,
    plan: Plan,
    consistency: Consistency | None = None,
    on_rows: Callable[[int], None] = lambda rows: None,
    bound: Bound | None = None,
    grid: OutputGrid | None = None,
    correction: Correction | None = None,
    widths: HalfWidths | None = None,
) -> Iterator[np.ndarray]:
    """The enlarged pixels as 2-D blocks of whole rows in stored order, in the image's unit and type, within bounds (`inference.bound`).

    `on_rows` is called with the number of finished low rows; `bound`, where given (`bound_for`), counts the pixels that it changed.
    `correction` is applied to the network's rows. On a `grid` other than the network's own, rows are resampled afterwards, and
    `consistency` is that of the network's rows. Bounds come last, so they hold whatever the correction does. `widths` computes half
    widths of intervals from the finished rows.
    """
    bound, correction = bound or bound_for(image, model, grid), correction or Correction()
    to_network = pixel_info.network_range(image.pixels, image.info, model.pixel_range)
    scale = model.spec.scale
    at_once = max(ROWS_AT_ONCE // scale, 1) * scale

    def corrected_rows(low: np.ndarray) -> Iterator[np.ndarray]:
        for strip in strips(run, to_network.enter(low), plan, model.spec):
            for first in range(0, len(strip), at_once):
                yield from correction.add(to_network.leave(strip[first : first + at_once]))
            on_rows(len(strip) // scale)

    def network_rows(low: np.ndarray) -> Iterator[np.ndarray]:
        for rows in corrected_rows(low):
            for first in range(0, len(rows), at_once):
                values = rows[first : first + at_once]
                if consistency and grid:
                    consistency.add(pixel_info.clamped(check_finite(values), image.info))
                yield values

    if grid:
        centred, method = degradation.centred(model.degradation, scale), interpolation_of(model)
        matrices = grid.matrices(image.shape[1:], scale, centred, method)
    for raw in image.slices():
        low = bound.begin(raw)
        variance = error_variance(low, image.info, image.pixels.dtype)
        correction.begin(low, variance)
        if consistency:
            consistency.begin(low, variance)
        if widths:
            widths.begin(low)
        done = 0
        for values in resampled(network_rows(low), *matrices) if grid else network_rows(low):
            block = pixel_info.quantise(bound.apply(values, done), image.info, image.pixels.dtype)
            if consistency and not grid:
                consistency.add(pixel_info.clamped(block, image.info))
            if widths:
                widths.add(block)
            yield block
            done += len(block)


def bound_for(image: Image, model: Model, grid: OutputGrid | None = None, bounded: bool = True) -> Bound:
    """Bound of a model's output for an image; unless `bounded`, one that changes nothing."""
    centred = grid is not None or degradation.centred(model.degradation, model.spec.scale)
    kind = Bound if bounded else Unbounded
    return kind(grid.factors if grid else model.spec.scale, image.info, image.pixels.dtype, centred)


def assemble(announced: Image, blocks: Iterator[np.ndarray]) -> Image:
    """The announced image with its pixels in memory; raises `LimitError` where they do not fit."""
    try:
        pixels = np.empty(announced.pixels.shape, announced.pixels.dtype)
    except MemoryError as error:
        text = f"The output needs {announced.pixels.size * announced.pixels.itemsize / 2**30:.1f} GiB of memory, which is not free."
        raise LimitError(f"{text} Let `radloupe upscale` stream it to a file instead.") from error
    rows = pixels.reshape(-1, pixels.shape[-1])
    done = 0
    for block in blocks:
        rows[done : done + len(block)] = block
        done += len(block)
    return replace(announced, pixels=pixels)
