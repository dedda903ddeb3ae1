"""MTF, noise power and model observers against cases that are known in closed form."""

import math

import numpy as np
import pytest

from radloupe.core.errors import InputError
from radloupe.imaging.synthetic_objects import blurred_edge, disc, edge_distance
from radloupe.metrics.detectability import Detection, auc_interval, auc_of_index, channels, cho, npw, template
from radloupe.metrics.resolution import edge_mtf, mtf_crossing, noise_power, radial_noise_power, share_above


@pytest.mark.parametrize("sigma", [0.7, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("degrees", [5.0, -4.0])
def test_the_mtf_of_a_gaussian_edge_is_a_gaussian(sigma, degrees):
    shape = (160, 160)
    frequency, mtf = edge_mtf(100 + 30 * blurred_edge(shape, degrees, sigma), edge_distance(shape, degrees))
    expected = math.sqrt(math.log(2) / 2) / (math.pi * sigma)  # where exp(-2 (pi f sigma)^2) is one half
    assert mtf_crossing(frequency, mtf) == pytest.approx(expected, rel=0.02)
    assert mtf[0] == 1


def test_images_without_an_edge_are_refused():
    shape = (160, 160)
    with pytest.raises(InputError, match="same value"):
        edge_mtf(np.ones(shape), edge_distance(shape, 5))
    with pytest.raises(InputError, match="24"):
        edge_mtf(np.ones((40, 40)), edge_distance((40, 40), 5))


def test_an_mtf_that_does_not_fall_has_no_crossing():
    frequency = np.linspace(0, 1, 11)
    assert mtf_crossing(frequency, np.ones(11)) == math.inf
    assert mtf_crossing(frequency, np.zeros(11)) == 0.0


def test_white_noise_has_a_flat_spectrum_whose_integral_is_its_variance():
    noise = np.random.default_rng(0).normal(5, 3, (8, 256, 256))
    assert noise_power(noise).mean() == pytest.approx(9, rel=0.01)  # 524,288 values under a Hann window: standard error 0.3 %
    rings = radial_noise_power(noise)[8:120].reshape(8, 14).mean(1)
    slope = np.polyfit(np.linspace(0, 1, 8), rings, 1)[0]
    assert abs(slope) < 0.03 * 9


def test_noise_power_above_a_frequency_is_that_of_what_is_left():
    rng = np.random.default_rng(0)
    coarse = rng.normal(0, 1, (8, 64, 64)).repeat(4, 1).repeat(4, 2)
    fine = rng.normal(0, 1, (8, 256, 256))
    assert share_above(noise_power(fine), 0.125) == pytest.approx(1 - 0.25**2, abs=0.01)  # a quarter of each axis lies below
    assert share_above(noise_power(coarse), 0.125) < 0.45  # a box of four pixels: (its sinc^2 below 1/8, 0.77)^2 = 0.6 lies below


def test_the_matched_filter_reaches_its_detectability_in_white_noise():
    rng = np.random.default_rng(0)
    count, side, diameter, contrast = 20_000, 32, 6, 0.35
    signal = contrast * disc((side, side), (side // 2, side // 2), diameter)
    found = npw(rng.normal(0, 1, (count, side, side)) + signal, rng.normal(0, 1, (count, side, side)), diameter)
    expected = contrast * np.linalg.norm(template(side, diameter))  # of unit noise; the disc's own norm, its mean taken away
    assert found.index == pytest.approx(expected, rel=0.02)  # standard error 0.6 %
    assert found.auc == pytest.approx(auc_of_index(expected), abs=0.01)


def test_the_hotelling_observer_reaches_that_of_its_channels_in_white_noise():
    rng = np.random.default_rng(0)
    count, side, diameter, contrast = 4000, 32, 6, 0.35
    signal = contrast * disc((side, side), (side // 2, side // 2), diameter)
    found = cho(rng.normal(0, 1, (count, side, side)) + signal, rng.normal(0, 1, (count, side, side)))
    responses = channels(side)
    difference = responses.T @ signal.ravel()
    expected = math.sqrt(difference @ np.linalg.solve(responses.T @ responses, difference))
    assert expected < contrast * np.linalg.norm(signal / contrast)  # channels lose some of the signal
    assert found.index == pytest.approx(expected, rel=0.05)  # standard error 1.3 %, and folds of training


def test_lesions_that_are_not_there_are_guessed():
    rng = np.random.default_rng(0)
    patches = rng.normal(0, 1, (2, 300, 32, 32))
    for found in (npw(*patches, 6), cho(*patches)):
        assert abs(found.auc - 0.5) < 0.08  # standard error 0.024
        low, high = auc_interval([found])
        assert low < 0.5 < high


def test_the_interval_of_a_difference_of_one_observer_with_itself_is_zero():
    rng = np.random.default_rng(0)
    found = Detection(rng.normal(1, 1, 200), rng.normal(0, 1, 200))
    assert auc_interval([found, found], (1, -1)) == (0, 0)
    low, high = auc_interval([found])
    assert low < found.auc < high
    assert high - low == pytest.approx(2 * 1.96 * 0.024, rel=0.3)  # Hanley and McNeil 1982: 0.024 at an AUC of 0.76 and 200 of each


def test_too_few_patches_for_the_observer_are_refused():
    with pytest.raises(InputError, match="10"):
        cho(np.zeros((4, 16, 16)), np.zeros((4, 16, 16)))
