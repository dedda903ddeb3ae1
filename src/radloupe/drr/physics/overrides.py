"""Material overrides: metal beyond the scanner's range, implants and tools, contrast medium in vessels.

`value` is in the unit that it replaces: `coefficients.mu_per_mm("titanium", 60)` for monoenergetic attenuation,
`polychromatic.bone_equivalent("titanium")` for the bone density of a polychromatic beam.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float

from radloupe.drr.physics.hu_to_mu import JUMP_HU, Lookup

METAL_HU = 2500.0  # above enamel, below the maximum of 12-bit scanners (3071)

Values = Float[np.ndarray, "*shape"]
Mask = Bool[np.ndarray, "*shape"]


def metal(lookup: Lookup, value: float, above_hu: float = METAL_HU) -> Lookup:
    """The look-up table with everything above a threshold replaced."""
    kept = [(hu, old) for hu, old in zip(lookup.hu, lookup.values, strict=True) if hu < above_hu]
    edge = float(np.interp(above_hu, lookup.hu, lookup.values))
    hu, values = zip(*kept, (above_hu, edge), (above_hu + JUMP_HU, value), strict=True)
    return replace(lookup, hu=hu, values=values)


def overlay(values: Values, mask: Mask, value: float) -> Values:
    """Values with a material in place of those inside a mask: an implant, or a tool."""
    return np.where(mask, np.float32(value), values)


def contrast(values: Values, mask: Mask, value: float) -> Values:
    """Values with a material added inside a mask: 10 mg of iodine per ml is `mu_per_mm("iodine", 60, 0.010)`."""
    return values + np.float32(value) * mask
