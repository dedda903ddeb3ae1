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
    """One image with its caption: grey levels 0 to 255 (y, x)."""

    caption: str
    pixels: np.ndarray
    chosen: bool = False
    """Whether it is the one that the page is about."""


@dataclass(frozen=True)
class Section:
    """Panels of one size side by side, and the same region of each below."""

    title: str
    text: str
    panels: Sequence[Panel]
    region: tuple[slice, slice]


def grey_levels(pixels: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values between `low` and `high` as grey levels 0 to 255, for display only."""
    return np.clip((pixels.astype(np.float64) - low) / (high - low) * 255, 0, 255).round().astype(np.uint8)


def data_url(pixels: np.ndarray, width: int) -> str:
    """Grey levels `y x`, or colours `y x 3`, as a PNG in a data URL, magnified by a whole factor to at least `width`."""
    factor = max(1, -(-width // pixels.shape[1]))
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels.repeat(factor, 0).repeat(factor, 1)).save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def section(part: Section) -> Markup:
    """A heading, the whole images, and the region of each."""
    whole = [data_url(panel.pixels, WHOLE_PIXELS) for panel in part.panels]
    region = [data_url(panel.pixels[part.region], REGION_PIXELS) for panel in part.panels]
    return part_html("section", part, whole, region)


def page(title: str, introduction: str, sections: Sequence[Section], footer: str) -> str:
    """The whole page as HTML text."""
    return shell(title, introduction, [section(part) for part in sections], max(len(part.panels) for part in sections), footer)


def shell(title: str, introduction: str, sections: Sequence[Markup], columns: int, footer: str) -> str:
    """A page around sections, with `columns` images in a row."""
    body = Markup("\n").join(sections)
    width = max(1240, 260 * columns)
    return page_html(title=title, introduction=introduction, sections=body, columns=columns, width=width, footer=footer)
