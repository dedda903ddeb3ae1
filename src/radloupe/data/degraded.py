"""The low picture of a high one, where chance has a part in it: what is drawn is stored, what is not is made when it is needed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import UInt

from radloupe.core import seeds
from radloupe.degradation import degrade
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage

Picture = UInt[np.ndarray, "y x"]
Low = UInt[np.ndarray, "y2 x2"]
NOTHING: Mapping[str, object] = {}


def radiograph(pixels: Picture) -> Image:
    """A picture of 8 or 16 bits as an image."""
    storage = Storage(pixels.dtype.name, 8 * pixels.dtype.itemsize)
    return Image(pixels[None, None], info=PixelInfo("stored", "XR", storage=storage))


def lowered(
    high: Picture, preset: str, scale: int, seed: int, *place: int | str, settings: Mapping[str, object] = NOTHING
) -> tuple[Low, dict[str, Any]]:
    """A picture degraded by a preset, and what was drawn for it from the seed and the place of the item."""
    drawn = int(seeds.generator(seed, "degraded", *place).integers(2**31))
    low = degrade(radiograph(high), preset, scale, drawn, settings)
    return low.pixels[0, 0], {"degradation": low.history[-1], "scale": scale}
