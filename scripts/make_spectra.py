"""Write src/radloupe/drr/physics.json: X-ray spectra of tungsten tubes and mass attenuation coefficients.

Run in a scratch environment with spekpy 2.5.4 and xraylib 4.3.0, which are not dependencies: `python scripts/make_spectra.py`.
"""

import json
from pathlib import Path

import numpy as np
import spekpy
import xraylib

OUTPUT = Path(__file__).parents[1] / "src" / "radloupe" / "drr" / "physics.json"
KVP = range(40, 151, 10)
MATERIALS = {  # density in g/cm3 and mass percent by atomic number; tissues are those of ICRU report 44
    "water": (1.0, {1: 11.1894, 8: 88.8106}),
    "air": (1.20479e-3, {6: 0.0124, 7: 75.5268, 8: 23.1781, 18: 1.2827}),
    "adipose": (0.95, {1: 11.4, 6: 59.8, 7: 0.7, 8: 27.8, 11: 0.1, 16: 0.1, 17: 0.1}),
    "soft": (1.06, {1: 10.2, 6: 14.3, 7: 3.4, 8: 70.8, 11: 0.2, 15: 0.3, 16: 0.3, 17: 0.2, 19: 0.3}),
    "blood": (1.06, {1: 10.2, 6: 11.0, 7: 3.3, 8: 74.5, 11: 0.1, 15: 0.1, 16: 0.2, 17: 0.3, 19: 0.2, 26: 0.1}),
    "bone": (1.92, {1: 3.4, 6: 15.5, 7: 4.2, 8: 43.5, 11: 0.1, 12: 0.2, 15: 10.3, 16: 0.3, 20: 22.5}),
    "aluminium": (2.699, {13: 100}),
    "titanium": (4.54, {22: 100}),
    "iron": (7.874, {26: 100}),
    "copper": (8.96, {29: 100}),
    "iodine": (4.93, {53: 100}),
    "caesium iodide": (4.51, {53: 48.845, 55: 51.155}),
    "gadolinium oxysulphide": (7.44, {64: 83.078, 16: 8.469, 8: 8.453}),
}


def rows(parts):
    """Whole keV from 10 to 150, and both sides of every K-edge among them: xraylib's tables step within 2 eV of it."""
    edges = [xraylib.EdgeEnergy(z, xraylib.K_SHELL) for z in parts]
    return sorted({float(e) for e in range(10, 151)} | {e + side for e in edges if 10 < e < 150 for side in (-0.005, 0.005)})


def mixture(function, parts, kev):
    """A coefficient of a mixture in cm2/g: the sum over its elements by mass."""
    return sum(share * function(z, kev) for z, share in parts.items()) / sum(parts.values())


def main():
    """Compute and write everything."""
    materials = {}
    for name, (density, parts) in MATERIALS.items():
        kev = rows(parts)
        materials[name] = {"density_g_per_cm3": density, "kev": [round(e, 4) for e in kev]}
        materials[name]["cm2_per_g"] = [float(f"{mixture(xraylib.CS_Total, parts, e):.5g}") for e in kev]
    air = materials["air"]
    absorption = spekpy.Spek(kvp=80, mu_data_source="nist").muen_air_data  # xraylib's CS_Energy is up to a third too low at 20 keV
    air["energy_cm2_per_g"] = [float(f"{x:.5g}") for x in absorption.get_muen_over_rho_air(np.array(air["kev"]))]
    spectra = {}
    for kvp in KVP:
        tube = spekpy.Spek(kvp=kvp, th=12, dk=1.0)
        tube.filter("Al", 2.5)
        kev, fluence = tube.get_spectrum(edges=False)
        full = np.zeros(150)
        full[np.floor(kev).astype(int)] = fluence
        full[(full < 1e-9 * full.sum()) | (np.arange(150) < 10)] = 0  # nothing that an image could show
        spectra[kvp] = [float(f"{x:.4g}") for x in full[:kvp]]
    result = {
        "source": "Photon cross sections: xraylib 4.3.0 (NIST XCOM and Hubbell and Seltzer, NISTIR 5632); "
        "energy absorption in air: NIST by way of SpekPy. Spectra: SpekPy 2.5.4, casim model, "
        "tungsten, 12 degrees, 2.5 mm Al, photons per cm2 and mAs at 1 m in bins of 1 keV from 0.",
        "materials": materials,
        "spectra": spectra,
    }
    OUTPUT.write_text(json.dumps(result, separators=(",", ":")).replace('},"', '},\n"') + "\n")
    print(OUTPUT, OUTPUT.stat().st_size, "bytes")


main()
