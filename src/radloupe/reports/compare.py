"""Pictures side by side, with one region enlarged, in a single HTML file."""

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import numpy as np
from PIL import Image as Picture

TEMPLATE = Template((Path(__file__).parent / "compare.html").read_text(encoding="utf-8"))
WHOLE_PIXELS, REGION_PIXELS = 512, 480  # width of the pictures on the page


@dataclass(frozen=True)
class Panel:
    """One picture: grey levels 0 to 255 (y, x), and its caption."""

    caption: str
    pixels: np.ndarray
    chosen: bool = False
    """Whether it is the one that the page is about."""


@dataclass(frozen=True)
class Section:
    """Panels of the same size shown side by side, and the same region of each below."""

    title: str
    text: str
    panels: Sequence[Panel]
    region: tuple[slice, slice]


def grey_levels(pixels: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values between `low` and `high` as grey levels 0 to 255, for showing only."""
    return np.clip((pixels.astype(np.float64) - low) / (high - low) * 255, 0, 255).round().astype(np.uint8)


def picture(pixels: np.ndarray, width: int) -> str:
    """Grey levels as a PNG inside a data address, enlarged by whole pixels (never smoothed) to at least `width`."""
    times = max(1, -(-width // pixels.shape[1]))
    buffer = io.BytesIO()
    Picture.fromarray(np.kron(pixels, np.ones((times, times), np.uint8))).save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def figure(panel: Panel, pixels: np.ndarray, width: int) -> str:
    """One picture with its caption."""
    mark = ' class="chosen"' if panel.chosen else ""
    caption = html.escape(panel.caption)
    return f'<figure{mark}><img alt="{caption}" src="{picture(pixels, width)}"><figcaption>{caption}</figcaption></figure>'


def section(part: Section) -> str:
    """A heading, the whole pictures, and the region of each."""
    whole = "".join(figure(p, p.pixels, WHOLE_PIXELS) for p in part.panels)
    zoomed = "".join(figure(p, p.pixels[part.region], REGION_PIXELS) for p in part.panels)
    heading = f"<h2>{html.escape(part.title)}</h2><p>{html.escape(part.text)}</p>"
    return f'{heading}<div class="row">{whole}</div><div class="row">{zoomed}</div>'


def page(title: str, introduction: str, sections: Sequence[Section], footer: str) -> str:
    """The whole page as HTML text; every text is escaped."""
    return shell(title, introduction, "\n".join(map(section, sections)), max(len(s.panels) for s in sections), footer)


def shell(title: str, introduction: str, body: str, columns: int, footer: str) -> str:
    """A page around HTML that was made before, with pictures in so many columns; the other texts are escaped."""
    return TEMPLATE.substitute(
        title=html.escape(title),
        introduction=html.escape(introduction),
        sections=body,
        columns=columns,
        width=max(1240, 260 * columns),
        footer=html.escape(footer),
    )
