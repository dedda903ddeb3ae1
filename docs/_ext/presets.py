"""An image of each degradation preset, made from a sample image that comes with pydicom."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image as PILImage

SAMPLE = "J2K_pixelrep_mismatch.dcm"  # a CT slice of the head, 512 x 512 pixels of 0.431 mm
PART = (slice(230, 390), slice(80, 240))  # the air cells of the right temporal bone
WINDOW = (-1000, 1500)  # HU shown black and white
SCALE, SHOWN = 2, 320


def sample_grey() -> np.ndarray:
    """The part of the slice as grey levels 0 to 255 in float64 (y, x)."""
    from pydicom.data import get_testdata_file

    import radloupe as rl

    pixels = rl.read(get_testdata_file(SAMPLE, download=False)).pixels[0, 0][PART].astype(np.float64)
    return np.clip((pixels - WINDOW[0]) / (WINDOW[1] - WINDOW[0]) * 255, 0, 255)


def shown(grey: np.ndarray) -> PILImage.Image:
    """Grey levels as an 8-bit image of `SHOWN` pixels a side, each pixel repeated."""
    return PILImage.fromarray(np.clip(grey, 0, 255).round().astype(np.uint8)).resize((SHOWN, SHOWN), PILImage.Resampling.NEAREST)


def gallery(folder: Path, names: Sequence[str]) -> str:
    """Write `preset-NAME.png` for each preset and the reference into a folder; gives the Markdown that shows them."""
    from radloupe.degradation import shrink

    high = sample_grey()
    images = {"reference": high, **{name: shrink(high, SCALE, name) for name in names}}
    for name, grey in images.items():
        shown(grey).save(folder / f"preset-{name}.png", optimize=True)
    figures = (f":::{{figure}} preset-{name}.png\n:alt: CT slice, {name}\n`{name}`\n:::\n" for name in images)
    return "::::{container} gallery\n" + "".join(figures) + "::::\n"
