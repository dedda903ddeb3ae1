"""Spectra of X-ray tubes: photons by energy.

Spectra every 10 kV are shipped (SpekPy 2.5.4, tungsten at 12 degrees, 2.5 mm aluminium); voltages between are interpolated, and further
filters follow from the Beer-Lambert law.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from radloupe.core.errors import UsageError
from radloupe.core.tables import suggest
from radloupe.drr.physics import coefficients

KVP = (40.0, 150.0)
INHERENT_AL_MM = 2.5
FILTER_MM = 50.0
JOULE_PER_KEV = 1.602176634e-16

Bins = Float[np.ndarray, " bins"]

SPECTRA: dict[str, tuple[float, float, float]] = {
    "60kV": (60, 2.5, 0),
    "80kV": (80, 2.5, 0),
    "100kV": (100, 2.5, 0),
    "120kV": (120, 2.5, 0),
    "pediatric": (70, 2.5, 0.1),
    "fluoroscopy": (80, 2.5, 0.2),
    "chest": (125, 2.5, 0.1),
    "rqa3": (50, 12.5, 0),
    "rqa5": (70, 23.5, 0),
    "rqa7": (90, 32.5, 0),
    "rqa9": (120, 42.5, 0),
}
"""Named beams: kV, total mm of aluminium, mm of copper. The RQA qualities are those of IEC 61267."""


@dataclass(frozen=True)
class Spectrum:
    """Spectrum of an X-ray beam: the share of its photons in bins of 1 keV.

    >>> Spectrum(np.array([50.0, 60.0]), np.array([0.75, 0.25])).mean_kev
    52.5
    """

    kev: Bins
    """Centres in keV of bins of 1 keV."""
    photons: Bins
    """Share of the photons in each bin; they sum to one."""

    @classmethod
    def of(cls, beam: "SpectrumLike") -> "Spectrum":
        """Spectrum of a tube voltage in kV, or by its name in `SPECTRA`; a spectrum is returned unchanged.

        >>> round(Spectrum.of("chest").mean_kev, 1) > round(Spectrum.of(80).mean_kev, 1)
        True
        """
        return beam if isinstance(beam, Spectrum) else tube_spectrum(beam)

    @property
    def mean_kev(self) -> float:
        """Mean photon energy in keV."""
        return float(self.photons @ self.kev)


SpectrumLike = Spectrum | float | str
"""A spectrum, a tube voltage in kV, or a name from `SPECTRA`."""


def tube_spectrum(kvp: float | str, al_mm: float = INHERENT_AL_MM, cu_mm: float = 0.0) -> Spectrum:
    """Spectrum of a tungsten tube at 40 to 150 kV behind filters of aluminium (2.5 mm or more in total) and copper.

    A name from `SPECTRA` stands for all three. Raises `UsageError`.

    >>> round(tube_spectrum("80kV").mean_kev, 1)
    42.9
    """
    if isinstance(kvp, str):
        if kvp not in SPECTRA:
            raise UsageError(f"Unknown spectrum {kvp!r}.{suggest(kvp, SPECTRA)}")
        kvp, al_mm, cu_mm = SPECTRA[kvp]
    if not (KVP[0] <= kvp <= KVP[1] and INHERENT_AL_MM <= al_mm <= FILTER_MM and 0 <= cu_mm <= FILTER_MM):
        raise UsageError(
            f"Expected {KVP[0]:g} to {KVP[1]:g} kV behind {INHERENT_AL_MM:g} to {FILTER_MM:g} mm of aluminium and 0 to {FILTER_MM:g} of "
            f"copper, found {kvp:g} kV, {al_mm:g} mm and {cu_mm:g} mm."
        )
    bare = tube(float(kvp))
    left = bare.photons * transmission(bare.kev, "aluminium", al_mm - INHERENT_AL_MM) * transmission(bare.kev, "copper", cu_mm)
    return Spectrum(bare.kev, left / left.sum())


def transmission(kev: Bins, material: str, mm: float) -> Bins:
    """Share of the photons that pass a layer without interaction."""
    return np.exp(-mm / 10 * coefficients.density(material) * coefficients.mass_attenuation(material, kev))


def tube(kvp: float) -> Spectrum:
    """Spectrum behind 2.5 mm of aluminium."""
    shipped = coefficients.physics()["spectra"]
    low, high = int(kvp // 10 * 10), int(-(-kvp // 10) * 10)
    kev = np.arange(coefficients.KEV[0], high) + 0.5
    below, above = (np.pad(shipped[str(k)], (0, high - k))[-len(kev) :] for k in (low, high))
    photons = above if low == high else blend(kev, kvp, low, below, high, above)
    return Spectrum(kev, photons / photons.sum())


def blend(kev: Bins, kvp: float, low: float, below: Bins, high: float, above: Bins) -> Bins:
    """Photons of a tube voltage, interpolated per energy between two tabulated voltages.

    Above the lower voltage only the higher one has photons; they are scaled by Kramers' law, in proportion to the distance from the
    beam's maximum energy.
    """
    share = (kvp - low) / (high - low)
    return np.where(kev < low, (1 - share) * below + share * above, above * np.clip((kvp - kev) / (high - kev), 0, None))


def half_value_mm(beam: Spectrum, material: str = "aluminium") -> float:
    """The first half-value layer: the thickness in mm that halves the air kerma (IEC 61267)."""
    kerma = beam.photons * beam.kev * coefficients.mass_attenuation("air", beam.kev, "energy_cm2_per_g")
    low, high = 0.0, 200.0
    for _ in range(40):  # bisection to less than a nanometre
        middle = (low + high) / 2
        halved = kerma @ transmission(beam.kev, material, middle) < kerma.sum() / 2
        low, high = (low, middle) if halved else (middle, high)
    return low


def photons_per_mm2_per_ugy(beam: Spectrum) -> float:
    """Photons per mm2 that give an air kerma of 1 uGy (SNR2 per area and dose of IEC 62220-1: 30174 for RQA5)."""
    gray_cm2 = beam.photons @ (beam.kev * coefficients.mass_attenuation("air", beam.kev, "energy_cm2_per_g")) * JOULE_PER_KEV * 1000
    return float(1e-6 / gray_cm2 / 100)


def effective_energy(beam: Spectrum, water_mm: float = 0.0) -> float:
    """Effective energy in keV: that of the monoenergetic beam attenuated equally by `water_mm` of water (by the first mm where 0).

    The signal is the transmitted energy, as in an energy-integrating detector.
    """
    depth, energy = max(water_mm, 1.0), beam.photons * beam.kev
    mu = -np.log(energy @ transmission(beam.kev, "water", depth) / energy.sum()) / (depth / 10)
    grid = np.arange(coefficients.KEV[0], coefficients.KEV[1], 0.01)
    return float(np.interp(-mu, -coefficients.mass_attenuation("water", grid), grid))
