"""Bound of every output pixel by the range of its neighbouring low pixels, whatever the network's weights.

An output pixel under low pixel p lies within the smallest to largest value of the `WINDOW` x `WINDOW` low pixels around p, widened on each
side by `share(scale)` of their range, and by twice that within `RIM` low pixels of the image's border. The reason for these numbers: a
line one output pixel wide keeps 1/scale of its contrast in the low image, so the truth exceeds the low range by at most scale - 1 times
that range; films have such lines along their border, anatomy was never seen to use more than half of it. The output of a slice also
stays within the slice's own range, widened by `SLICE_SHARE` of it. It follows that a constant neighbourhood stays constant to the bit,
and since the bounds come from the low slice alone they do not depend on tiles.

CT values are clamped to `pixel_info.SCANNER_HU` before and after the network. Padding below is restored; the excess of metal above is added
again by linear interpolation.
"""

import math
from functools import cached_property, partial

import numpy as np
from jaxtyping import Float, Integer, Real
from scipy import sparse
from scipy.ndimage import maximum_filter, minimum_filter

from radloupe.core.errors import WeightsError
from radloupe.degradation.resample import weights
from radloupe.imaging.pixel_info import PixelInfo, clamped

WINDOW = 5
RIM = 2
SLICE_SHARE = 0.5
VISIBLE = 1e-3
"""Smallest counted change relative to the slice's range: about one grey level of a display."""
ROUNDING = 1e-9
"""Rounding tolerance relative to the slice's largest value, for constant slices, whose range is zero."""


def share(scale: float) -> float:
    """Allowed excess of an output pixel beyond the local range, as a multiple of that range."""
    return (scale - 1) / 2


def check_finite(values: Float[np.ndarray, "y x"]) -> Float[np.ndarray, "y x"]:
    """The values themselves; raises `WeightsError` for NaN or infinity, which only diverging weights produce."""
    if not np.isfinite(values).all():
        raise WeightsError("Expected finite pixels from the network, found NaN or infinity: its weights diverge. Use another model.")
    return values


class Bound:
    """Bound of the output, slice by slice and strip by strip, with a count of the pixels that it changed.

    `scale` is one factor, whole or not, or those along y and x.
    """

    def __init__(self, scale: float | tuple[float, float], info: PixelInfo, dtype: np.dtype, centred: bool = True) -> None:
        self.factors = scale if isinstance(scale, tuple) else (scale, scale)
        self.info, self.dtype, self.centred = info, dtype, centred
        self.changed = self.count = 0
        self.begin(np.zeros((1, 1), dtype))

    def begin(self, low: Real[np.ndarray, "y x"]) -> Real[np.ndarray, "y x"]:
        """Start with the next low slice, in its unit; returns the network's input."""
        self.raw, self.low = low, clamped(low, self.info)
        self.within = float(self.low.min()), float(self.low.max())
        self.beyond = self.low is not low
        self.__dict__.pop("matrices", None)
        return self.low

    @cached_property
    def matrices(self) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Linear interpolation along y and x."""
        linear = partial(weights, method="bilinear", centred=self.centred)
        down, across = (linear(n, f, out=math.ceil(n * f)) for n, f in zip(self.low.shape, self.factors, strict=True))
        return down, across

    def limits(self, top: int, rows: int) -> tuple[Float[np.ndarray, "rows x"], Float[np.ndarray, "rows x"]]:
        """Smallest and largest allowed output for low rows `top:top + rows`."""
        radius = WINDOW // 2
        first = max(top - radius, 0)
        part = self.low[first : top + rows + radius].astype(np.float64)
        smallest, largest = (f(part, WINDOW, mode="nearest")[top - first :][:rows] for f in (minimum_filter, maximum_filter))
        room = (largest - smallest) * self.shares(top, rows)
        low, high = self.within
        room_of_slice = SLICE_SHARE * (high - low)
        least, greatest = np.maximum(smallest - room, low - room_of_slice), np.minimum(largest + room, high + room_of_slice)
        least, greatest = clamped(least, self.info), clamped(greatest, self.info)
        return (least, greatest) if self.dtype.kind == "f" else (np.ceil(least), np.floor(greatest))

    def shares(self, top: int, rows: int) -> Float[np.ndarray, "rows x"]:
        """`share` for low rows `top:top + rows`, doubled near the image's border."""
        from_border = [np.minimum(np.arange(n), np.arange(n)[::-1]) for n in self.low.shape]
        rim = np.minimum.outer(from_border[0][top : top + rows], from_border[1]) < RIM
        return share(max(self.factors)) * np.where(rim, 2.0, 1.0)

    def under(self, axis: int, first: int, count: int) -> Integer[np.ndarray, " count"]:
        """Index of the low pixel of each of `count` output pixels from `first` on."""
        below = (np.arange(first, first + count) + 0.5) / self.factors[axis]
        return np.minimum(below.astype(int), self.low.shape[axis] - 1)

    def apply(self, values: Float[np.ndarray, "sy sx"], first: int) -> Float[np.ndarray, "sy sx"]:
        """Enlarged rows in the image's unit, from output row `first` on, within their bounds.

        Raises `WeightsError` for NaN or infinity, which only diverging weights produce.
        """
        check_finite(values)
        down, across = self.under(0, first, len(values)), self.under(1, 0, values.shape[1])
        top, rows = int(down[0]), int(down[-1] - down[0]) + 1
        least, greatest = (bound.take(down - top, 0).take(across, 1) for bound in self.limits(top, rows))
        bounded = np.clip(values, least, greatest)
        self.changed += int((np.abs(bounded - values) > self.visible).sum())
        self.count += values.size
        return self.beyond_scanner(bounded, first, down, across) if self.beyond else bounded

    def beyond_scanner(
        self, values: Float[np.ndarray, "sy sx"], first: int, down: Integer[np.ndarray, " sy"], across: Integer[np.ndarray, " sx"]
    ) -> Float[np.ndarray, "sy sx"]:
        """Rows with padding restored, and with the excess of metal above the scanner's range added."""
        raw = self.raw.take(down, 0).take(across, 1)
        padding = raw < self.low.take(down, 0).take(across, 1)
        metal = np.clip(self.raw.astype(np.float64) - self.low, 0, None)
        along_y, along_x = self.matrices
        metal = (along_x[: len(across)] @ (along_y[first : first + len(down)] @ metal).T).T
        return np.where(padding, raw, values + metal)

    @property
    def visible(self) -> float:
        """The smallest change that is counted, in the image's unit."""
        low, high = self.within
        return max(VISIBLE * (high - low), ROUNDING * max(abs(low), abs(high)))

    @property
    def changed_share(self) -> float:
        """Share of output pixels that were changed."""
        return self.changed / self.count if self.count else 0.0


class Unbounded(Bound):
    """Bound that leaves the network's output unchanged."""

    def apply(self, values: Float[np.ndarray, "sy sx"], first: int) -> Float[np.ndarray, "sy sx"]:
        """The values themselves; raises `WeightsError` for NaN or infinity."""
        return check_finite(values)
