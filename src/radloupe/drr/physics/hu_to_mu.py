"""Hounsfield units to linear attenuation coefficients: piecewise-linear look-up tables.

Air is exactly zero, and so is padding (GE writes -2000 and -3024 outside its circular field of view): noise in air would
accumulate along a ray, and engines skip empty voxels.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Real

from radloupe.core.errors import InputError, UsageError
from radloupe.core.tables import suggest

PADDING_HU = -1500.0  # below every measured value: scanners end at -1024
JUMP_HU = 1e-3  # width of a table's jump, far below one unit
LARGEST_HU = 32767.0
LARGEST_BYTES = 2**20  # a table of 65536 knots
EXPECTED = 'Expected a table of Hounsfield units and attenuation in 1/mm: CSV lines such as "-100,0.0183", or JSON [[-100, 0.0183], ...]'

Values = Float[np.ndarray, "*shape"]
Knots = tuple[float, ...]


@dataclass(frozen=True)
class Lookup:
    """A piecewise-linear look-up table: linear between knots, constant outside them, and zero up to `air_hu`."""

    hu: Knots
    """Rising."""
    values: Knots
    """Attenuation in 1/mm (or a density, see `polychromatic`)."""
    air_hu: float = PADDING_HU

    def __call__(self, hu: Real[np.ndarray, "*shape"]) -> Values:
        """Values, float64, of Hounsfield units."""
        return np.where(hu <= max(self.air_hu, PADDING_HU), 0.0, np.interp(hu, self.hu, self.values))


TISSUE = Lookup(
    (-900.0, -700.0, -100.0, 0.0, 60.0, 350.0, 1000.0, 2000.0, LARGEST_HU),
    (0.0, 0.0064, 0.0183, 0.0211, 0.0218, 0.0291, 0.0510, 0.0695, 0.6396),
    air_hu=-900.0,
)
"""Lung, fat, soft tissue and bone at 60 keV: NIST XCOM mass coefficients times DeepDRR's densities, extrapolated to metal."""

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
"""plastimatch: water at 50 keV, rounded to .22 cm2/g, in proportion to 1000 + HU, and zero up to -800."""

NANODRR = Lookup((-1000.0, 0.0, LARGEST_HU), (0.0, 0.0192, 0.0192 + (0.0573 - 0.0192) * LARGEST_HU / 1000))
"""nanodrr: .0192 for water and .0573 at 1000 HU, linear between and beyond."""

TISSUES: dict[str, tuple[float, float]] = {
    "lung": (-900.0, -500.0),
    "fat": (-150.0, -50.0),
    "soft": (0.0, 150.0),
    "bone": (300.0, LARGEST_HU),
}
"""Range of Hounsfield units of each tissue; between two ranges one tissue changes into the other."""


def apply_lookup(hu: Real[np.ndarray, "*shape"], lookup: Lookup, padding: float | None = None) -> Values:
    """A look-up table applied to Hounsfield units: float32, in the table's unit. `padding` is a further value that marks padding.

    Types of 8 and 16 bits go through a table of all their values.

    >>> apply_lookup(np.array([-3024, -1000, 0], np.int16), TISSUE).tolist()
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
    """The look-up table applied value by value."""
    values = lookup(hu)
    if padding is not None:
        values = np.where(hu == padding, 0.0, values)
    return values.astype(np.float32)


def emphasise(lookup: Lookup, **factors: float) -> Lookup:
    """The look-up table with the opacity of tissues scaled: `emphasise(TISSUE, bone=2, lung=0)`.

    The factor changes linearly between two tissues. Raises `UsageError` for a tissue that is not in `TISSUES`.
    """
    for name, factor in factors.items():
        if name not in TISSUES:
            raise UsageError(f"Unknown tissue {name!r}.{suggest(name, TISSUES)}")
        if not 0 <= factor <= 1000:
            raise UsageError(f"Expected a factor between 0 and 1000 for {name}, found {factor:g}.")
    ends = [hu for limits in TISSUES.values() for hu in limits]
    strengths = [factors.get(name, 1.0) for name in TISSUES for _ in range(2)]
    hu = np.union1d(lookup.hu, np.linspace(-900, 300, 121))  # the product of two linear pieces is a parabola: sampled every 10 HU
    values = np.interp(hu, lookup.hu, lookup.values) * np.interp(hu, ends, strengths)
    return replace(lookup, hu=tuple(hu.tolist()), values=tuple(values.tolist()))


def read_lookup(path: str | Path) -> Lookup:
    """The look-up table of a CSV or JSON file.

    CSV: one pair per line; blank lines, lines that begin with # and a header line are ignored. JSON: a list of pairs. Hounsfield
    units rise; the table is constant outside them. Raises `InputError` for anything else.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f"{EXPECTED}, found a file of more than {LARGEST_BYTES} bytes: {path}")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{EXPECTED}, found a file that cannot be read as text: {path}") from error
    try:
        pairs = np.array(json.loads(text) if path.suffix.lower() == ".json" else lines(text), float)
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{EXPECTED}, found neither in {path}: {error}.") from error
    if pairs.ndim != 2 or pairs.shape[1] != 2 or len(pairs) < 2 or not np.isfinite(pairs).all():
        raise InputError(f"{EXPECTED}, with at least two finite pairs; found numbers of shape {pairs.shape} in {path}, or infinite ones.")
    hu, mu = pairs.T
    if (np.diff(hu) <= 0).any() or mu.min() < 0:
        raise InputError(
            f"{EXPECTED}, with rising Hounsfield units and no negative attenuation; found steps of {np.diff(hu).min():g} and more and "
            f"attenuation of {mu.min():g} and more in {path}."
        )
    return Lookup(tuple(hu.tolist()), tuple(mu.tolist()))


def lines(text: str) -> list[Any]:
    """Pairs of a CSV file."""
    rows = [line.split(",") for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if rows and not any(character.isdigit() for character in rows[0][0]):
        rows = rows[1:]  # names of columns
    return [[float(cell) for cell in row] for row in rows]
