"""From Hounsfield units to attenuation: piecewise-linear look-up tables.

What is air to a table is exactly zero, and so is padding (GE writes -2000 and -3024 outside its round field of view): noise in air would
add up along a ray, and engines skip what is empty.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Real

from radloupe.core.errors import UsageError
from radloupe.core.tables import Table, suggest

PADDING_HU = -1500.0  # nothing real is below: scanners end at -1024
JUMP_HU = 1e-3  # a table that jumps does so over this distance, far below one unit
LARGEST_HU = 32767.0

Values = Float[np.ndarray, "*shape"]
Knots = tuple[float, ...]


@dataclass(frozen=True)
class Lookup:
    """Straight lines between knots, constant outside them, and zero up to `air_hu`."""

    hu: Knots
    """Rising."""
    values: Knots
    """Attenuation in 1/mm (or a density, see `polychromatic`)."""
    air_hu: float = PADDING_HU

    def __call__(self, hu: Real[np.ndarray, "*shape"]) -> Values:
        """Values, float64, of Hounsfield units."""
        return np.where(hu <= max(self.air_hu, PADDING_HU), 0.0, np.interp(hu, self.hu, self.values))


LOOKUPS = Table(
    "look-up table", {name: f"radloupe.drr.physics.hu_to_mu:{name.upper()}" for name in ("tissue", "deepdrr", "plastimatch", "nanodrr")}
)
"""Look-up tables by name. Files of knots come from `knots.read_lookup`."""

TISSUE = Lookup(
    (-900.0, -700.0, -100.0, 0.0, 60.0, 350.0, 1000.0, 2000.0, LARGEST_HU),
    (0.0, 0.0064, 0.0183, 0.0211, 0.0218, 0.0291, 0.0510, 0.0695, 0.6396),
    air_hu=-900.0,
)
"""Lung, fat, soft tissue and bone at 60 keV: NIST XCOM mass coefficients times DeepDRR's densities, its last line carried on to metal."""

DEEPDRR = Lookup(
    (-800.0, 0.0, 350.0, 350.0 + JUMP_HU, LARGEST_HU),
    (
        (1.03 - 0.001029 * 800) * 0.02048,
        1.03 * 0.02048,
        (1.03 + 0.0005886 * 350) * 0.02048,
        (1.03 + 0.0005886 * 350) * 0.03148,
        (1.03 + 0.0005886 * LARGEST_HU) * 0.03148,
    ),
    air_hu=-800.0,
)
"""DeepDRR's densities and thresholds (air to -800, soft to 350 HU, bone) at 60 keV, mass coefficients .2048 and .3148 cm2/g."""

PLASTIMATCH = Lookup((-1000.0, LARGEST_HU), (0.0, 0.022 * (1 + LARGEST_HU / 1000)), air_hu=-800.0)
"""plastimatch: water at 50 keV as it rounds it, .22 cm2/g, in proportion to 1000 + HU, and nothing up to -800."""

NANODRR = Lookup((-1000.0, 0.0, LARGEST_HU), (0.0, 0.0192, 0.0192 + (0.0573 - 0.0192) * LARGEST_HU / 1000))
"""nanodrr: .0192 for water and .0573 at 1000 HU, with straight lines between and beyond."""

TISSUES: dict[str, tuple[float, float]] = {
    "lung": (-900.0, -500.0),
    "fat": (-150.0, -50.0),
    "soft": (0.0, 150.0),
    "bone": (300.0, LARGEST_HU),
}
"""The Hounsfield units of each tissue; between two of them one passes into the other."""


def attenuate(hu: Real[np.ndarray, "*shape"], lookup: Lookup, padding: float | None = None) -> Values:
    """A look-up table applied to Hounsfield units: float32, in the table's unit. `padding` is a further value that means nothing at all.

    Types of 8 and 16 bits go through a table of all their values.

    >>> attenuate(np.array([-3024, -1000, 0], np.int16), TISSUE).tolist()
    [0.0, 0.0, 0.021...]
    """
    if hu.dtype.kind in "iu" and hu.dtype.itemsize <= 2:
        bits = np.dtype(f"u{hu.dtype.itemsize}")
        every = np.arange(2 ** (8 * bits.itemsize), dtype=bits).view(hu.dtype)
        return apply(every, lookup, padding)[hu.view(bits)]
    result = np.empty(hu.shape, np.float32)
    for index in np.ndindex(hu.shape[:1]):  # slice by slice: the intermediate values are float64
        result[index] = apply(hu[index], lookup, padding)
    return result


def apply(hu: Real[np.ndarray, "*shape"], lookup: Lookup, padding: float | None) -> Values:
    """The look-up table, value by value."""
    values = lookup(hu)
    if padding is not None:
        values = np.where(hu == padding, 0.0, values)
    return values.astype(np.float32)


def emphasise(lookup: Lookup, **factors: float) -> Lookup:
    """The look-up table with tissues made more or less opaque: `emphasise(TISSUE, bone=2, lung=0)`.

    The factor changes linearly between two tissues. Raises `UsageError` for a tissue that is not in `TISSUES`.
    """
    for name, factor in factors.items():
        if name not in TISSUES:
            raise UsageError(f"Unknown tissue {name!r}.{suggest(name, TISSUES)}")
        if not 0 <= factor <= 1000:
            raise UsageError(f"Expected a factor between 0 and 1000 for {name}, found {factor:g}.")
    ends = [hu for limits in TISSUES.values() for hu in limits]
    strengths = [factors.get(name, 1.0) for name in TISSUES for _ in range(2)]
    hu = np.union1d(lookup.hu, np.linspace(-900, 300, 121))  # a line times a line is a parabola: follow it in steps of 10 HU
    values = np.interp(hu, lookup.hu, lookup.values) * np.interp(hu, ends, strengths)
    return replace(lookup, hu=tuple(hu.tolist()), values=tuple(values.tolist()))
