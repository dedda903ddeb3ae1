"""Display of DRRs: grey levels from line integrals."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt

from radloupe.core.errors import UsageError
from radloupe.core.tables import check_choice
from radloupe.drr.detector.gaussian import gaussian_blur
from radloupe.drr.project_options import INTENSITY_SCALES, POLARITIES

Plane = Float[np.ndarray, "..."]
Window = tuple[float, float]

PERCENTILES = (0.0, 99.9)
BROAD, FINE = 1 / 16, 1.0  # sigmas of the look's filters: relative to the longer side, and in pixels
EVEN, SHARPEN = 0.7, 0.7  # exponent of the equalisation, and weight of the added detail
BLACK = 1e-6  # avoids a division by zero in black images


def percentile_window(line_integrals: Plane | Sequence[Plane], percentiles: tuple[float, float] = PERCENTILES) -> Window:
    """Display window of a DRR, or the common window of a series: percentiles of the line integrals.

    >>> percentile_window(np.linspace(0, 1, 1001, dtype=np.float32))
    (0.0, 0.999...)
    """
    if not 0 <= percentiles[0] < percentiles[1] <= 100:
        raise UsageError(f"Expected rising percentiles between 0 and 100, found {percentiles[0]:g} and {percentiles[1]:g}.")
    low, high = np.percentile(np.concatenate([plane.ravel() for plane in line_integrals]), percentiles)
    return float(low), float(high)


def display(
    line_integrals: Plane,
    window: Window | None = None,
    *,
    polarity: str = "radiograph",
    intensity_scale: str = "log",
    look: bool = False,
    bits: int = 8,
) -> UInt[np.ndarray, "..."]:
    """Grey levels, uint8 or uint16, of line integrals.

    Args:
        line_integrals: `... y x`, dimensionless.
        window: Line integrals displayed as black and as white; by default percentiles of these pixels.
        polarity: `radiograph` shows bone white, `fluoroscopy` dark.
        intensity_scale: `log` displays the line integrals, `linear` the X-ray intensity, as an analogue screen does.
        look: Whether `radiograph_look` is applied.
        bits: 8 or 16.

    Raises:
        UsageError: For unknown names, other bits, and a window that does not rise.

    """
    if bits not in (8, 16):
        raise UsageError(f"Expected 8 or 16 bits, found {bits}.")
    check_choice("polarity", polarity, POLARITIES)
    check_choice("intensity scale", intensity_scale, INTENSITY_SCALES)
    low, high = percentile_window(line_integrals) if window is None else window
    if not (np.isfinite([low, high]).all() and low <= high):
        raise UsageError(f"Expected a window of two rising numbers, found {low:g} and {high:g}.")
    shades = normalise(line_integrals, low, high, intensity_scale)
    if look:
        shades = radiograph_look(shades)
    if polarity == "fluoroscopy":
        shades = 1 - shades
    white = 2**bits - 1
    return np.rint(np.clip(shades, 0, 1) * white).astype(f"u{bits // 8}")


def normalise(line_integrals: Plane, low: float, high: float, intensity_scale: str) -> Plane:
    """Line integrals mapped to 0..1 by the window; for a window of zero width, values above it become 1."""
    if intensity_scale == "linear":
        line_integrals, low, high = -np.exp(-line_integrals), -np.exp(-low), -np.exp(-high)
    if high <= low:
        return (line_integrals > low).astype(np.float32)
    return ((line_integrals - low) / (high - low)).astype(np.float32)


def radiograph_look(shades: Plane) -> Plane:
    """Look of processed radiographs: low frequencies equalised, so that lung and mediastinum are both legible, and detail sharpened.

    shades (2 middle / (broad + middle))^.7 + .7 (shades - fine), where `broad` is a Gaussian of a sixteenth of the longer side, `fine` one
    of a pixel, and `middle` is the mean shade, weighted by the shades themselves so that air counts for nothing. Black stays black, and
    no histogram is equalised: noise does not become structure.
    """
    clipped = np.clip(shades, 0, 1)
    wide = BROAD * max(shades.shape[-2:])
    middle = (clipped**2).sum((-2, -1), keepdims=True) / np.maximum(clipped.sum((-2, -1), keepdims=True), BLACK)
    gain = 2 * middle / np.maximum(gaussian_blur(clipped, wide, wide) + middle, BLACK)
    return clipped * gain**EVEN + SHARPEN * (clipped - gaussian_blur(clipped, FINE, FINE))
