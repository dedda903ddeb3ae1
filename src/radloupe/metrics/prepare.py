"""Preparation of images for a protocol: value range, mapping, border, patches."""

import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float64

from radloupe.core.errors import InputError
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import AIR_HU, NETWORK_SPAN_HU
from radloupe.metrics.protocol_settings import Protocol

Parts = Float64[np.ndarray, "part y x"]


def value_window(truth: Image) -> tuple[float, float]:
    """The lowest value and the span of the expected range: -1000 to 2000 HU for CT, that of the stored bits for radiographs, zero to the
    largest value otherwise.

    Raises `InputError` for an image without values above zero.
    """
    info = truth.info
    if info.unit == "HU":
        return AIR_HU, NETWORK_SPAN_HU
    low, high = sorted(end * info.storage.slope + info.storage.intercept for end in info.storage.range)
    if info.unit == "stored" and math.isfinite(high):
        return low, high - low
    return 0.0, largest(truth)


def value_range(truth: Image) -> float:
    """The span that PSNR and SSIM refer to; see `value_window`."""
    return value_window(truth)[1]


def largest(truth: Image) -> float:
    """The largest value; raises `InputError` when it is not above zero."""
    top = float(truth.pixels.max())
    if not top > 0:
        raise InputError("Expected a truth with values above zero, found none: there is no range to score on.")
    return top


def scored_window(truth: Image, protocol: Protocol) -> tuple[float, float]:
    """The lowest value and the span that a protocol's values are mapped from.

    Raises `InputError` for a truth whose range the protocol does not define: values below zero in a unit without a range.
    """
    low, span = (0.0, largest(truth)) if protocol.range == "maximum" else value_window(truth)
    if protocol.values and low == 0 and truth.pixels.min() < 0:
        text = f"Protocol {protocol.name} needs a known range, and a truth in {truth.info.unit} units with values below zero has none."
        raise InputError(f"{text} Use the protocol plain, or shift the values.")
    return low, span


def parts(image: Image, protocol: Protocol, window: tuple[float, float], border: int, patch: int | None) -> Iterator[Parts]:
    """The scored values slice by slice: without the border, mapped by the protocol, whole or in patches.

    Raises `InputError` where border or patch exceed the slice.
    """
    inside = slice(border, -border or None)
    for plane in image.slices():
        cut = plane[inside, inside]
        height, width = cut.shape
        side_y, side_x = (patch, patch) if patch else (height, width)
        if not min(cut.shape) or side_y > height or side_x > width:
            asked = f"a border of {border}" + (f" and patches of {patch}x{patch}" if patch else "")
            raise InputError(
                f"Expected slices larger than {asked}, found {plane.shape[1]}x{plane.shape[0]}. Choose a smaller border or patch."
            )
        tiles = cut[: height // side_y * side_y, : width // side_x * side_x].reshape(height // side_y, side_y, -1, side_x)
        yield mapped(tiles.swapaxes(1, 2).reshape(-1, side_y, side_x).astype(np.float64), protocol, window)


def mapped(values: Parts, protocol: Protocol, window: tuple[float, float]) -> Parts:
    """Values on the protocol's range, clipped and rounded where its settings say so."""
    if not protocol.values:
        return values
    (bottom, top), (low, span) = protocol.values, window
    values = (values - low) * ((top - bottom) / span) + bottom
    values = np.clip(values, bottom, top) if protocol.clipped else values
    return np.rint(values) if protocol.quantised else values
