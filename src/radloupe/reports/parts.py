"""Parts of a report: tables, dot plots with intervals, and rows of images under one heading."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from markupsafe import Markup
from scipy.ndimage import maximum_filter

from radloupe.reports.compare import Panel, data_url
from radloupe.reports.html import part_html

WIDTH = 400
"""Approximate width of an image on the page in pixels."""
LABELS = {
    "anatomy_psnr": "Anatomy: PSNR (dB)",
    "anatomy_ssim": "Anatomy: SSIM",
    "anatomy_gain_db": "Anatomy: gain over bicubic (dB)",
    "anatomy_median_block_gain_db": "Anatomy: gain in the median block (dB)",
    "anatomy_blocks_below_bicubic": "Anatomy: share of blocks below bicubic",
    "anatomy_gain_over_zero_filling_db": "Anatomy: gain over zero-filling (dB)",
    "psnr": "PSNR (dB)",
    "ssim": "SSIM",
    "ms_ssim": "MS-SSIM",
    "lpips_alex": "LPIPS (AlexNet)",
    "lpips_vgg": "LPIPS (VGG)",
    "hfen": "HFEN",
}
PLOT, LINE, EDGE = 900, 44, 130
"""Dimensions of the dot plot in pixels: width, line height, left margin for names."""


def label(metric: str) -> str:
    """Display name of a metric, with its unit."""
    return LABELS.get(metric, metric.replace("_", " ").capitalize())


@dataclass(frozen=True)
class ImageRow:
    """Images side by side under a title; None leaves a cell empty."""

    title: str
    panels: Sequence[Panel | None]


@dataclass(frozen=True)
class Cell:
    """A value with notes in smaller type below it."""

    text: str
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Dots:
    """Line of a dot plot: finite values with their mean and its confidence interval."""

    name: str
    values: Sequence[float]
    mean: float
    interval: tuple[float, float] | None


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Markup:
    """HTML table that scrolls horizontally on narrow pages."""
    return part_html("table", caption, head, rows)


def dots(title: str, lines: Sequence[Dots]) -> Markup:
    """Dot plot: one line per set of values with mean and interval, on a common axis that includes zero."""
    values = [0.0, *(value for part in lines for value in part.values)]
    low, high = min(values), max(values)

    def x(value: float) -> str:
        return f"{EDGE + (value - low) / (high - low or 1.0) * (PLOT - EDGE - 40):.1f}"

    def drawn(number: int, part: Dots) -> dict[str, object]:
        a, b = map(x, part.interval or (part.mean, part.mean))
        values, y = [x(value) for value in part.values], LINE * number + LINE // 2
        return {"name": part.name, "y": y, "dots": values, "low": a, "high": b, "mean": x(part.mean)}

    ticks = [(x(value), f"{value:+.3g}") for value in sorted({low, 0.0, high})]
    return part_html("dots", title, PLOT, LINE * len(lines), x(0), ticks, [drawn(n, part) for n, part in enumerate(lines)])


def images(title: str, text: str, rows: Sequence[ImageRow]) -> Markup:
    """A heading and rows of images."""
    with_sources = [(row, [data_url(panel.pixels, WIDTH) if panel else "" for panel in row.panels]) for row in rows]
    return part_html("images", title, text, with_sources)


def reduced(levels: UInt8[np.ndarray, "y x"], peaks: bool = False) -> UInt8[np.ndarray, "y2 x2"]:
    """Grey levels reduced to about the page's image width by block means, or by block maxima for `peaks`."""
    step = max(1, round(levels.shape[1] / WIDTH))
    if peaks:
        return maximum_filter(levels, size=step)[step // 2 :: step, step // 2 :: step]
    height, width = (n // step * step for n in levels.shape)
    return levels[:height, :width].reshape(height // step, step, width // step, step).mean((1, 3)).round().astype(np.uint8)
