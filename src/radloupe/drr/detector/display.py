"""From line integrals to grey levels that people look at."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float, UInt

from radloupe.core.errors import UsageError
from radloupe.drr.detector.gaussian import spread

Picture = Float[np.ndarray, "..."]
Window = tuple[float, float]
Polarity = Literal["radiograph", "fluoroscopy"]
Scale = Literal["log", "linear"]

PERCENTILES = (0.0, 99.9)
BROAD, FINE = 1 / 16, 1.0  # sigmas of the look's filters: a share of the longer side, and pixels
EVEN, SHARPEN = 0.7, 0.7  # how much of the broad shades goes, and how much of the fine detail is added
BLACK = 1e-6  # a picture without any light would be divided by zero


def window_of(paths: Picture | Sequence[Picture], percentiles: tuple[float, float] = PERCENTILES) -> Window:
    """The window of a picture, or the one window that all pictures of a series share: percentiles of their line integrals.

    >>> window_of(np.linspace(0, 1, 1001, dtype=np.float32))
    (0.0, 0.999...)
    """
    if not 0 <= percentiles[0] < percentiles[1] <= 100:
        raise UsageError(f"Expected rising percentiles between 0 and 100, found {percentiles[0]:g} and {percentiles[1]:g}.")
    low, high = np.percentile(np.concatenate([path.ravel() for path in paths]), percentiles)
    return float(low), float(high)


def display(
    paths: Picture,
    window: Window | None = None,
    *,
    polarity: str = "radiograph",
    scale: str = "log",
    look: bool = False,
    bits: int = 8,
) -> UInt[np.ndarray, "..."]:
    """Grey levels, uint8 or uint16, of line integrals `... y x`.

    The `window` (smallest and largest line integral shown; the picture's own percentiles if not given) becomes black and white. Radiographs
    show bone white, fluoroscopy bone dark. `log` shows the line integrals, `linear` the X-rays themselves, which is what an old screen
    shows. `look` is the radiograph look. Raises `UsageError`.
    """
    if bits not in (8, 16):
        raise UsageError(f"Expected pictures of 8 or 16 bits, found {bits}.")
    if polarity not in get_args(Polarity) or scale not in get_args(Scale):
        raise UsageError(f"Expected radiograph or fluoroscopy, log or linear; found {polarity!r} and {scale!r}.")
    low, high = window_of(paths) if window is None else window
    if not (np.isfinite([low, high]).all() and low <= high):
        raise UsageError(f"Expected a window of two rising numbers, found {low:g} and {high:g}.")
    shades = shade(paths, low, high, scale)
    if look:
        shades = radiograph_look(shades)
    if polarity == "fluoroscopy":
        shades = 1 - shades
    white = 2**bits - 1
    return np.rint(np.clip(shades, 0, 1) * white).astype(f"u{bits // 8}")


def shade(paths: Picture, low: float, high: float, scale: str) -> Picture:
    """0 at the window's lower and 1 at its upper end; a window without width shows everything above it as white."""
    if scale == "linear":
        paths, low, high = -np.exp(-paths), -np.exp(-low), -np.exp(-high)
    if high <= low:
        return (paths > low).astype(np.float32)
    return ((paths - low) / (high - low)).astype(np.float32)


def radiograph_look(shades: Picture) -> Picture:
    """The look of processed radiographs: broad shades evened out, so that lung and mediastinum are both legible, and detail sharpened.

    shades (2 middle / (broad + middle))^.7 + .7 (shades - fine), where `broad` is a Gaussian of a sixteenth of the longer side, `fine` one
    of a pixel, and `middle` is the mean shade, weighted by the shades themselves so that air counts for nothing. Black stays black, and
    no histogram is equalised: noise does not become structure.
    """
    clipped = np.clip(shades, 0, 1)
    wide = BROAD * max(shades.shape[-2:])
    middle = (clipped**2).sum((-2, -1), keepdims=True) / np.maximum(clipped.sum((-2, -1), keepdims=True), BLACK)
    gain = 2 * middle / np.maximum(spread(clipped, wide, wide) + middle, BLACK)
    return clipped * gain**EVEN + SHARPEN * (clipped - spread(clipped, FINE, FINE))
