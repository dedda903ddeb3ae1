"""Flat-panel detector: noise, blur and scatter, in physical order.

Tube (heel, distance) -> patient (attenuation, scatter) -> quanta that are absorbed (Poisson) -> spread of light (blur) -> electronics
(noise, gain) -> flat-field correction.
"""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from jaxtyping import Float

from radloupe.core import seeds
from radloupe.core.errors import UsageError
from radloupe.drr.detector.gaussian import gaussian_blur
from radloupe.drr.physics.polychromatic import CSI_MM, absorption
from radloupe.drr.physics.spectra import Spectrum, photons_per_mm2_per_ugy
from radloupe.imaging.camera import View

Plane = Float[np.ndarray, "rows columns"]

LARGEST_PHOTONS = 1e12


def setting(default: float, low: float, high: float) -> Any:
    """Dataclass field of a number with its limits."""
    return field(default=default, metadata={"limits": (low, high)})


@dataclass(frozen=True)
class Detector:
    """Flat-panel detector and beam: noise, blur, scatter, heel effect and gains; an effect whose setting is zero is omitted.

    Raises `UsageError` for numbers beyond their limits.

    >>> Detector(photons=2000, blur_mm=0.2).scatter
    0.0
    """

    photons: float = setting(10_000.0, 1e-3, LARGEST_PHOTONS)
    """Quanta that the central pixel absorbs without a patient; `absorbed_quanta` converts a dose."""
    blur_mm: float = setting(0.0, 0.0, 10.0)
    """Standard deviation in mm of the light spread in the scintillator: .15 to .25 in caesium iodide. MTF(f) = exp(-2 (pi sigma f)^2)."""
    electronic: float = setting(0.0, 0.0, 1e9)
    """Standard deviation of the electronic noise in quanta."""
    scatter: float = setting(0.0, 0.0, 100.0)
    """Scatter-to-primary ratio: .5 to 4 without an anti-scatter grid, a fifth to an eighth of that with one (textbook values)."""
    scatter_mm: float = setting(40.0, 1.0, 1000.0)
    """Standard deviation in mm of the scatter kernel on the detector."""
    heel: float = setting(0.0, 0.0, 1.0)
    """Heel effect: relative decrease of the beam from the middle to the last row (the anode's end), and increase to the first row."""
    gain: float = setting(0.0, 0.0, 0.5)
    """Standard deviation of the pixels' gains around 1, a fixed pattern of the detector."""
    distance: bool = False
    """Whether the beam weakens towards the edges: inverse square of the distance, and the slant of the rays on the detector."""
    corrected: bool = True
    """Whether beam profile and gains are divided out (flat-field correction); their noise stays."""

    def __post_init__(self) -> None:
        for one in fields(self):
            low, high = one.metadata.get("limits", (0, 1))
            if not low <= getattr(self, one.name) <= high:
                raise UsageError(f"Expected {one.name} between {low:g} and {high:g}, found {getattr(self, one.name):g}.")


def absorbed_quanta(dose_ugy: float, beam: Spectrum, pixel_mm: tuple[float, float], csi_mm: float = CSI_MM) -> float:
    """Quanta that a pixel of caesium iodide absorbs at an air kerma at the detector.

    Args:
        dose_ugy: Air kerma in uGy: 2.5 in radiography, .01 to .05 per frame in fluoroscopy.
        beam: The spectrum at the detector.
        pixel_mm: Pixel pitch (dy, dx) in mm.
        csi_mm: Thickness of the scintillator in mm.

    >>> round(absorbed_quanta(2.5, Spectrum.of("rqa5"), (0.15, 0.15)), -1)  # of 1697 that arrive (IEC 62220-1)
    1440.0
    """
    return dose_ugy * photons_per_mm2_per_ugy(beam) * pixel_mm[0] * pixel_mm[1] * float(beam.photons @ absorption(beam, csi_mm))


def focal_blur_mm(focal_mm: float, magnification: float) -> float:
    """Focal-spot blur at a magnification: standard deviation in mm on the detector, for a focal spot of full width .3 to 1.2 mm."""
    return focal_mm * (magnification - 1) / 2.355


def expose(line_integrals: Plane, view: View, detector: Detector, seed: int, item: int = 0) -> Plane:
    """Detector counts of an exposure in quanta: float32, `detector.photons` without a patient.

    Args:
        line_integrals: Line integrals, or -ln of the signal, `rows columns`.
        view: Geometry of the exposure; heel effect, distance, blur and scatter depend on it.
        detector: Its settings.
        seed: The same seed and item give the same noise.
        item: Index in a series, whose exposures differ in noise and share the pixels' gains.
    """
    beam = flat_field(view, detector)
    gains = 1 + detector.gain * seeds.generator(seed, "detector", "gain").standard_normal(line_integrals.shape)
    primary = np.exp(-line_integrals.astype(np.float64)) * beam
    if detector.scatter:
        primary = primary + detector.scatter * gaussian_blur(primary, *(detector.scatter_mm / step for step in view.spacing))
    expected = np.minimum(detector.photons * primary, 10 * LARGEST_PHOTONS)  # the largest mean that numpy draws from is 9e18
    counts = seeds.generator(seed, "detector", "quanta", item).poisson(expected).astype(np.float64)
    counts = gaussian_blur(counts, *(detector.blur_mm / step for step in view.spacing))
    counts = counts + detector.electronic * seeds.generator(seed, "detector", "electronics", item).standard_normal(line_integrals.shape)
    counts = counts * gains
    return (counts / (beam * gains) if detector.corrected else counts).astype(np.float32)


def counts_to_line_integrals(counts: Plane, photons: float) -> Plane:
    """Measured line integrals: -ln of counts relative to `photons`, with counts of at least half a quantum."""
    return (np.log(photons) - np.log(np.maximum(counts, 0.5))).astype(np.float32)


def flat_field(view: View, detector: Detector) -> Plane:
    """The beam without a patient, 1 in the detector's middle (heel) or at the foot of the perpendicular from the source (distance)."""
    rows = np.linspace(1 + detector.heel, 1 - detector.heel, view.shape[0])
    beam = np.broadcast_to(np.maximum(rows, 0.01)[:, None], view.shape)
    if not detector.distance or view.source is None:
        return beam.astype(np.float64)
    rays = view.pixels() - view.source
    return beam * ((rays @ view.normal) / np.linalg.norm(rays, axis=-1)) ** 3
