"""Figures equal their public references."""

import math

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from radloupe.errors import InputError, UsageError
from radloupe.image import Image
from radloupe.intensity import Meaning, Storage
from radloupe.metrics.fidelity import psnr, ssim
from radloupe.metrics.protocol import measure, value_range
from radloupe.metrics.sharpness import laplacian_variance
from radloupe.metrics.statistics import mean_and_interval


def pair(seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.random((40, 53))
    return truth + rng.normal(0, 0.05, truth.shape), truth


def test_psnr_equals_scikit_image():
    image, truth = pair()
    assert psnr(image, truth, 1.0) == pytest.approx(peak_signal_noise_ratio(truth, image, data_range=1.0), abs=1e-12)


def test_ssim_equals_scikit_image():
    image, truth = pair()
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1.0}
    theirs = structural_similarity(truth, image, **settings)
    # scikit-image crops the border by the same 5 pixels before it averages
    assert ssim(image, truth, 1.0) == pytest.approx(theirs, abs=1e-9)


def test_identical_images():
    _, truth = pair()
    assert psnr(truth, truth, 1.0) == math.inf
    assert ssim(truth, truth, 1.0) == pytest.approx(1, abs=1e-12)


def test_ssim_needs_room_for_its_window():
    assert math.isnan(ssim(np.zeros((10, 40)), np.zeros((10, 40)), 1.0))


def test_laplacian_variance_of_a_known_image():
    dot = np.zeros((7, 7))
    dot[3, 3] = 1.0
    # one -4 and four 1 among 49 values of zero, on the 0-255 scale
    expected = 255**2 * ((16 + 4) / 49 - 0)
    assert laplacian_variance(dot, 1.0) == pytest.approx(expected, rel=1e-12)


def image_of(pixels, unit, storage):
    return Image(np.asarray(pixels)[None, None], meaning=Meaning(unit, storage=storage))


def test_the_range_is_that_of_the_type_for_radiographs_and_the_largest_value_for_mr():
    pixels = np.array([[0, 900]], np.uint16)
    assert value_range(image_of(pixels, "stored", Storage("uint16", 12))) == 4095
    assert value_range(image_of(pixels, "arbitrary", Storage("uint16", 16))) == 900
    assert value_range(image_of(pixels, "HU", Storage("int16", 16))) == 3000
    with pytest.raises(InputError, match="no range"):
        value_range(image_of(pixels * 0, "arbitrary", Storage("uint16", 16)))


def test_measure_refuses_other_shapes_and_protocols():
    one, other = (image_of(np.ones((4, n)), "arbitrary", Storage()) for n in (4, 5))
    with pytest.raises(InputError, match="one shape"):
        measure(one, other)
    with pytest.raises(UsageError, match="plain"):
        measure(one, one, "plane")


def test_intervals_cover_the_mean():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        _, (low, high) = mean_and_interval(list(rng.normal(5, 1, 30)))
        hits += low <= 5 <= high
    # 95 % nominal; the percentile bootstrap of 30 values covers about 93 %; 200 draws have a deviation of 1.8 %
    assert 0.87 <= hits / 200 <= 0.99


def test_no_interval_where_there_is_none():
    assert mean_and_interval([3.0]) == (3.0, None)
    assert mean_and_interval([3.0, math.inf]) == (math.inf, None)
