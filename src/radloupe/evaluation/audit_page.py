"""HTML page of an audit: its rates, and the maps of the slice with the highest residual."""

import math
from typing import Any

import numpy as np
from jaxtyping import Bool, UInt8
from markupsafe import Markup
from scipy.ndimage import binary_dilation

from radloupe import __version__
from radloupe.evaluation.audit import Audit
from radloupe.evaluation.interpolations import nearest
from radloupe.imaging.image import Image
from radloupe.reports.compare import Panel, grey_levels, shell
from radloupe.reports.parts import Cell, ImageRow, images, reduced, table

INTRODUCTION = (
    "Where the result departs from its input, from the truth and from other results. These are rates, not verdicts: agreement with the "
    "input is necessary for a right result, and not sufficient, since what the degradation removes leaves no trace in the input."
)
FOOTER = f"Made by radloupe {__version__}. Research software, not a medical device: not for diagnosis."
FRAME = 2
"""Width in pixels of the frames around labelled patches and flagged positions."""


def audit_page(found: Audit, title: str) -> str:
    """Self-contained HTML page of an audit, without metadata of the image."""
    rows = [row for row in (result_row(found), residual_row(found), difference_row(found)) if row]
    columns = max(len(row.panels) for row in rows)
    illustrations = images(f"Slice {shown_slice(found)}", "Frames mark flagged positions and labelled patches.", rows)
    return shell(title, INTRODUCTION, [rates(found.record), illustrations], columns, FOOTER)


def shown_slice(found: Audit) -> int:
    """Index of the slice with the highest residual, else of that with most labelled patches, else 0."""
    if found.maps:
        return int(np.argmax([one.scores.max() for one in found.maps]))
    return int(np.argmax([one.labelled.sum() for one in found.patches])) if found.patches else 0


def rates(record: dict[str, Any]) -> Markup:
    """Table of all values of the record."""
    lines = [[Cell(name), Cell(value)] for name, value in flattened(record)]
    return table("Values are in the image's unit; shares are of pixels, of energy, or of patches with content.", ["", ""], lines)


def flattened(record: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Names and values of a nested record; lists of positions are left out."""
    lines: list[tuple[str, str]] = []
    for key, value in record.items():
        name = f"{before}{key.replace('_', ' ')}"
        if isinstance(value, dict):
            lines += flattened(value, f"{name}: ")
        elif not isinstance(value, list):
            lines.append((name, value_text(value)))
    return lines


def value_text(value: object) -> str:
    """A value of the record as text."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "not known"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def result_row(found: Audit) -> ImageRow:
    """Row of input, result and truth with a common range of grey levels."""
    inputs, number = found.inputs, shown_slice(found)
    plane = slice_of(inputs.image, number)
    bottom, top = np.percentile(plane, (0.5, 99.5)).tolist()
    top = top if top > bottom else bottom + 1
    marks = frames(found, number, plane.shape)

    def panel(name: str, values: np.ndarray, mask: Bool[np.ndarray, "y x"] | None = None) -> Panel:
        levels = grey_levels(values, bottom, top)
        levels = 255 - levels if inputs.image.info.inverted else levels
        return Panel(name, reduced(levels if mask is None else np.where(mask, 255, levels).astype(np.uint8), peaks=mask is not None))

    panels = [panel("low resolution", nearest(slice_of(inputs.low, number), inputs.scale))] if inputs.low else []
    panels += [panel("result", plane), panel("result, with flagged positions and labelled patches", plane, marks)]
    panels += [panel("truth", slice_of(inputs.truth, number))] if inputs.truth else []
    return ImageRow("Common range of grey levels", panels)


def residual_row(found: Audit) -> ImageRow | None:
    """Row of the residual map and its flagged pixels."""
    if not found.maps:
        return None
    one = found.maps[shown_slice(found)]
    white = one.limit
    scores = nearest(one.scores, found.inputs.scale)
    flagged = nearest(one.flagged.astype(np.uint8) * 255, found.inputs.scale)
    return ImageRow(
        f"Residual: white is {white:.3g} standard deviations of the input's errors or more",
        [Panel("residual", shown_error(scores, white)), Panel("flagged", reduced(flagged, peaks=True))],
    )


def difference_row(found: Audit) -> ImageRow | None:
    """Row of absolute differences to other results and to the truth, with a common range."""
    inputs, number = found.inputs, shown_slice(found)
    known = {**inputs.others, **({"truth": inputs.truth} if inputs.truth else {})}
    if not known:
        return None
    plane = slice_of(inputs.image, number).astype(np.float64)
    differences = {name: np.abs(plane - slice_of(other, number)) for name, other in known.items()}
    white = max(float(np.percentile(one, 99.5)) for one in differences.values()) or 1.0
    panels = [Panel(f"difference to {name}", shown_error(one, white)) for name, one in differences.items()]
    return ImageRow(f"Absolute differences: white is {white:.3g} or more", panels)


def shown_error(values: np.ndarray, white: float) -> UInt8[np.ndarray, "y x"]:
    """Grey levels of a map, reduced by block maxima to keep peaks."""
    return reduced(grey_levels(values, 0, white), peaks=True)


def slice_of(image: Image, number: int) -> np.ndarray:
    """Slice by its index over all volumes."""
    return image.pixels.reshape(-1, *image.pixels.shape[-2:])[number]


def frames(found: Audit, number: int, shape: tuple[int, ...]) -> Bool[np.ndarray, "y x"]:
    """Frames around flagged low pixels, and around labelled patches."""
    marks = np.zeros(shape, bool)
    if found.maps:
        marks |= frame(nearest(found.maps[number].flagged.astype(np.uint8), found.inputs.scale) > 0)
    if found.patches:
        side = found.settings.patch
        labelled = found.patches[number].labelled.repeat(side, 0).repeat(side, 1)[: shape[0], : shape[1]]
        marks |= labelled & ~eroded(labelled)
    return marks


def frame(mask: Bool[np.ndarray, "y x"]) -> Bool[np.ndarray, "y x"]:
    """Outline just outside a mask."""
    grown: np.ndarray = binary_dilation(mask, iterations=2 * FRAME)
    inner: np.ndarray = binary_dilation(mask, iterations=FRAME)
    return grown & ~inner


def eroded(mask: Bool[np.ndarray, "y x"]) -> Bool[np.ndarray, "y x"]:
    """Mask eroded at its rim."""
    outside: np.ndarray = binary_dilation(~mask, iterations=FRAME, border_value=1)
    return ~outside
