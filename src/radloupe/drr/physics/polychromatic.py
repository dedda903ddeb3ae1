"""Polychromatic projection: two basis materials, whose areal densities a table turns into the detector's signal.

A voxel is water or bone of some density, or a mixture of both, such that the attenuation at the CT's effective energy equals that of
its Hounsfield units. Engines integrate the two densities; a table maps each pixel's pair to -ln of the signal.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from radloupe.drr.engines.jit import compiled
from radloupe.drr.physics import coefficients
from radloupe.drr.physics.hu_to_mu import LARGEST_HU, Lookup
from radloupe.drr.physics.spectra import Spectrum, transmission

CT_KEV = 70.0  # the effective energy of a CT at 120 kV
SOFT_HU = 53.0  # soft tissue of ICRU report 44 at that energy: bone begins above
WATER_G_PER_CM2, BONE_G_PER_CM2 = 45.0, 15.0
TABLE = (128, 64)
EQUIVALENT_KEV = 60.0

CSI_MM, CSI_PACKING = 0.6, 0.75  # a typical scintillator of caesium iodide needles

Plane = Float[np.ndarray, "rows columns"]


def density_lookups(ct_kev: float = CT_KEV) -> tuple[Lookup, Lookup]:
    """Look-up tables from Hounsfield units to the densities of water and of cortical bone in g/cm3.

    Air to -900 HU; water in proportion to 1000 + HU up to soft tissue, which is correct for lungs; then bone replaces water until all
    is cortical bone of ICRU report 44, and denser bone beyond.
    """
    ratio = float(coefficients.mass_attenuation("bone", ct_kev) / coefficients.mass_attenuation("water", ct_kev))
    bone_hu = 1000 * (coefficients.density("bone") * ratio - 1)
    water = Lookup((-1000.0, SOFT_HU, bone_hu), (0.0, 1 + SOFT_HU / 1000, 0.0), air_hu=-900.0)
    bone = Lookup((SOFT_HU, bone_hu, LARGEST_HU), (0.0, coefficients.density("bone"), (1 + LARGEST_HU / 1000) / ratio), air_hu=SOFT_HU)
    return water, bone


def bone_equivalent(material: str, density_g_per_cm3: float | None = None, kev: float = EQUIVALENT_KEV) -> float:
    """Density of bone in g/cm3 that attenuates as a material does at one energy, for metal and contrast media in the two-material model."""
    return 10 * coefficients.mu_per_mm(material, kev, density_g_per_cm3) / float(coefficients.mass_attenuation("bone", kev))


@dataclass(frozen=True)
class DetectorResponse:
    """Detector response by table: -ln of the signal behind areal densities of water and bone."""

    weights: Float[np.ndarray, " bins"]
    """Share of the signal in each energy bin without a patient; they sum to one."""
    water: Float[np.ndarray, " bins"]
    """Mass attenuation coefficients in cm2/g."""
    bone: Float[np.ndarray, " bins"]
    table: Float[np.ndarray, "water bone"]
    """-ln of the signal at areal densities spaced as squares, because the curvature is largest at small densities."""

    def __call__(self, water: Plane, bone: Plane) -> Plane:
        """-ln of the signal behind areal densities in g/cm2, float32, within 0.002 of `exact` up to 45 g/cm2 of water and 15 of bone.

        Pixels beyond that range are computed by `exact`.
        """
        result = np.empty(water.shape, np.float32)
        interpolate(self.table, water.ravel(), bone.ravel(), result.ravel())
        beyond = (water > WATER_G_PER_CM2) | (bone > BONE_G_PER_CM2)
        if beyond.any():
            result[beyond] = self.exact(water[beyond], bone[beyond])
        return result

    def exact(self, water: Float[np.ndarray, "*shape"], bone: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """-ln of the signal by the sum over all energies (Beer-Lambert), computed relative to the least attenuated energy."""
        path = water[..., None] * self.water + bone[..., None] * self.bone
        least = path.min(-1, keepdims=True)
        return least[..., 0] - np.log(np.exp(least - path) @ self.weights)


def detector_response(spectrum: Spectrum, csi: bool = True) -> DetectorResponse:
    """Response of an energy-integrating detector, of caesium iodide or ideal; fast enough for an interactive kV slider.

    >>> float(detector_response(Spectrum.of("80kV"))(np.full((1, 1), 20.0), np.zeros((1, 1)))[0, 0]) > 3
    True
    """
    weights = spectrum.photons * spectrum.kev * (absorption(spectrum) if csi else 1.0)
    water, bone = (coefficients.mass_attenuation(name, spectrum.kev) for name in ("water", "bone"))
    weights = weights / weights.sum()
    waters, bones = (largest * np.linspace(0, 1, n) ** 2 for largest, n in zip((WATER_G_PER_CM2, BONE_G_PER_CM2), TABLE, strict=True))
    left = np.exp(-np.outer(waters, water)) * weights @ np.exp(-np.outer(bone, bones))
    return DetectorResponse(weights, water, bone, np.log(left[0, 0]) - np.log(left))


def absorption(spectrum: Spectrum, csi_mm: float = CSI_MM) -> Float[np.ndarray, " bins"]:
    """Share of the photons of each bin that a scintillator of caesium iodide absorbs."""
    return 1 - transmission(spectrum.kev, "caesium iodide", csi_mm * CSI_PACKING)


@compiled
def interpolate(table: np.ndarray, water: np.ndarray, bone: np.ndarray, result: np.ndarray) -> None:
    """Bilinear interpolation between the areal densities of the table's rows and columns, pixel by pixel; arbitrary values beyond them."""
    rows, columns = table.shape[0] - 1, table.shape[1] - 1
    for n in range(result.size):
        a, b = max(water[n], 0.0) / WATER_G_PER_CM2, max(bone[n], 0.0) / BONE_G_PER_CM2
        i, j = min(int(np.sqrt(a) * rows), rows - 1), min(int(np.sqrt(b) * columns), columns - 1)
        s, t = (a * rows**2 - i**2) / (2 * i + 1), (b * columns**2 - j**2) / (2 * j + 1)
        near = table[i, j] + s * (table[i + 1, j] - table[i, j])
        far = table[i, j + 1] + s * (table[i + 1, j + 1] - table[i, j + 1])
        result[n] = near + t * (far - near)
