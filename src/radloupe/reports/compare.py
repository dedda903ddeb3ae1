"""Images side by side, with one region magnified, in a single HTML file."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from PIL import Image as PillowImage

from radloupe.reports.html import page_html, part_html

WHOLE_PIXELS, REGION_PIXELS = 512, 480  # width of the images on the page


@dataclass(frozen=True)
class Panel:
    """An image with its caption: grey levels 0 to 255 (y, x)."""

    caption: str
    pixels: np.ndarray
    chosen: bool = False
    """Whether it is highlighted as the result under comparison."""


@dataclass(frozen=True)
class Section:
    """Panels of one size side by side, and the same region of each below."""

    title: str
    text: str
    panels: Sequence[Panel]
    region: tuple[slice, slice]
    spacing_mm: float | None = None
    """Pixel spacing along x in mm, for a scale bar in the first image of a row; None draws no bar."""


BARS_MM = (1, 2, 5, 10, 20, 50, 100)
"""Lengths of scale bars in mm."""


@dataclass(frozen=True)
class ScaleBar:
    """A scale bar of a whole number of millimetres, and its share of the image's width."""

    length_mm: int
    share: float


def scale_bar(columns: int, spacing_mm: float | None) -> ScaleBar | None:
    """Longest scale bar of at most a third of an image's width in columns; None for an unknown spacing, or where none fits.

    >>> scale_bar(104, 0.72)  # 75 mm wide
    ScaleBar(length_mm=20, share=0.2671)
    """
    widths = [(length, length / (columns * spacing_mm)) for length in BARS_MM] if spacing_mm else []
    fitting = [ScaleBar(length, round(share, 4)) for length, share in widths if share <= 1 / 3]
    return fitting[-1] if fitting else None


def grey_levels(pixels: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values between `low` and `high` as grey levels 0 to 255, for display only."""
    return np.clip((pixels.astype(np.float64) - low) / (high - low) * 255, 0, 255).round().astype(np.uint8)


def data_url(pixels: np.ndarray, width: int) -> str:
    """Data URL of a PNG of grey levels `y x` or colours `y x 3`, magnified by a whole factor to at least `width`."""
    factor = max(1, -(-width // pixels.shape[1]))
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels.repeat(factor, 0).repeat(factor, 1)).save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def section(part: Section) -> Markup:
    """HTML of a section: heading, whole images, and the region of each."""
    whole = [data_url(panel.pixels, WHOLE_PIXELS) for panel in part.panels]
    region = [data_url(panel.pixels[part.region], REGION_PIXELS) for panel in part.panels]
    rows = [(whole, part.panels[0].pixels.shape[1]), (region, len(range(*part.region[1].indices(part.panels[0].pixels.shape[1]))))]
    return part_html("section", part, [(sources, scale_bar(columns, part.spacing_mm)) for sources, columns in rows])


def page(title: str, introduction: str, sections: Sequence[Section], footer: str) -> str:
    """The whole page as HTML text."""
    return shell(title, introduction, [section(part) for part in sections], max(len(part.panels) for part in sections), footer)


def shell(title: str, introduction: str, sections: Sequence[Markup], columns: int, footer: str) -> str:
    """HTML page around sections, with `columns` images per row."""
    body = Markup("\n").join(sections)
    width = max(1240, 260 * columns)
    return page_html(title=title, introduction=introduction, sections=body, columns=columns, width=width, footer=footer)
