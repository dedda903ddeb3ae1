"""Hounsfield units to attenuation: the tables are those of their sources, air is nothing, and files of knots are read with care."""

import json

import numpy as np
import pytest

from radloupe.core.errors import InputError, UsageError
from radloupe.drr.physics import coefficients, overrides
from radloupe.drr.physics.hu_to_mu import NANODRR, PADDING_HU, TISSUE, TISSUES, apply_lookup, emphasise, read_lookup
from radloupe.drr.project_options import LOOKUPS

HU = np.arange(-1024, 3072, dtype=np.int16)


def deepdrr_density(hu):
    return np.maximum(0, np.minimum(1.03 + 0.001029 * hu, 1.03 + 0.0005886 * hu))


def test_deepdrr_and_plastimatch_and_nanodrr_are_their_formulas():
    hu = HU.astype(float)
    deepdrr = np.where(hu <= -800, 0, deepdrr_density(hu) * np.where(hu > 350, 0.3148, 0.2048) / 10)
    plastimatch = np.where(hu <= -800, 0, 0.022 * (1 + hu / 1000))
    nanodrr = np.maximum(0, 0.0192 * (1 + np.minimum(hu, 0) / 1000) + np.maximum(hu, 0) * (0.0573 - 0.0192) / 1000)
    for name, formula in (("deepdrr", deepdrr), ("plastimatch", plastimatch), ("nanodrr", nanodrr)):
        np.testing.assert_allclose(apply_lookup(HU, LOOKUPS[name]), formula, atol=1e-7, err_msg=name)  # float32, and the jump's width


@pytest.mark.parametrize(("hu", "mu"), [(-700, 0.0064), (-100, 0.0183), (0, 0.0211), (60, 0.0218), (1000, 0.0510), (2000, 0.0695)])
def test_tissue_goes_through_its_knots(hu, mu):
    assert apply_lookup(np.array([hu], np.int16), TISSUE)[0] == np.float32(mu)


def test_dense_bone_keeps_its_slope():
    assert apply_lookup(np.array([3071], np.int16), TISSUE)[0] == pytest.approx(deepdrr_density(3071) * 0.03148, rel=2e-3)  # 3 digits


@pytest.mark.parametrize("name", LOOKUPS)
def test_air_and_padding_are_exactly_zero_and_more_is_never_less(name):
    lookup = LOOKUPS[name]
    assert not apply_lookup(np.array([-32768, -3024, -2000, -1024, -1000], np.int16), lookup).any()
    values = apply_lookup(HU, lookup)
    assert values.dtype == np.float32 and (values >= 0).all() and (np.diff(values) >= 0).all()


def test_a_padding_value_is_nothing_wherever_it_lies():
    assert apply_lookup(np.array([0, 1500], np.int16), TISSUE, padding=1500).tolist() == [np.float32(0.0211), 0]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, ">i2", np.int32, np.float32, np.float64])
def test_every_type_gives_the_same(dtype):
    hu = np.array([[[-100, 0, 60], [100, 30, -7]]]).clip(0 if np.dtype(dtype).kind == "u" else -128)
    np.testing.assert_array_equal(apply_lookup(hu.astype(dtype), TISSUE), TISSUE(hu).astype(np.float32))


def test_slices_out_of_order_and_strided_are_read_right():
    hu = HU.reshape(16, 16, 16)
    np.testing.assert_array_equal(apply_lookup(hu[::-1, ::2, ::-3], TISSUE), apply_lookup(hu, TISSUE)[::-1, ::2, ::-3])


def test_tissues_can_be_made_more_opaque():
    strong = emphasise(TISSUE, bone=3.0, lung=0.0)
    hu = np.array([-700, -100, 60, 600, 2000])
    np.testing.assert_allclose(strong(hu), TISSUE(hu) * [0, 1, 1, 3, 3], atol=1e-12)  # sums of float64
    between = np.linspace(150, 300, 16)
    np.testing.assert_allclose(strong(between), TISSUE(between) * np.interp(between, [150, 300], [1, 3]), atol=1e-12)
    assert (np.diff(strong(HU)) >= 0).all()


def test_emphasis_follows_its_parabola_between_tissues():
    hu = np.linspace(-900, 400, 2601)
    exact = TISSUE(hu) * np.interp(hu, [e for ends in TISSUES.values() for e in ends], [2, 2, 1, 1, 1, 1, 1, 1])
    np.testing.assert_allclose(emphasise(TISSUE, lung=2.0)(hu), exact, atol=3e-6)  # chords of 10 HU: slope times slope times 25


@pytest.mark.parametrize("factors", [{"liver": 1}, {"bone": -1}, {"bone": np.nan}])
def test_impossible_emphasis_is_refused(factors):
    with pytest.raises(UsageError):
        emphasise(TISSUE, **factors)


def test_metal_replaces_what_is_above_the_threshold():
    metal = overrides.metal(NANODRR, coefficients.mu_per_mm("titanium", 60))
    values = metal(np.array([2499, 2500, 2501, 30_000]))
    np.testing.assert_allclose(values[:2], NANODRR(np.array([2499, 2500])))
    np.testing.assert_allclose(values[2:], 4.54 * 0.7660 / 10, rtol=1e-3)  # NIST XCOM, four digits


def test_masks_take_an_implant_and_contrast():
    mu, mask = np.full((2, 3), 0.02, np.float32), np.zeros((2, 3), bool)
    mask[1, 1] = True
    iron = overrides.overlay(mu, mask, coefficients.mu_per_mm("iron", 60))
    filled = overrides.contrast(mu, mask, coefficients.mu_per_mm("iodine", 60, 0.010))
    assert iron[1, 1] == pytest.approx(0.1205 * 7.874, rel=1e-3) and filled[1, 1] == pytest.approx(0.02 + 0.0075770, rel=1e-3)  # XCOM
    assert (iron[~mask] == mu[~mask]).all() and (filled[~mask] == mu[~mask]).all() and iron.dtype == filled.dtype == np.float32


def test_files_of_knots_are_read(tmp_path):
    pairs = [[-900, 0], [0, 0.02], [1000, 0.05]]
    csv, rows = tmp_path / "opacity.csv", tmp_path / "opacity.json"
    csv.write_text("HU, mu\n# bone\n" + "\n".join(f"{a}, {b}" for a, b in pairs))
    rows.write_text(json.dumps(pairs))
    for path in (csv, rows):
        values = apply_lookup(np.array([-3024, -950, -900, 500, 3000], np.int16), read_lookup(path))
        np.testing.assert_allclose(values, [0, 0, 0, 0.035, 0.05], atol=1e-8)  # float32
    assert read_lookup(csv).air_hu == PADDING_HU


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", ""),
        ("a.csv", "0,0.02"),
        ("a.csv", "0,0.02\n0,0.03"),
        ("a.csv", "0,0.02\n10,-0.03"),
        ("a.csv", "0,0.02\n10,nan"),
        ("a.csv", "0,0.02\n10"),
        ("a.csv", "0,0.02\nten,1"),
        ("a.json", "{}"),
        ("a.json", "[[0, 1], [1, [2]]]"),
        ("a.json", "[" * 100_000),
        ("a.json", "[[0, 0.1], [1"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match="Hounsfield"):
        read_lookup(path)


def test_a_missing_and_a_binary_file_are_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00\x01" * 9)
    for name in ("a.csv", "none.csv"):
        with pytest.raises(InputError):
            read_lookup(tmp_path / name)
