"""Blur, noise, compression and pyramid: against theory and against independent code."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import ndimage, stats

from radloupe.degradation.blur import BoxBlur, GaussianBlur, MotionBlur, SincBlur
from radloupe.degradation.compress import JPEG, JPEG2000
from radloupe.degradation.kspace import KSpaceCrop
from radloupe.degradation.noise import GaussianNoise, PoissonNoise, Rician, poisson
from radloupe.degradation.pyramid import PyramidReduce
from radloupe.degradation.resample import METHODS, Resize, weights
from radloupe.degradation.step import nth, run, whole

KERNELS = [
    BoxBlur(1),
    BoxBlur(4),
    BoxBlur(5),
    GaussianBlur(5, 7, 1.3, 0.8),
    GaussianBlur(9, 9, 2.5, 0.7, angle=30),
    GaussianBlur(7, 7, 1.0, 2.0, angle=-70, power=2.5),
    GaussianBlur(7, 7, 1.5, 1.5, power=1.5, plateau=True),
    GaussianBlur(5, 5, 0.0, 0.0),
    *(MotionBlur(length, angle) for length in (1, 3, 6, 11) for angle in (0, 45, 90, 121.5)),
    SincBlur(21, math.pi / 3),
    SincBlur(7, math.pi),
]
SHRINKING = [PyramidReduce("grid"), PyramidReduce("centre"), *(Resize(13, 17, method) for method in METHODS)]
SHRINKING += [KSpaceCrop(2, "centre", window, partial) for window in ("none", "hamming", "fermi") for partial in (1.0, 0.6)]


def noise(*shape, seed=0):
    return np.random.default_rng(seed).random(shape)


@pytest.mark.parametrize("step", KERNELS, ids=str)
def test_kernels_have_sum_one(step):
    assert step.kernel().sum() == pytest.approx(1, abs=1e-12)  # float64


@pytest.mark.parametrize("step", [*KERNELS, *SHRINKING], ids=str)
def test_a_constant_stays(step):
    np.testing.assert_allclose(step(np.full((26, 34), 77.0)), 77.0, atol=1e-10)  # float64 sums of at most 441


@pytest.mark.parametrize("step", [*KERNELS, *SHRINKING], ids=str)
def test_torch_in_double_precision_equals_numpy(step):
    planes = noise(3, 1, 26, 34)
    np.testing.assert_allclose(step(torch.from_numpy(planes)).numpy(), step(planes), atol=1e-12)  # the same sums in another order


@pytest.mark.parametrize("k", [1, 2, 3, 4, 9, 40])
def test_the_moving_average_is_that_of_scipy(k):
    plane = noise(30, 21)  # smaller than 40: mirrored more than once
    np.testing.assert_allclose(BoxBlur(k)(plane), ndimage.uniform_filter(plane, k, mode="mirror"), atol=1e-12)  # running sums


@pytest.mark.parametrize("k", [2, 4, 6, 40])
def test_halves_round_alike_in_both_precisions(k):
    plane = np.random.default_rng(1).integers(0, 256, (64, 64)).astype(float)
    exact, mean = BoxBlur(k, rounded=True), BoxBlur(k)(plane)
    assert np.array_equal(exact(torch.from_numpy(plane).float()[None, None])[0, 0].numpy(), exact(plane))
    assert np.array_equal(exact(plane), np.floor(np.round(mean * k * k) / (k * k) + 0.5))  # sums of whole numbers, halves up
    assert np.array_equal(whole(np.array([0.5, 1.5, -0.5, 2.49, 300.2])), [1, 2, 0, 2, 300])


def test_a_gaussian_is_that_of_scipy_inside():
    plane = noise(40, 40)
    ours = GaussianBlur(17, 17, 1.5, 1.5)(plane)
    np.testing.assert_allclose(ours, ndimage.gaussian_filter(plane, 1.5, radius=8, mode="mirror"), atol=1e-12)  # the same taps


def test_motion_spreads_a_point_along_its_direction():
    point = np.zeros((31, 31))
    point[15, 15] = 1
    np.testing.assert_allclose(MotionBlur(5, 0)(point)[15, 13:18], 0.2, atol=1e-12)
    y, x = np.mgrid[:31, :31] - 15
    for length, angle in ((11, 30), (8, 135)):
        spread = MotionBlur(length, angle)(point)
        along = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
        moments = np.array([[(spread * x * x).sum(), (spread * x * y).sum()], [(spread * x * y).sum(), (spread * y * y).sum()]])
        assert along @ moments @ along == pytest.approx((length**2 - 1) / 12, abs=0.25)  # sharing between pixels adds at most a quarter
        assert (spread * x).sum() == pytest.approx(0, abs=1e-12)


def test_sinc_passes_below_its_cut_off_and_stops_above():
    x = np.arange(128)
    low, high = (np.broadcast_to(np.cos(w * x), (128, 128)) for w in (math.pi / 16, 7 * math.pi / 8))
    inner = (slice(20, -20),) * 2
    assert np.abs(SincBlur(21, math.pi / 2)(low)[inner]).max() == pytest.approx(1, abs=0.05)  # a window of 21 ripples
    assert np.abs(SincBlur(21, math.pi / 2)(high)[inner]).max() < 0.05


@pytest.mark.parametrize(("method", "mode"), [("bicubic-cv", "bicubic"), ("bilinear", "bilinear"), ("area", "area")])
@pytest.mark.parametrize("size", [(10, 12), (5, 6), (40, 36)])
def test_resampling_is_that_of_torch(method, mode, size):
    if mode == "area" and size[0] > 20:
        pytest.skip("torch repeats pixels where an area is enlarged")
    plane = noise(20, 24)
    theirs = F.interpolate(torch.from_numpy(plane)[None, None], size, mode=mode)[0, 0].numpy()
    np.testing.assert_allclose(Resize(*size, method)(plane), theirs, atol=1e-12)  # float64


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"nearest"}))  # which moves by up to half a pixel
@pytest.mark.parametrize("factor", [2 / 3, 3 / 4, 5 / 7, 1.5])
def test_any_rational_scale_keeps_the_position_of_a_ramp(method, factor):
    count = 84
    matrix = weights(count, factor, method=method)
    assert matrix.shape == (round(count * factor), count)
    centres = (np.arange(matrix.shape[0]) + 0.5) / factor - 0.5
    inner = slice(8, -8)
    tolerance = 1e-9 if method == "bilinear" else 0.2  # the others bend a line between samples, and none by a fifth of a pixel
    np.testing.assert_allclose((matrix @ np.arange(float(count)))[inner], centres[inner], atol=tolerance)


def test_the_pyramid_keeps_even_samples_of_the_five_tap_blur():
    plane = noise(16, 22)
    taps = np.array([1, 4, 6, 4, 1]) / 16
    blurred = ndimage.correlate1d(ndimage.correlate1d(plane, taps, 0, mode="mirror"), taps, 1, mode="mirror")
    np.testing.assert_allclose(PyramidReduce()(plane), blurred[::2, ::2], atol=1e-12)


def test_the_centred_pyramid_does_not_move_a_slope():
    slope = np.broadcast_to(np.arange(64.0), (64, 64))
    inner = slice(3, 5)
    for align, offset in (("grid", 0.0), ("centre", 3.5)):
        low = run([PyramidReduce(align)] * 3, slope)
        np.testing.assert_allclose(low[4, inner], 8 * np.arange(8)[inner] + offset, atol=1e-9)


@pytest.mark.parametrize("window", ["none", "hamming", "fermi"])
def test_windows_only_weaken_a_cosine(window):
    wave = np.broadcast_to(5 + np.cos(2 * np.pi * 3 * np.arange(64) / 64), (64, 64))
    low = KSpaceCrop(4, "grid", window)(wave)
    height = {"none": 1.0, "hamming": 0.54 + 0.46 * np.cos(np.pi * 3 / 8), "fermi": 1 / (1 + np.exp((3 / 8 - 0.9) / 0.05))}[window]
    np.testing.assert_allclose(low[0], 5 + height * np.cos(2 * np.pi * 3 * np.arange(16) / 16), atol=1e-6)  # Fermi's middle is 1 - 2e-8


@pytest.mark.parametrize("mean", [0.3, 2.0, 9.9, 10.1, 45.0, 4000.0])
def test_poisson_numbers_follow_their_distribution(mean):
    z = np.random.default_rng(2).standard_normal(100_000)
    drawn = poisson(np.full_like(z, mean), z)
    exact = stats.poisson.ppf(stats.norm.cdf(z), mean)
    assert np.mean(drawn != exact) < 3e-3  # the expansion misses by one photon near the edges of a step
    assert np.abs(drawn - exact).max() <= 1


@pytest.mark.parametrize("dose", [0.1, 1.0, 10.0])
def test_photon_noise_falls_with_the_dose(dose):
    flat = np.full((500, 500), 100.0)
    noisy = PoissonNoise(5000, 3, dose)(flat)
    assert noisy.mean() == pytest.approx(100, rel=2e-3)
    assert noisy.var() == pytest.approx(100 * 255 / (5000 * dose), rel=0.03)  # the promise; the estimate itself is good to 0.3 %


def test_electronic_noise_adds_and_strength_multiplies():
    flat = np.full((400, 400), 80.0)
    quantum = 80 * 255 / 2000
    assert PoissonNoise(2000, 1, electronic=20)(flat).var() == pytest.approx(
        quantum + (20 * 255 / 2000) ** 2, rel=0.03
    )  # 160 000 samples: 0.4 %
    assert (PoissonNoise(2000, 1, strength=3)(flat)).var() == pytest.approx(9 * quantum, rel=0.03)


def test_black_receives_no_photons_and_nothing_is_clipped():
    planes = np.array([[-40.0, 0.0, 300.0]])
    noisy = PoissonNoise(1e9, 0)(planes)
    np.testing.assert_allclose(noisy, planes, atol=0.1)  # a thousand million photons are all but noiseless
    assert np.array_equal(noisy[0, :2], [-40, 0])


def test_white_and_rician_noise_have_their_moments():
    flat = np.zeros((400, 400))
    assert GaussianNoise(12.5, 4)(flat).std() == pytest.approx(12.5, rel=0.01)  # 160 000 samples: 0.2 %
    assert Rician(3.0, 4)(flat).mean() == pytest.approx(3 * math.sqrt(math.pi / 2), rel=0.01)  # Rayleigh where there is no signal
    assert Rician(3.0, 4)(flat + 300).std() == pytest.approx(3, rel=0.01)  # Gaussian where there is much


def test_noise_is_fresh_in_every_slice_and_the_optics_stay():
    chain = [GaussianBlur(3, 3, 1, 1), GaussianNoise(5.0, 9)]
    first, second = nth(chain, 0), nth(chain, 1)
    assert (first[0], second[0]) == (chain[0], chain[0])
    assert first[1] == chain[1] != second[1] == replace(chain[1], seed=10)


def test_jpeg_loses_more_at_lower_quality():
    plane = 255 * ndimage.gaussian_filter(noise(64, 64), 1.5)
    errors = [np.abs(JPEG(quality)(plane) - plane).mean() for quality in (95, 30, 3)]
    assert errors[0] < errors[1] < errors[2]
    assert np.abs(JPEG2000(40)(plane) - plane).mean() > np.abs(JPEG2000(4)(plane) - plane).mean() > 0


@pytest.mark.parametrize("step", [JPEG(50), JPEG2000(8)], ids=str)
def test_compression_keeps_what_lies_beyond_eight_bits(step):
    plane = np.full((2, 16, 16), 100.0)
    plane[:, :8], plane[:, 8:] = 400.0, -30.0
    np.testing.assert_allclose(step(plane), plane, atol=20)  # the encoders ring at the edge between white and black
    assert step(plane).max() > 380
