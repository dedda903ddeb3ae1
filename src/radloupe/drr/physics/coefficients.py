"""Attenuation coefficients of materials by photon energy."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from jaxtyping import Float

from radloupe.core.errors import UsageError
from radloupe.core.tables import suggest

KEV = (10.0, 150.0)


@cache
def physics() -> dict[str, Any]:
    """The shipped coefficients and spectra (NIST XCOM through xraylib, and SpekPy), written by `scripts/make_spectra.py`."""
    data: dict[str, Any] = json.loads((files("radloupe.drr.physics") / "physics.json").read_text())
    return data


def material(name: str) -> dict[str, Any]:
    """Data of a material: density in g/cm3, and mass attenuation coefficients at tabulated energies."""
    rows = physics()["materials"]
    if name not in rows:
        raise UsageError(f"Unknown material {name!r}.{suggest(name, rows)}")
    row: dict[str, Any] = rows[name]
    return row


def density(name: str) -> float:
    """The density of a material in g/cm3."""
    return float(material(name)["density_g_per_cm3"])


def mass_attenuation(name: str, kev: float | Float[np.ndarray, "*energies"], column: str = "cm2_per_g") -> Float[np.ndarray, "*energies"]:
    """Mass attenuation coefficients in cm2/g at 10 to 150 keV, interpolated log-log on each side of a K-edge.

    `column="energy_cm2_per_g"` gives the mass energy-absorption coefficients of air. Raises `UsageError` outside the energies.

    >>> round(float(mass_attenuation("water", 60.0)), 4)
    0.2059
    """
    energies = np.asarray(kev, float)
    if not (np.all(energies >= KEV[0]) and np.all(energies <= KEV[1])):
        raise UsageError(f"Expected energies between {KEV[0]:g} and {KEV[1]:g} keV, found {energies.min():g} to {energies.max():g}.")
    row = material(name)
    return np.asarray(np.exp(np.interp(np.log(energies), np.log(row["kev"]), np.log(row[column]))))


def mu_per_mm(name: str, kev: float, density_g_per_cm3: float | None = None) -> float:
    """The linear attenuation coefficient in 1/mm at an energy, for the material's own density or another one."""
    return float(mass_attenuation(name, kev)) * (density(name) if density_g_per_cm3 is None else density_g_per_cm3) / 10
