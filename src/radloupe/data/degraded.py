"""Low-resolution images by a random degradation, with the parameters that were drawn for them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import UInt

from radloupe.core import seeds
from radloupe.degradation import degrade
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage

GreyPixels = UInt[np.ndarray, "y x"]
Low = UInt[np.ndarray, "y2 x2"]
NOTHING: Mapping[str, object] = {}


def radiograph(pixels: GreyPixels) -> Image:
    """A radiograph from grey levels (y, x) of 8 or 16 bits."""
    storage = Storage(pixels.dtype.name, 8 * pixels.dtype.itemsize)
    return Image(pixels[None, None], info=PixelInfo("stored", "XR", storage=storage))


def lowered(
    high: GreyPixels, preset: str, scale: int, seed: int, *position: int | str, settings: Mapping[str, object] = NOTHING
) -> tuple[Low, dict[str, Any]]:
    """An image degraded by a preset, and the parameters drawn for it from the seed and the item's position in the data set."""
    drawn = int(seeds.generator(seed, "degraded", *position).integers(2**31))
    low = degrade(radiograph(high), preset, scale, drawn, settings)
    return low.pixels[0, 0], {"degradation": low.history[-1], "scale": scale}
