"""Sample of an image for the input checks: one plane, bright for large values, with shared measurements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, Real

from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import clamped
from radloupe.inference.gate.appearance import texture
from radloupe.inference.gate.periodicity import period_gains

SIDE = 246
"""Side of the central crop in pixels: five blocks of `periodicity`, which take 20 ms; larger crops detected no more."""
FEWEST = 96
"""Smallest shorter side in pixels for statistics of an image."""


@dataclass(frozen=True)
class Sample:
    """The middle slice of an image, and its central crop, with the thresholds for its modality.

    Brightness grows with the values whatever the image's photometric interpretation; padding of CT is at the scanner's least value.
    """

    image: Image
    thresholds: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def whole(self) -> Float[np.ndarray, "y x"]:
        """The middle slice of the first volume."""
        plane = clamped(self.image.pixels[0, self.image.shape[0] // 2], self.image.info).astype(np.float64)
        return -plane if self.image.info.inverted else plane

    @cached_property
    def crop(self) -> Float[np.ndarray, "y x"]:
        """Central crop of the slice."""
        return central(self.whole)

    @property
    def readable(self) -> bool:
        """Whether contrast and size suffice for statistics."""
        return min(self.whole.shape) >= FEWEST and bool(np.ptp(self.crop) > 0)

    @cached_property
    def span(self) -> float:
        """Range of the slice's values."""
        return float(np.ptp(self.whole))

    @cached_property
    def texture(self) -> Float[np.ndarray, " numbers"]:
        """Appearance features of the crop; see `appearance.NAMES`."""
        return texture(self.crop)

    @cached_property
    def period_gains(self) -> dict[int, float]:
        """Period gains of the crop by period."""
        return period_gains(self.crop)


def central(plane: Real[np.ndarray, "y x"], side: int = SIDE) -> Real[np.ndarray, "y2 x2"]:
    """The central `side` x `side` pixels of a plane, or all of a smaller one."""
    top, left = (max((n - side) // 2, 0) for n in plane.shape)
    return plane[top : top + side, left : left + side]
