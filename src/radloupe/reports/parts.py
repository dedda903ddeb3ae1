"""Parts of a report: tables, dots with intervals, and rows of pictures under one heading."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from scipy.ndimage import maximum_filter

from radloupe.reports.compare import Panel, figure

WIDTH = 400
"""Pixels of a picture on the page, about: more would make the file heavy without being seen."""
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
"""Of the dots: width of the plot, height of a line, room for names at the left, in pixels."""


def label(figure: str) -> str:
    """A figure's name as a person reads it."""
    return LABELS.get(figure, figure.replace("_", " ").capitalize())


@dataclass(frozen=True)
class ImageRow:
    """Pictures side by side; None leaves a place empty."""

    title: str
    panels: Sequence[Panel | None]


@dataclass(frozen=True)
class Cell:
    """A figure and, smaller, what belongs to it."""

    text: str
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Dots:
    """A line of finite values with their mean and its interval."""

    name: str
    values: Sequence[float]
    mean: float
    interval: tuple[float, float] | None


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A table that scrolls sideways where the page is narrow."""
    titles = "".join(f"<th>{html.escape(title)}</th>" for title in head)
    lines = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
    return f'<div class="scroll"><table><caption>{html.escape(caption)}</caption><tr>{titles}</tr>{lines}</table></div>'


def cell(value: Cell) -> str:
    """One cell of a table."""
    return f"<td>{html.escape(value.text)}{''.join(f'<small>{html.escape(note)}</small>' for note in value.notes)}</td>"


def dots(title: str, lines: Sequence[Dots]) -> str:
    """Values as dots on one axis with the zero, a line each, and over them the mean and its interval."""
    values = [0.0, *(value for part in lines for value in part.values)]
    low, high = min(values), max(values)

    def x(value: float) -> str:
        return f"{EDGE + (value - low) / (high - low or 1.0) * (PLOT - EDGE - 40):.1f}"

    base = LINE * len(lines)
    marks = [f'<line x1="{x(0)}" x2="{x(0)}" y1="0" y2="{base}" stroke="#59626a"/>']
    marks += [f'<text x="{x(v)}" y="{base + 18}" text-anchor="middle">{v:+.3g}</text>' for v in sorted({low, 0.0, high})]
    for number, part in enumerate(lines):
        y = LINE * number + LINE // 2
        marks.append(f'<text x="0" y="{y + 4}">{html.escape(part.name)}</text>')
        marks += [f'<circle cx="{x(value)}" cy="{y}" r="4" fill="#7fb4ff" fill-opacity=".6"/>' for value in part.values]
        a, b = map(x, part.interval or (part.mean, part.mean))
        marks.append(f'<path d="M{a} {y}H{b}M{x(part.mean)} {y - 9}v18" stroke="#9fe0b0" stroke-width="3"/>')
    return f'<h3>{html.escape(title)}</h3><svg viewBox="0 0 {PLOT} {base + 24}" width="{PLOT}">{"".join(marks)}</svg>'


def pictures(title: str, text: str, strips: Sequence[ImageRow]) -> str:
    """A heading and rows of pictures."""
    return f"<h2>{html.escape(title)}</h2><p>{html.escape(text)}</p>{''.join(map(row, strips))}"


def row(strip: ImageRow) -> str:
    """One row of pictures under its title."""
    shown = "".join(figure(panel, panel.pixels, WIDTH) if panel else "<div></div>" for panel in strip.panels)
    return f'<h3>{html.escape(strip.title)}</h3><div class="row">{shown}</div>'


def reduced(levels: UInt8[np.ndarray, "y x"], peaks: bool = False) -> UInt8[np.ndarray, "y2 x2"]:
    """Grey levels at about the width of the page: the mean of blocks, or the largest of each where peaks must not fade."""
    step = max(1, round(levels.shape[1] / WIDTH))
    if peaks:
        return maximum_filter(levels, size=step)[step // 2 :: step, step // 2 :: step]
    height, width = (n // step * step for n in levels.shape)
    return levels[:height, :width].reshape(height // step, step, width // step, step).mean((1, 3)).round().astype(np.uint8)
