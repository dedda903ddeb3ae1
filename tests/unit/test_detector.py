"""Noise, blur and scatter follow their laws, lose nothing and come back the same."""

from dataclasses import replace

import numpy as np
import pytest

from radloupe.core.errors import UsageError
from radloupe.drr.detector.flat_panel import Detector, absorbed_quanta, counts_to_line_integrals, expose, flat_field, focal_blur_mm
from radloupe.drr.detector.gaussian import gaussian_blur
from radloupe.drr.physics.spectra import tube_spectrum
from radloupe.imaging.camera import CArm

SIZE = 200
VIEW = CArm(beam="cone", size=(SIZE, SIZE), pixel=0.5).view()
EMPTY = np.zeros((SIZE, SIZE), np.float32)
SLAB = np.full((SIZE, SIZE), 2.0, np.float32)
WEDGE = np.tile(np.linspace(0, 4, SIZE, dtype=np.float32), (SIZE, 1))


@pytest.mark.parametrize(("path", "photons"), [(0.0, 10.0), (2.0, 1000.0), (3.0, 100_000.0)])
def test_counts_have_the_mean_and_variance_of_poisson(path, photons):
    counts = expose(np.full((SIZE, SIZE), path, np.float32), VIEW, Detector(photons), 3)
    mean = photons * np.exp(-path)
    assert counts.mean() == pytest.approx(mean, abs=5 * np.sqrt(mean) / SIZE)  # five standard errors of 40 000 pixels
    assert counts.var() == pytest.approx(mean, rel=5 * np.sqrt(2 + 1 / mean) / SIZE)  # of a variance
    assert counts.dtype == np.float32 and (counts == np.rint(counts)).all()


def test_the_same_seed_gives_the_same_and_another_item_not():
    detector = Detector(100.0, electronic=3.0, gain=0.02)
    first = expose(SLAB, VIEW, detector, 7, 1)
    np.testing.assert_array_equal(first, expose(SLAB, VIEW, detector, 7, 1))
    for other in (expose(SLAB, VIEW, detector, 7, 2), expose(SLAB, VIEW, detector, 8, 1)):
        assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.05  # ten standard errors


def test_gains_belong_to_the_detector():
    detector = Detector(1e10, gain=0.05, corrected=False)
    first, second = (expose(EMPTY, VIEW, detector, 5, item) / 1e10 for item in (0, 1))
    assert np.abs(first - second).max() < 1e-4  # the quanta's noise is 1e-5
    assert first.std() == pytest.approx(0.05, rel=0.03)  # five standard errors


def test_flat_field_correction_leaves_only_noise():
    detector = Detector(1e10, gain=0.05, heel=0.3, distance=True)
    np.testing.assert_allclose(
        expose(SLAB, VIEW, detector, 1) / 1e10, np.exp(-2), rtol=2e-4
    )  # noise of 1e-5 / exp(-1), times five and more


def test_electronic_noise_adds_its_variance():
    noise = expose(EMPTY, VIEW, Detector(100.0, electronic=20.0), 2)
    assert noise.var() == pytest.approx(100 + 400, rel=0.04)  # five standard errors


@pytest.mark.parametrize("sigma", [0.7, 5.0, 9.0, 60.0])
def test_blur_loses_nothing(sigma):
    image = np.random.default_rng(0).random((60, 80))
    assert gaussian_blur(image, sigma, sigma / 2).sum() == pytest.approx(image.sum(), rel=1e-12)


@pytest.mark.parametrize("sigma", [1.0, 7.9, 8.1, 15.0])
def test_blur_is_as_wide_as_asked(sigma):
    point = np.zeros((1, 401))
    point[0, 200] = 1
    profile = gaussian_blur(point, 0.0, sigma)[0]
    assert np.sqrt(profile @ (np.arange(401) - 200) ** 2) == pytest.approx(sigma, rel=0.06)  # running means have odd widths
    gauss = np.exp(-((np.arange(401) - 200) ** 2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))
    assert np.abs(profile - gauss).max() < 0.12 * gauss.max()  # width and shape together


def test_light_spreads_as_the_mtf_says():
    fine = (1 + np.cos(2 * np.pi * 0.5 * np.arange(SIZE) * VIEW.spacing[1])) / 2 + 0.1  # half a line pair a mm
    grating = np.tile(-np.log(fine), (SIZE, 1)).astype(np.float32)
    counts = [expose(grating, VIEW, Detector(1e10, blur_mm=blur), 0) for blur in (0.0, 0.4)]
    contrasts = [np.ptp(c[:, 40:-40].mean(0)) for c in counts]
    assert contrasts[1] / contrasts[0] == pytest.approx(np.exp(-2 * (np.pi * 0.4 * 0.5) ** 2), rel=0.01)  # a Gaussian cut off at 4 sigma


def test_blur_smooths_the_noise_and_keeps_the_mean():
    sharp, blurred = (expose(SLAB, VIEW, Detector(1000.0, blur_mm=blur), 4) for blur in (0.0, 1.0))
    assert blurred.mean() == pytest.approx(sharp.mean(), rel=1e-6)  # float32
    assert blurred.var() == pytest.approx(sharp.var() / (4 * np.pi * 2**2), rel=0.15)  # white noise through 2 pixels of sigma


def test_scatter_adds_its_ratio_and_no_detail():
    primary, both = (expose(WEDGE, VIEW, Detector(1e9, scatter=ratio), 0) / 1e9 for ratio in (0.0, 1.5))
    assert both.sum() == pytest.approx(2.5 * primary.sum(), rel=1e-4)
    fog = both - primary
    assert np.abs(np.diff(fog, axis=1)).max() < 0.25 * np.abs(np.diff(primary, axis=1)).max()  # 40 mm of a field of 100
    assert np.ptp(counts_to_line_integrals(both * 1e9, 1e9)) < np.ptp(counts_to_line_integrals(primary * 1e9, 1e9))  # veiled


def test_the_beam_is_weaker_towards_the_anode_and_the_edges():
    heel = flat_field(VIEW, Detector(heel=0.2))
    assert heel[0, 0] == pytest.approx(1.2) and heel[-1, 0] == pytest.approx(0.8) and heel.mean() == pytest.approx(1)
    wide = CArm(beam="cone", size=(3, 3), pixel=102.0 / 2, offset=(0.0, -51.0)).view()
    assert flat_field(wide, Detector(distance=True))[1, 0] == pytest.approx((1 / np.sqrt(1.01)) ** 3)  # a slope of one tenth
    assert (flat_field(CArm(size=(3, 3)).view(), Detector(distance=True)) == 1).all()  # parallel rays


def test_the_logarithm_gives_the_line_integrals_back():
    np.testing.assert_allclose(counts_to_line_integrals(expose(WEDGE, VIEW, Detector(1e12), 0), 1e12), WEDGE, atol=1e-4)  # noise: 1e-6 e^2
    assert counts_to_line_integrals(np.zeros((1, 1), np.float32), 100.0)[0, 0] == pytest.approx(np.log(200))


def test_dose_becomes_quanta():
    beam = tube_spectrum("rqa5")
    one = absorbed_quanta(2.5, beam, (0.15, 0.15))
    assert one == pytest.approx(2.5 * 30_174 * 0.15**2 * 0.8, rel=0.1)  # IEC 62220-1, and .6 mm of caesium iodide stops some 80 %
    assert absorbed_quanta(5.0, beam, (0.3, 0.15)) == pytest.approx(4 * one)


def test_a_focal_spot_blurs_what_is_magnified():
    assert focal_blur_mm(1.0, 1.0) == 0
    assert focal_blur_mm(0.6, 2.0) == pytest.approx(0.6 / 2.355)


@pytest.mark.parametrize(
    "change", [{"photons": 0.0}, {"photons": np.nan}, {"blur_mm": -1.0}, {"scatter": 1e3}, {"heel": 2.0}, {"gain": -0.1}], ids=str
)
def test_impossible_detectors_are_refused(change):
    with pytest.raises(UsageError):
        replace(Detector(), **change)
