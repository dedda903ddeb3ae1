"""Comparison sheet of a table: one test image enlarged by every row, with errors and spectra."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image as PILImage
from PIL import ImageDraw

from radloupe.evaluation.examples import Planes, image_rows
from radloupe.evaluation.paired_metrics import ImageMetrics
from radloupe.reports.compare import Panel
from radloupe.reports.parts import ImageRow

SIDE, MARGIN, LINE = 224, 6, 14
"""Side of a panel, margin between panels, and height of a line of text, in pixels."""
Sheet = UInt8[np.ndarray, "height width"]


def sheet(rows: Sequence[ImageRow]) -> Sheet:
    """Rows of panels under their titles, all panels of one size."""
    wide, high = SIDE + MARGIN, SIDE + 2 * LINE + MARGIN
    columns = max(len(row.panels) for row in rows)
    canvas = PILImage.new("L", (columns * wide, len(rows) * (high + LINE)), 255)
    pen = ImageDraw.Draw(canvas)
    for number, row in enumerate(rows):
        top = number * (high + LINE)
        pen.text((2, top), plain(row.title), fill=0)
        for column, panel in enumerate(row.panels):
            if panel is not None:
                pen.text((column * wide + 2, top + LINE), plain(panel.caption)[: SIDE // 6], fill=0)
                canvas.paste(fitted(panel), (column * wide, top + 2 * LINE))
    return np.asarray(canvas)


def plain(text: str) -> str:
    """A text in ASCII, which the built-in font covers."""
    return text.replace("·", " ").encode("ascii", "replace").decode()


def fitted(panel: Panel) -> PILImage.Image:
    """A panel's grey levels at most `SIDE` wide and high: enlarged by whole pixels, or averaged."""
    pil_image = PILImage.fromarray(panel.pixels)
    longer = max(pil_image.size)
    filter_ = PILImage.Resampling.NEAREST if longer <= SIDE else PILImage.Resampling.BOX
    return pil_image.resize((max(1, pil_image.width * SIDE // longer), max(1, pil_image.height * SIDE // longer)), filter_)


def compared(
    low: np.ndarray, truth: np.ndarray, made: Mapping[str, np.ndarray], row: ImageMetrics, scale: int, images: bool = True
) -> Sheet:
    """One image: low, every row's result and the truth; a detail, the errors, and the logarithm of the spectra's magnitude.

    Without `images`, the spectra alone.
    """
    rows = image_rows(Planes(low, truth, dict(made), " grey levels", False), row, scale)
    return sheet(rows if images else rows[-1:])


def save(pixels: Sheet, path: Path) -> None:
    """Write a sheet in 64 grey levels, which compress much better."""
    PILImage.fromarray(pixels // 4 * 4).save(path, optimize=True)
