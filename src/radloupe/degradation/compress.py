"""Lossy compression by the encoders that write files: JPEG and JPEG 2000."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Real
from PIL import Image as PILImage

from radloupe.degradation.step import Step, whole


def coded(pixels: Real[np.ndarray, "... y x"], options: dict[str, Any]) -> Float[np.ndarray, "... y x"]:
    """Grey levels after 8-bit encoding and decoding.

    Encoders take 0 to 255: the excess beyond that range is removed before encoding and added again after decoding, so nothing is clipped.
    """
    within = np.clip(pixels, 0, 255)
    grey = np.clip(whole(within), 0, 255).astype(np.uint8)
    planes = [decoded(plane, options) for plane in grey.reshape(-1, *grey.shape[-2:])]
    return np.stack(planes).reshape(pixels.shape) + (pixels - within)


def decoded(plane: np.ndarray, options: dict[str, Any]) -> np.ndarray:
    """One 8-bit image (y, x), encoded and decoded."""
    file = io.BytesIO()
    PILImage.fromarray(plane).save(file, **options)
    return np.asarray(PILImage.open(file), np.float64)


@dataclass(frozen=True)
class JPEG(Step):
    """JPEG at a quality from 1 to 100 on the scale of libjpeg.

    >>> step = np.kron([[40.0, 200.0]], np.ones((16, 12)))
    >>> bool(np.abs(JPEG(95)(step) - step).max() < np.abs(JPEG(3)(step) - step).max())
    True
    """

    quality: int

    def _array(self, pixels: Real[np.ndarray, "... y x"]) -> Float[np.ndarray, "... y x"]:
        return coded(pixels, {"format": "JPEG", "quality": self.quality})


@dataclass(frozen=True)
class JPEG2000(Step):
    """JPEG 2000 with the irreversible wavelet at a compression ratio of `ratio` to 1, relative to 8-bit pixels."""

    ratio: float

    def _array(self, pixels: Real[np.ndarray, "... y x"]) -> Float[np.ndarray, "... y x"]:
        return coded(pixels, {"format": "JPEG2000", "quality_mode": "rates", "quality_layers": [self.ratio], "irreversible": True})
