"""Metrics in the anatomy: PSNR, SSIM, and the gain over interpolation, overall and by block."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64

from radloupe.imaging.image import Image
from radloupe.metrics.anatomy_mask import Anatomy
from radloupe.metrics.prepare import parts, scored_window
from radloupe.metrics.protocol import check_pair
from radloupe.metrics.protocol_settings import SCALE, Protocol, protocol_named
from radloupe.metrics.structural_similarity import WINDOWS, ssim_inside

BLOCK = 64
"""Side of the blocks of `median_block_gain_db`, in pixels, from the first row and column scored."""
MOSTLY = 0.5
"""Smallest fraction of anatomy in a block that counts."""
PREFIX = "anatomy_"
MASKED_METRICS = ("psnr", "ssim", "gain_db", "median_block_gain_db", "blocks_below_bicubic", "gain_over_zero_filling_db")
"""Names of the metrics in the anatomy, in order; with `PREFIX` in flat tables."""

Plane = Float64[np.ndarray, "y x"]
Blocks = Float64[np.ndarray, " block"]


@dataclass
class Errors:
    """Sums of squared errors in the mask, over slices."""

    total: float = 0.0
    blocks: list[Blocks] = field(default_factory=list)
    """Sums for the blocks that lie mostly in the mask."""

    def add(self, squares: Plane, mask: Bool[np.ndarray, "y x"]) -> None:
        """Add a slice."""
        inside = squares * mask
        self.total += float(inside.sum())
        self.blocks.append(in_blocks(inside)[in_blocks(mask.astype(np.float64)) > MOSTLY * BLOCK**2])


def masked_metrics(
    image: Image,
    truth: Image,
    where: Anatomy,
    protocol: str = "plain",
    *,
    scale: int = SCALE,
    bicubic: Image | None = None,
    zero_filled: Image | None = None,
) -> dict[str, float]:
    """Values of an image against the truth over the pixels of a mask, on the range that the protocol gives the whole image.

    `psnr` is from the squared error, `ssim` the mean of its map (`ssim_inside`), both over all masked pixels of all slices together. With
    `bicubic`, that enlargement of the same low image: `gain_db`, how far the squared error is below its in dB;
    `median_block_gain_db`, the median of that over the blocks of 64 x 64 pixels more than half of which is anatomy; and
    `blocks_below_bicubic`, the share of those blocks where the error is larger than that of bicubic enlargement. With `zero_filled`,
    enlargement by zeros around k-space: `gain_over_zero_filling_db`. NaN where there are no such pixels or blocks. Raises as
    `protocol.measure`.
    """
    chosen = protocol_named(protocol)
    check_pair(image, truth)
    window, border = scored_window(truth, chosen), chosen.border_per_scale * scale
    low, high = chosen.values or (window[0], sum(window))
    others = {name: one for name, one in (("bicubic", bicubic), ("zero_filled", zero_filled)) if one is not None}
    errors = {name: Errors() for name in ("image", *others)}
    pixels, similar, looked_at, half = 0, 0.0, 0, len(WINDOWS[chosen.window].taps) // 2
    for mask, sharp, shown in slices(where, truth, {"image": image} | others, chosen, window, border):
        pixels += int(mask.sum())
        for name, plane in shown.items():
            errors[name].add((plane - sharp) ** 2, mask)
        if count := int(mask[half : len(mask) - half, half : mask.shape[1] - half].sum()):  # pixels with a whole window
            similar += count * ssim_inside(shown["image"], sharp, mask, high - low, chosen.window)
            looked_at += count
    ours = errors["image"]
    found = {
        "psnr": decibels((high - low) ** 2 * pixels, ours.total) if pixels else math.nan,
        "ssim": similar / looked_at if looked_at else math.nan,
    }
    if bicubic is not None:
        found |= against(ours, errors["bicubic"])
    if zero_filled is not None:
        found["gain_over_zero_filling_db"] = decibels(errors["zero_filled"].total, ours.total)
    return found


def slices(
    where: Anatomy, truth: Image, shown: Mapping[str, Image], protocol: Protocol, window: tuple[float, float], border: int
) -> Iterator[tuple[Bool[np.ndarray, "y x"], Plane, dict[str, Plane]]]:
    """Mask, truth and images slice by slice as the protocol prepares them; slices without anatomy are left out."""
    inside = slice(border, -border or None)
    masks = (mask[inside, inside] for volume in where.mask for mask in volume)
    every = zip(masks, *(parts(one, protocol, window, border, None) for one in (truth, *shown.values())), strict=True)
    for mask, *planes in every:
        if mask.any():
            sharp, *made = (protocol.luma.offset + protocol.luma.weight * p[0] if protocol.luma else p[0] for p in planes)
            yield mask, sharp, dict(zip(shown, made, strict=True))


def against(ours: Errors, bicubic: Errors) -> dict[str, float]:
    """The gain over bicubic enlargement: overall, median over blocks, and share of blocks below zero."""
    both = zip(np.concatenate(bicubic.blocks), np.concatenate(ours.blocks), strict=True) if ours.blocks else ()
    gains = [decibels(theirs, own) for theirs, own in both]
    return {
        "gain_db": decibels(bicubic.total, ours.total),
        "median_block_gain_db": float(np.median(gains)) if gains else math.nan,
        "blocks_below_bicubic": float(np.mean([gain < 0 for gain in gains])) if gains else math.nan,
    }


def decibels(larger: float, smaller: float) -> float:
    """Ten times the logarithm of a ratio: infinite over zero, and 0 dB for two zeros."""
    if larger == smaller:
        return 0.0
    return math.inf if not smaller else -math.inf if not larger else 10 * math.log10(larger / smaller)


def in_blocks(values: Plane) -> Float64[np.ndarray, "down across"]:
    """Sums over blocks; rows and columns that do not fill a block are dropped."""
    height, width = (n // BLOCK for n in values.shape)
    return values[: height * BLOCK, : width * BLOCK].reshape(height, BLOCK, width, BLOCK).sum((1, 3))


def flat(values: Mapping[str, float]) -> dict[str, float]:
    """Metrics in the anatomy with `PREFIX`, for a table with those of the whole image."""
    return {PREFIX + name: value for name, value in values.items()}


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `flat`: metrics in the anatomy first, nested under `anatomy`."""
    inside = {name.removeprefix(PREFIX): value for name, value in values.items() if name.startswith(PREFIX)}
    return ({"anatomy": inside} if inside else {}) | {name: value for name, value in values.items() if not name.startswith(PREFIX)}
