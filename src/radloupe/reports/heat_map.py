"""Heat maps with a colour scale."""

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont

VIRIDIS = ("440154", "482878", "3e4989", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725")
"""Anchors of the viridis colour map, from dark to bright with uniform lightness (Smith and van der Walt, 2015; CC0)."""
SCALE, TEXT = 24, 28
"""Heights of the colour scale and of the text below it in pixels."""
TOP_SHARE = 0.99
"""Quantile of the values at the top of the scale; larger values get its brightest colour."""


def coloured(levels: Float[np.ndarray, "y x"]) -> UInt8[np.ndarray, "y x 3"]:
    """RGB colours of levels from 0 to 1.

    >>> coloured(np.array([[0.0, 1.0]])).tolist()
    [[[68, 1, 84], [253, 231, 37]]]
    """
    anchors = np.array([[int(one[k : k + 2], 16) for k in (0, 2, 4)] for one in VIRIDIS], float)
    table = np.stack([np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(anchors)), channel) for channel in anchors.T], -1)
    colours: np.ndarray = np.rint(table).astype(np.uint8)[np.rint(np.clip(levels, 0, 1) * 255).astype(int)]
    return colours


def top_of_scale(values: Float[np.ndarray, "y x"]) -> float:
    """Value of the brightest colour, to two significant digits; 1 where all values are zero."""
    return float(f"{np.quantile(values, TOP_SHARE):.2g}") or 1.0


def heat_map(values: Float[np.ndarray, "y x"], unit: str) -> PILImage.Image:
    """Heat map of non-negative values, above a colour scale with its largest value and unit.

    >>> heat_map(np.ones((40, 300)), "HU").size
    (300, 92)
    """
    top = top_of_scale(values)
    height, width = values.shape
    page = PILImage.new("RGB", (max(width, 300), height + SCALE + TEXT), "white")
    page.paste(PILImage.fromarray(coloured(values / top)), (0, 0))
    scale = np.linspace(0, 1, page.width)[None].repeat(SCALE - 4, 0)
    page.paste(PILImage.fromarray(coloured(scale)), (0, height + 4))
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    at = height + SCALE + TEXT // 2
    for x, anchor, text in ((4, "lm", "0"), (page.width // 2, "mm", unit), (page.width - 4, "rm", f"{top:g}")):
        draw.text((x, at), text, "black", font=font, anchor=anchor)
    return page
