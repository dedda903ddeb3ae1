"""The estimated noise level: right on white noise, small where there is none, indifferent to what is no noise."""

import numpy as np
import pytest

from radloupe.inference.noise_level import noise_level


def noise(shape=(256, 256), sigma=1.0):
    return np.random.default_rng(0).normal(0, sigma, shape)


@pytest.mark.parametrize("sigma", [1.0, 5.0, 50.0])
def test_white_noise_on_a_slope(sigma):
    slope = np.add.outer(3.0 * np.arange(256), np.arange(256.0))
    # 256 blocks decide, and taking the quarter whose lower octave is weakest favours low draws a little: 5 % covers both
    assert noise_level(slope + noise(sigma=sigma)) == pytest.approx(sigma, rel=0.05)


def test_white_noise_on_a_phantom_with_edges():
    y, x = np.mgrid[:256, :256] - 127.5
    phantom = 100.0 * (np.hypot(y, x) < 100) + 80 * (abs(y - 20) + abs(x) < 40)  # a disc that holds a diamond
    assert noise_level(phantom + noise(sigma=5)) == pytest.approx(5, rel=0.1)  # 10 %: some of the flattest blocks still touch an edge


@pytest.mark.parametrize("plane", [np.full((64, 64), 7.0), np.add.outer(np.arange(64.0), np.arange(64.0)), np.zeros((8, 300))])
def test_none_without_noise(plane):
    assert noise_level(plane) < 1e-6  # rounding of float64 sums


def test_the_unit_is_that_of_the_plane():
    plane = noise((64, 64)) + 100
    assert noise_level(-1000 + 4 * plane) == pytest.approx(4 * noise_level(plane), rel=1e-9)  # scaling changes rounding alone


def test_a_masked_background_does_not_count():
    plane = 100 + noise()
    plane[:, :160] = 0  # five eighths of the image without any noise, as skull stripping leaves it
    assert noise_level(plane) == pytest.approx(1, rel=0.1)  # 96 x 256 pixels are left: 10 %


def test_fine_structure_is_not_taken_for_noise():
    """Smoothed noise stands for anatomy: its power falls with frequency, and the plain estimate takes all of it for noise."""
    from scipy.ndimage import gaussian_filter

    texture = gaussian_filter(noise(), 0.7)
    assert noise_level(texture) < 0.5 * noise_level(texture, structure=0)
