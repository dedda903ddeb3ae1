"""Figures equal their public references."""

import math

import numpy as np
import pytest
import torch
from scipy.ndimage import correlate
from skimage.metrics import normalized_root_mse, peak_signal_noise_ratio, structural_similarity

from radloupe.core.errors import InputError, UsageError
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.metrics.fidelity import nrmse, psnr
from radloupe.metrics.fourier import frc_cutoff, radial_profile, ring_correlation
from radloupe.metrics.multiscale import ms_ssim
from radloupe.metrics.protocol import measure, value_range
from radloupe.metrics.sharpness import hfen, laplacian_variance
from radloupe.metrics.statistics import mean_and_interval
from radloupe.metrics.structural_similarity import ssim

GAUSSIAN = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}


def noise():
    rng = np.random.default_rng(0)
    truth = rng.random((192, 200))
    return truth + rng.normal(0, 0.2, truth.shape), truth


def phantom():
    y, x = np.mgrid[-1:1:192j, -1:1:200j]
    truth = 0.2 + 0.5 * (x**2 / 0.6 + y**2 / 0.8 < 1) + 0.05 * np.cos(60 * x * y)
    return 0.9 * truth + 0.1 * np.roll(truth, 3, 1) + 0.02 * np.sin(40 * x), truth


def eight_bit(image):
    return np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)


@pytest.fixture(params=[noise, phantom], ids=["noise", "phantom"])
def pair(request):
    return request.param()


def test_psnr_nrmse_and_ssim_equal_scikit_image(pair):
    image, truth = pair
    # float64 on both sides, added up in another order
    assert psnr(image, truth, 1.0) == pytest.approx(peak_signal_noise_ratio(truth, image, data_range=1.0), abs=1e-9)
    assert nrmse(image, truth) == pytest.approx(normalized_root_mse(truth, image), abs=1e-9)
    # scikit-image crops the border by half the window before it averages
    assert ssim(image, truth, 1.0) == pytest.approx(structural_similarity(truth, image, data_range=1.0, **GAUSSIAN), abs=1e-9)
    assert ssim(image, truth, 1.0, "uniform") == pytest.approx(structural_similarity(truth, image, data_range=1.0), abs=1e-9)


# psnr, ssim and ms-ssim of torchmetrics 1.9.0 with data_range=1.0, its other arguments as they come, on float64 tensors
TORCHMETRICS = {
    noise: (13.977807498108087, 0.7999770470377153, 0.8232839280890139),
    phantom: (35.55397818716321, 0.9612574349301318, 0.9695901551466927),
}


@pytest.mark.parametrize("make", TORCHMETRICS, ids=lambda make: make.__name__)
def test_metrics_equal_torchmetrics(make):
    image, truth = make()
    figures = psnr(image, truth, 1.0), ssim(image, truth, 1.0, padding="reflect"), ms_ssim(image, truth, 1.0)
    # torchmetrics keeps sums in float32, which has 24 bits
    assert figures == pytest.approx(TORCHMETRICS[make], rel=2**-24, abs=1e-6)


# cv2.Laplacian(image, cv2.CV_64F).var() of OpenCV 5.0.0 for eight-bit image and truth
OPENCV = {noise: (128724.01584374933, 108533.77257844781), phantom: (718.4107736300998, 874.7043676649304)}


@pytest.mark.parametrize("make", OPENCV, ids=lambda make: make.__name__)
def test_laplacian_variance_equals_opencv(make):
    # float64 on both sides, added up in another order
    assert [laplacian_variance(eight_bit(one), 255) for one in make()] == pytest.approx(OPENCV[make], rel=1e-11)


def test_global_ssim_is_the_formula_on_whole_images(pair):
    a, b = pair
    (_, covariance), (_, variance_b) = np.cov(a.ravel(), b.ravel(), ddof=0)
    c1, c2 = 0.02**2, 0.06**2  # of a span of 2
    expected = (2 * a.mean() * b.mean() + c1) * (2 * covariance + c2) / ((a.mean() ** 2 + b.mean() ** 2 + c1) * (a.var() + variance_b + c2))
    assert ssim(a, b, 2.0, "global") == pytest.approx(expected, abs=1e-12)


def test_ssim_with_zeros_beyond_the_border_sees_them(pair):
    image, truth = pair
    wide = [np.pad(one, 5) for one in (image, truth)]
    assert ssim(image, truth, 1.0, padding="zero") == pytest.approx(ssim(*wide, 1.0), abs=1e-12)
    assert abs(ssim(image, truth, 1.0, padding="zero") - ssim(image, truth, 1.0)) > 1e-4


def test_ssim_does_not_depend_on_the_strips(pair, monkeypatch):
    whole = ssim(*pair, 1.0)
    for pixels in (1, 1000, 7777):
        monkeypatch.setattr("radloupe.metrics.structural_similarity.STRIP", pixels)
        # the same terms in other groups
        assert ssim(*pair, 1.0) == pytest.approx(whole, abs=1e-12)


def test_ssim_constants_and_unknown_settings(pair):
    assert ssim(*pair, 1.0, constants=(0.02, 0.06)) == pytest.approx(ssim(*pair, 2.0), abs=1e-12)
    with pytest.raises(UsageError, match="gaussian"):
        ssim(*pair, 1.0, "gausian")
    with pytest.raises(UsageError, match="reflect"):
        ssim(*pair, 1.0, padding="mirror")


def test_identical_images():
    _, truth = phantom()
    assert psnr(truth, truth, 1.0) == math.inf
    assert ssim(truth, truth, 1.0) == 1


def test_ssim_needs_room_for_its_window():
    assert math.isnan(ssim(np.zeros((10, 40)), np.zeros((10, 40)), 1.0))
    assert math.isnan(ms_ssim(np.zeros((175, 200)), np.zeros((175, 200)), 1.0))
    assert ms_ssim(np.ones((176, 200)), np.ones((176, 200)), 1.0) == 1


def test_laplacian_variance_of_a_known_image():
    dot = np.zeros((7, 7))
    dot[3, 3] = 1.0
    # one -4 and four 1 among 49 values of zero, on the 0-255 scale
    expected = 255**2 * ((16 + 4) / 49 - 0)
    assert laplacian_variance(dot, 1.0) == pytest.approx(expected, rel=1e-12)


def test_hfen_is_the_laplacian_of_gaussian_of_matlab(pair):
    y, x = np.mgrid[-7:8, -7:8]
    bell = np.exp(-(x**2 + y**2) / (2 * 1.5**2))
    kernel = (x**2 + y**2 - 2 * 1.5**2) * bell / (1.5**4 * bell.sum())
    kernel -= kernel.mean()
    a, b = (correlate(one, kernel)[7:-7, 7:-7] for one in pair)
    assert hfen(*pair) == pytest.approx(np.linalg.norm(a - b) / np.linalg.norm(b), abs=1e-9)


def test_white_noise_has_its_variance_at_every_frequency():
    profile = radial_profile(np.random.default_rng(0).normal(0, 3, (50, 64, 96)))
    assert profile.shape == (50, 33)
    # the first ring is one number an image, so 50 draws of a chi-square with one degree: a deviation of 20 %
    assert profile.mean(0) == pytest.approx(np.full(33, 9.0), rel=0.6)
    # the others average 4 to 300 numbers an image
    assert profile.mean(0)[4:] == pytest.approx(np.full(29, 9.0), rel=0.1)


def test_a_cosine_is_in_its_ring():
    wave = np.cos(2 * np.pi * 5 * np.arange(64) / 64)[None].repeat(48, 0)
    assert radial_profile(wave).argmax() == round(5 / 64 * 48)


def low_passed(image, cut):
    spectrum = np.fft.fft2(image)
    frequency = np.hypot(*np.meshgrid(*(np.fft.fftfreq(n) for n in image.shape), indexing="ij"))
    return np.fft.ifft2(np.where(frequency <= cut, spectrum, 0)).real


def test_ring_correlation_ends_where_the_detail_ends():
    truth = np.random.default_rng(0).random((128, 160))
    blurred = low_passed(truth, 0.25) + 1e-3 * np.random.default_rng(1).random(truth.shape)
    curve = ring_correlation(blurred, truth)
    assert curve.shape == (65,)
    assert curve[:31] == pytest.approx(1.0, abs=1e-3)  # noise of a thousandth
    assert np.abs(curve[34:]).max() < 0.3  # chance, of some hundred frequencies a ring
    # two rings
    assert frc_cutoff(blurred, truth) == pytest.approx(0.25, abs=2 / 128)
    assert frc_cutoff(truth, truth) == 0.5
    assert frc_cutoff(np.zeros_like(truth), truth) == 0


def test_ring_correlation_is_interpolated_between_rings(monkeypatch):
    monkeypatch.setattr(
        "radloupe.metrics.fourier.ring_correlation", lambda a, b: torch.tensor([[1.0, 0.9, 0.7, 0.1, 0.9]], dtype=torch.float64)
    )
    # 0.4 lies in the middle of rings 2 and 3 of an image whose shorter side is 8
    assert frc_cutoff(np.zeros((8, 9)), np.zeros((8, 9)), threshold=0.4) == pytest.approx(2.5 / 8, abs=1e-12)


def image_of(pixels, unit, storage):
    return Image(np.asarray(pixels)[None, None], info=PixelInfo(unit, storage=storage))


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
