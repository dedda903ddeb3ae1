"""Matter, spectra and the two-material table against published figures and against the whole sum over energies."""

import numpy as np
import pytest

from radloupe.core.errors import UsageError
from radloupe.drr.physics import coefficients
from radloupe.drr.physics.hu_to_mu import apply_lookup
from radloupe.drr.physics.polychromatic import (
    BONE_G_PER_CM2,
    WATER_G_PER_CM2,
    absorption,
    bone_equivalent,
    density_lookups,
    detector_response,
)
from radloupe.drr.physics.spectra import (
    SPECTRA,
    Spectrum,
    blend,
    effective_energy,
    half_value_mm,
    photons_per_mm2_per_ugy,
    transmission,
    tube,
    tube_spectrum,
)

XCOM = {  # cm2/g at 20, 60 and 140 keV: NIST XCOM and the tables of NISTIR 5632, four digits
    "water": (0.8098, 0.2059, 0.1538),
    "air": (0.7780, 0.1875, 0.1386),
    "adipose": (0.5678, 0.1974, 0.1531),
    "soft": (0.8231, 0.2048, 0.1525),
    "bone": (4.001, 0.3148, 0.1529),
    "iodine": (25.43, 7.577, 0.8243),
    "titanium": (15.85, 0.7660, 0.1764),
    "aluminium": (3.442, 0.2778, 0.1422),
    "copper": (33.80, 1.593, 0.2460),
    "iron": (25.68, 1.205, 0.2146),
    "caesium iodide": (26.86, 7.921, 0.8621),
    "gadolinium oxysulphide": (36.87, 9.814, 1.111),
}


@pytest.mark.parametrize(("name", "values"), XCOM.items(), ids=XCOM)
def test_coefficients_are_those_of_nist(name, values):
    np.testing.assert_allclose(coefficients.mass_attenuation(name, np.array([20.0, 60.0, 140.0])), values, rtol=5e-4)  # four digits


def test_k_edges_are_sharp():
    for name, edge in (("iodine", 33.17), ("caesium iodide", 35.98), ("gadolinium oxysulphide", 50.24)):  # keV
        below, above = coefficients.mass_attenuation(name, np.array([edge - 0.02, edge + 0.02]))
        assert above > 1.7 * below, name  # caesium's is the smallest, on top of the iodine beside it


def test_unknown_matter_and_energies_are_refused():
    for call in (
        lambda: coefficients.mass_attenuation("watr", 60.0),
        lambda: coefficients.mass_attenuation("water", 5.0),
        lambda: coefficients.density("kryptonite"),
    ):
        with pytest.raises(UsageError):
            call()


@pytest.mark.parametrize(
    ("beam", "mean", "layer", "effective"),
    [  # SpekPy 2.5.4: mean keV, first half-value layer in mm of aluminium, effective keV behind 20 cm of water
        ((60, 2.5, 0), 36.0, 2.08, 40.3),
        ((70, 2.5, 0.1), 44.0, 3.85, 46.9),
        ((80, 2.5, 0), 42.9, 2.73, 47.9),
        ((80, 2.5, 0.2), 50.9, 5.50, 53.2),
        ((100, 2.5, 0), 49.1, 3.46, 54.4),
        ((120, 2.5, 0), 54.4, 4.22, 60.2),
        ((125, 2.5, 0.1), 61.0, 6.63, 65.5),
    ],
    ids=str,
)
def test_spectra_are_those_of_spekpy(beam, mean, layer, effective):
    found = tube_spectrum(*beam)
    assert found.photons.sum() == pytest.approx(1)
    assert found.mean_kev == pytest.approx(mean, abs=0.1)  # the figures have one decimal; 125 kV lies between shipped voltages
    assert half_value_mm(found) == pytest.approx(layer, rel=0.01)  # SpekPy's aluminium is PENELOPE's, ours is XCOM's
    assert effective_energy(found, 200) == pytest.approx(effective, abs=0.3)  # and so is its water


@pytest.mark.parametrize(
    ("name", "layer", "quanta"), [("rqa3", 3.8, 21759), ("rqa5", 6.8, 30174), ("rqa7", 9.2, 32362), ("rqa9", 11.6, 31077)]
)
def test_standard_beams_have_their_half_value_layers(name, layer, quanta):
    beam = tube_spectrum(name)
    assert half_value_mm(beam) == pytest.approx(layer, rel=0.03)  # IEC 61267 lets the tube's voltage be tuned to meet them
    assert photons_per_mm2_per_ugy(beam) == pytest.approx(quanta, rel=0.08)  # IEC 62220-1 takes other spectra and counts SNR2


def test_voltages_between_are_between():
    assert 40.1 < tube(75.0).mean_kev < 42.9 and (tube(75.0).photons[tube(75.0).kev > 75] == 0).all()
    for low, high in ((70.0, 70.001), (79.999, 80.0)):
        a, b = tube_spectrum(low), tube_spectrum(high)
        np.testing.assert_allclose(a.photons, b.photons[: a.photons.size], atol=1e-4)  # no jump at a shipped voltage


@pytest.mark.parametrize("kvp", [60, 80, 100, 120])
def test_a_voltage_left_out_is_interpolated_well(kvp):
    shipped = {k: np.pad(coefficients.physics()["spectra"][str(k)], (0, kvp + 10 - k))[10:] for k in (kvp - 10, kvp, kvp + 10)}
    kev = np.arange(10, kvp + 10) + 0.5
    means = [p @ kev / p.sum() for p in (shipped[kvp], blend(kev, kvp, kvp - 10, shipped[kvp - 10], kvp + 10, shipped[kvp + 10]))]
    assert abs(means[0] - means[1]) < 0.4  # keV, over 20 kV; over the 10 kV that are shipped it is a quarter of that


@pytest.mark.parametrize("beam", [(20, 2.5, 0), (200, 2.5, 0), (80, 0, 0), (80, 2.5, -1), (np.nan, 2.5, 0), ("80 kV",)], ids=str)
def test_impossible_beams_are_refused(beam):
    with pytest.raises(UsageError):
        tube_spectrum(*beam)


def test_named_beams_exist():
    assert all(tube_spectrum(name).photons.sum() == pytest.approx(1) for name in SPECTRA)


def test_beer_and_lambert_hold_for_one_energy():
    beam = Spectrum(np.array([60.0]), np.array([1.0]))
    found = detector_response(beam)(np.array([[20.0]], np.float32), np.array([[4.0]], np.float32))
    assert found[0, 0] == pytest.approx(20 * 0.20587 + 4 * 0.31478, rel=1e-4)  # XCOM, five digits


@pytest.mark.parametrize("beam", [*SPECTRA, 40.0, 85.0, 150.0], ids=str)
@pytest.mark.parametrize("csi", [True, False])
def test_the_table_is_within_two_thousandths_of_the_whole_sum(beam, csi):
    rng = np.random.default_rng(1)
    near, far = rng.random((2, 20_000)), rng.random((2, 20_000)) ** 3  # and many rays with little matter, where curvature is
    water, bone = (np.r_[near[n], far[n]][None] * largest for n, largest in enumerate((WATER_G_PER_CM2, BONE_G_PER_CM2)))
    signal = detector_response(tube_spectrum(beam), csi)
    assert np.abs(signal(water, bone) - signal.exact(water, bone)).max() <= 0.002


def test_rays_beyond_the_table_take_the_whole_sum():
    signal = detector_response(tube_spectrum("80kV"))
    water, bone = np.array([[44.9, 60.0, 3.0, 400.0]]), np.array([[14.9, 1.0, 40.0, 400.0]])
    np.testing.assert_allclose(signal(water, bone), signal.exact(water, bone), atol=0.002)
    assert np.isfinite(signal(water, bone)).all()


def test_no_matter_is_no_attenuation():
    empty = detector_response(tube_spectrum("chest"))(np.zeros((2, 2), np.float32), np.zeros((2, 2), np.float32))
    assert (empty == 0).all() and empty.dtype == np.float32


def test_beams_harden():
    signal = detector_response(tube_spectrum("80kV"))
    thin, thick = signal.exact(np.array([1.0, 30.0]), np.zeros(2)) / [1.0, 30.0]
    assert thick < 0.9 * thin


def test_more_volts_pass_more():
    water = np.full((1, 1), 20.0)
    assert detector_response(tube_spectrum(120.0))(water, 0 * water) < detector_response(tube_spectrum(60.0))(water, 0 * water)


def test_two_densities_attenuate_as_the_ct_says():
    water, bone = (apply_lookup(np.arange(-1024, 3072, dtype=np.int16), lookup).astype(float) for lookup in density_lookups())
    mu = water * float(coefficients.mass_attenuation("water", 70.0)) + bone * float(coefficients.mass_attenuation("bone", 70.0))
    hu = np.arange(-1024, 3072)
    expected = np.where(hu <= -900, 0, float(coefficients.mass_attenuation("water", 70.0)) * (1 + hu / 1000))
    np.testing.assert_allclose(mu, expected, rtol=3e-7)  # float32 densities
    assert (water >= 0).all() and (bone >= 0).all() and not bone[hu <= 53].any()
    assert bone[hu == 1559] == pytest.approx(1.92, rel=1e-3)  # cortical bone of ICRU report 44 at 70 keV: 1558.6 HU


def test_metal_and_contrast_become_bone_that_attenuates_as_they_do():
    for name in ("titanium", "iodine"):
        both = (
            bone_equivalent(name) * float(coefficients.mass_attenuation("bone", 60.0)),
            coefficients.density(name) * float(coefficients.mass_attenuation(name, 60.0)),
        )
        assert both[0] == pytest.approx(both[1])


def test_a_scintillator_absorbs_what_its_thickness_says():
    beam = Spectrum(np.array([59.5]), np.array([1.0]))
    assert absorption(beam)[0] == pytest.approx(1 - np.exp(-8.09 * 4.51 * 0.75 * 0.06), rel=5e-3)  # XCOM between 59 and 60 keV
    assert transmission(beam.kev, "water", 0.0)[0] == 1
