"""Halving by the Gaussian pyramid of Burt and Adelson (1983, IEEE Trans. Commun. 31)."""

from dataclasses import dataclass

import numpy as np

from radloupe.degradation.blur import Blur, Kernel
from radloupe.degradation.kspace import Align
from radloupe.degradation.resample import Resize
from radloupe.degradation.step import Pixels, Step

FIVE = np.array([1, 4, 6, 4, 1]) / 16


@dataclass(frozen=True)
class BinomialBlur(Blur):
    """Binomial blur with the taps 1 4 6 4 1 along both axes."""

    def kernel(self) -> Kernel:
        """Outer product of the taps, of sum 1."""
        return np.outer(FIVE, FIVE)


@dataclass(frozen=True)
class PyramidReduce(Step):
    """Halving by a five-tap blur and every second row and column, or (`align="centre"`) by the means of 2 x 2 pixels.

    Even samples lie on the first of the pixels that they represent, so three steps shift the image by 3.5 pixels; means do not shift it.
    Odd sizes lose their last row or column.
    """

    align: Align = "grid"

    @property
    def centred(self) -> bool:
        """True for means, False for even samples."""
        return self.align == "centre"

    def __call__(self, pixels: Pixels) -> Pixels:
        """Half as many pixels along both axes."""
        height, width = (n // 2 for n in pixels.shape[-2:])
        blurred = BinomialBlur()(pixels)[..., : 2 * height, : 2 * width]
        return Resize(height, width, "area")(blurred) if self.centred else blurred[..., ::2, ::2]
