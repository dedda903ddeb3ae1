"""Half widths of calibrated intervals, computed row by row during super-resolution."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import Any

import numpy as np
from jaxtyping import Float, Real

from radloupe import degradation
from radloupe.core.errors import UsageError
from radloupe.imaging.image import Image, placeholder
from radloupe.imaging.pixel_info import NetworkRange, Storage, network_range
from radloupe.inference.gate.finding import GateReport
from radloupe.inference.noise_level import noise_level
from radloupe.inference.options import InferenceOptions
from radloupe.inference.output_grid import OutputGrid
from radloupe.inference.uncertainty.calibration import Calibration, read_calibration
from radloupe.inference.uncertainty.error_scale import RADIUS, LowSlice, clues, predicted
from radloupe.inference.uncertainty.row_spool import RowSpool
from radloupe.networks.model import Model

WIDE = 0.05
"""Half width relative to the span above which a pixel counts as hardly determined."""
SEEN = 1024
"""Side in pixels of the central part of a slice for the noise estimate."""

Rows = Float[np.ndarray, "rows x"]


class HalfWidths:
    """Accumulator of half widths: it takes the result slice by slice and row by row, and stores every pixel's half width on disk.

    An interval is the result plus and minus its half width: the expected error magnitude times the factor of the pixel's stratum at the
    level. Noise beyond that of calibration passes through the network with its noise gain and is added in squares.

    Args:
        calibration: Calibration of the model.
        level: Nominal coverage, one of `calibration.LEVELS`.
        to_network: Network range of the image.
        factors: Output pixels for one low pixel along y and x.
        shape: Output rows and columns.
        centred: Alignment of the grids.

    """

    def __init__(
        self,
        calibration: Calibration,
        level: str,
        to_network: NetworkRange,
        factors: tuple[float, float],
        shape: tuple[int, int],
        centred: bool,
    ) -> None:
        self.calibration, self.level, self.to_network = calibration, level, to_network
        self.factors, self.shape, self.centred = factors, shape, centred
        self.spool = RowSpool()
        self.total, self.wide, self.largest, self.excess = 0.0, 0, 0.0, 0.0

    def begin(self, low: np.ndarray) -> None:
        """Start with the next low slice, in its unit."""
        values = self.to_network.enter(low)
        self.low = LowSlice(values, self.factors, self.shape, self.centred)
        top, left = (max((n - SEEN) // 2, 0) for n in values.shape)
        noise = noise_level(values[top : top + SEEN, left : left + SEEN])
        beyond = math.sqrt(max(noise**2 - self.calibration.noise**2, 0.0)) * self.calibration.noise_gain
        self.added = beyond * NormalDist().inv_cdf((1 + float(self.level)) / 2)
        self.excess = max(self.excess, self.added)
        self.waiting, self.first, self.done = np.empty((0, self.shape[1])), 0, 0

    def add(self, rows: Real[np.ndarray, "rows x"]) -> None:
        """Take the next rows of the result, in its unit; half widths of rows whose neighbours are there are kept."""
        self.waiting = np.concatenate([self.waiting, self.to_network.enter(rows).astype(np.float64)])
        end = self.first + len(self.waiting)
        ready = end if end == self.shape[0] else end - RADIUS
        if ready > self.done:
            widths = self.widths(self.waiting, self.first, self.done, ready)
            self.keep(widths)
            self.done = ready
            first = max(ready - RADIUS, 0)
            self.waiting, self.first = self.waiting[first - self.first :], first

    def widths(self, result: Rows, first: int, start: int, stop: int) -> Float[np.ndarray, "kept x"]:
        """Half widths of output rows `start:stop` relative to the span, from rows of the result from `first` on."""
        found = clues(self.low, result, first, start - first, first + len(result) - stop)
        factors = np.asarray(self.calibration.factors[self.level], np.float32)[found.stratum]
        return np.hypot(predicted(found.logarithms, self.calibration.coefficients) * factors, np.float32(self.added))

    def keep(self, widths: Rows) -> None:
        """Store half widths, in the unit of the image."""
        self.total += float(widths.sum())
        self.wide += int((widths > WIDE).sum())
        self.largest = max(self.largest, float(widths.max()))
        self.spool.add(widths * abs(self.to_network.span))

    def image(self, announced: Image) -> Image:
        """Announced image of the half widths on the grid of a result; its pixels are those of `blocks`."""
        info = replace(announced.info, inverted=False, storage=Storage())
        step = f"half widths of {float(self.level):.0%} intervals around each pixel of the super-resolved image"
        return replace(announced, pixels=placeholder(announced.pixels.shape, np.dtype(np.float32)), info=info, history=(step,), facts={})

    def blocks(self) -> Iterator[Rows]:
        """The half widths, in stored order."""
        return self.spool.blocks(self.shape)

    def facts(self, gate: GateReport | None, unit: str) -> dict[str, Any]:
        """Facts of the intervals: widths in the unit of the image, the calibration data, and whether the nominal coverage is guaranteed."""
        count, span = max(self.spool.rows * self.shape[1], 1), abs(self.to_network.span)
        void = void_reasons(gate)
        return {
            "level": float(self.level),
            "unit": unit,
            "mean_half_width": float(f"{self.total / count * span:.4g}"),
            "largest_half_width": float(f"{self.largest * span:.4g}"),
            "wide_share": round(self.wide / count, 4),
            "widened_for_noise": float(f"{self.excess * span:.4g}"),
            "patients": self.calibration.patients,
            "images": self.calibration.images,
            "guaranteed": bool(self.calibration.guaranteed[self.level]) and not void,
            "valid": not void,
            "void_because": void,
            "measured": dict(self.calibration.measured),
        }


def half_widths_for(image: Image, model: Model, options: InferenceOptions, grid: OutputGrid | None = None) -> HalfWidths | None:
    """Accumulator of half widths for a result; None unless requested, `UsageError` for a model without a calibration."""
    if not options.uncertainty:
        return None
    calibration = read_calibration(model.uncertainty)
    if calibration is None:
        raise UsageError(f"{model.name} has no calibrated intervals. Calibrate it on images of your own with `radloupe calibrate`.")
    scale = model.spec.scale
    factors, shape = (grid.factors, grid.shape) if grid else ((scale, scale), tuple(n * scale for n in image.shape[1:]))
    centred = grid is not None or degradation.centred(model.degradation, scale)
    to_network = network_range(image.pixels, image.info, model.pixel_range)
    return HalfWidths(calibration, options.level, to_network, factors, (shape[0], shape[1]), centred)


def void_reasons(gate: GateReport | None) -> Sequence[str]:
    """Why the nominal coverage may not be claimed for an image: the checks that spoke, or that were not made."""
    if gate is None or any(one.skipped for one in gate.findings):
        return ["not inspected"]
    return [one.name for one in gate.findings if one.verdict != "ok"]
