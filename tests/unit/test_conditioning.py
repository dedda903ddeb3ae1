"""What a network with maps is told: estimates that are near what is so, and numbers that are asked for."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from radloupe.core.errors import UsageError
from radloupe.degradation.resample import bicubic
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.inference.blur_level import blur_level
from radloupe.inference.conditioning import AUTO_BLUR, FULL_NOISE, conditioning_for, varies
from radloupe.inference.options import InferenceOptions
from radloupe.inference.super_resolve import super_resolve
from radloupe.networks import create_network
from radloupe.networks.model import Model


def scene(side=512):
    """Discs of many sizes whose number falls with the square of their size, as dead leaves: a spectrum like that of anatomy."""
    rng = np.random.default_rng(0)
    plane, (y, x) = np.zeros((side, side)), np.mgrid[:side, :side]
    for radius in sorted(2 / rng.uniform(0.02, 1, 1500), reverse=True):
        plane[np.hypot(y - rng.uniform(0, side), x - rng.uniform(0, side)) < radius] = rng.uniform()
    return plane


@pytest.fixture(scope="module")
def sharp():
    return bicubic(scene(), 0.5)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    network = create_network("loupe-maps", 2, width=8, blocks=2).eval()
    torch.nn.init.normal_(network.tail.weight, std=0.05)
    return Model("maps", network, "XR", "bicubic")


def radiograph(plane):
    return Image((1000 * plane).astype(np.float32)[None, None], info=PixelInfo("stored", "XR"))


def test_a_sharp_reduction_has_no_blur(sharp):
    assert blur_level(sharp) == 0


@pytest.mark.parametrize(("sigma", "expected"), [(0.5, 0.5), (0.8, 0.8)])
def test_a_gaussian_takes_detail(sharp, sigma, expected):
    # nine in ten images lie within 0.15 of their kind's median; discs are no anatomy, so twice that
    assert blur_level(gaussian_filter(sharp, sigma)) == pytest.approx(expected, abs=0.3)


def test_interpolation_is_the_strongest_blur(sharp):
    assert blur_level(bicubic(bicubic(sharp, 0.5), 2)) > 0.8


def test_noise_does_not_hide_blur(sharp):
    blurred = gaussian_filter(sharp, 0.8)
    noisy = blurred + np.random.default_rng(1).normal(0, 0.01, blurred.shape)
    assert blur_level(noisy) == pytest.approx(blur_level(blurred), abs=0.25)  # the noise of 64 blocks is known to a tenth of its power


@pytest.mark.parametrize("plane", [np.zeros((64, 64)), np.ones((4, 4))])
def test_nothing_to_see_is_not_blurred(plane):
    assert blur_level(plane) == 0


def test_auto_is_the_estimate(model):
    slope = np.add.outer(np.linspace(0, 1, 256), np.linspace(0, 1, 256))
    noisy = slope + np.random.default_rng(1).normal(0, 0.02, slope.shape)
    found = conditioning_for(radiograph(noisy), model, InferenceOptions())
    assert found.noise == pytest.approx(0.02 / np.ptp(noisy), rel=0.05)  # as on white noise (test_noise_level.py)
    assert found.record["denoise"] == pytest.approx(found.noise / FULL_NOISE, abs=1e-3)


def test_auto_never_tells_of_strong_blur(sharp, model):
    blurred = radiograph(gaussian_filter(sharp, 1.2))
    assert blur_level(blurred.pixels[0, 0]) > AUTO_BLUR
    assert conditioning_for(blurred, model, InferenceOptions()).blur == AUTO_BLUR


@pytest.mark.parametrize(("denoise", "sharpness"), [(0, 1), ("0.5", "0.25"), (1, 0)])
def test_set_values_condition_the_network(model, sharp, denoise, sharpness):
    found = conditioning_for(radiograph(sharp), model, InferenceOptions(denoise=denoise, sharpness=sharpness))
    assert found.record == {"denoise": float(denoise), "sharpness": float(sharpness)}
    assert (found.noise, found.blur) == (float(denoise) * FULL_NOISE, 1 - float(sharpness))


@pytest.mark.parametrize("value", [-0.1, 1.1, "strong", "nan"])
def test_other_numbers_are_refused(model, sharp, value):
    with pytest.raises(UsageError, match="denoise"):
        conditioning_for(radiograph(sharp), model, InferenceOptions(denoise=value))


def test_a_model_without_maps_is_not_conditioned(sharp):
    model = Model("plain", create_network("loupe", 2, width=8, blocks=2).eval(), "XR", "bicubic")
    assert conditioning_for(radiograph(sharp), model, InferenceOptions()) is None
    with pytest.raises(UsageError, match="plain takes no `denoise`"):
        conditioning_for(radiograph(sharp), model, InferenceOptions(denoise=0.5))


def test_no_noise_and_full_sharpness_are_the_image_alone(model, sharp):
    """Zero maps and no maps are the same network, to the rounding of sums that begin with other zeros."""
    told = super_resolve(radiograph(sharp), model, InferenceOptions(denoise=0, sharpness=1, consistency="off")).run(check=False)
    low = radiograph(sharp).pixels
    entered = torch.from_numpy((low - low.min()) / np.ptp(low))
    alone = model.network(entered).detach().numpy() * np.ptp(low) + low.min()
    inside = np.abs(told.pixels - alone) <= 1e-3  # of a range of 1000; elsewhere the output was kept within its bounds
    assert inside.mean() > 0.7  # random weights leave their bounds often
    assert (told.facts["denoise"], told.facts["sharpness"]) == (0, 1)


def test_the_maps_change_the_output(model, sharp):
    outputs = [
        super_resolve(radiograph(sharp), model, InferenceOptions(denoise=denoise, sharpness=sharpness)).run(check=False).pixels
        for denoise, sharpness in ((0, 1), (1, 1), (0, 0))
    ]
    assert not np.array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[0], outputs[2])


@pytest.mark.parametrize("tile", [32, 40])
def test_tiles_have_the_same_conditioning(model, sharp, tile):
    whole, tiled = (
        super_resolve(radiograph(sharp), model, InferenceOptions(tile=one, denoise=0.3, sharpness=0.5)).run(check=False).pixels
        for one in ("off", tile)
    )
    np.testing.assert_allclose(tiled, whole, atol=1e-3)  # of 1000: convolutions of other sizes sum in another order


def test_contrast_scales_through_with_its_noise():
    torch.manual_seed(0)
    network = create_network("loupe-maps", 2, width=8, blocks=2).eval()
    torch.nn.init.normal_(network.tail.weight)
    planes = torch.rand(1, 3, 12, 12)
    bright = planes * torch.tensor([1024.0, 1024.0, 1.0])[:, None, None]
    assert torch.equal(network(bright), 1024 * network(planes))  # a power of two changes no digit


def test_constant_background_has_no_noise(model):
    """Told of noise, a network without bias would answer with its own pattern where the image has one value."""
    plane = np.zeros((64, 64))
    plane[:, :8] = np.random.default_rng(0).normal(0.5, 0.1, (64, 8))
    large = super_resolve(radiograph(plane), model, InferenceOptions(denoise=1, consistency="off")).run(check=False)
    far = 2 * (8 + model.spec.receptive_field_radius)
    assert not large.pixels[..., far:].any()


def test_only_where_the_image_varies():
    low = np.zeros((9, 9), np.float32)
    low[4, 4] = 1
    expected = np.zeros((9, 9))
    expected[2:7, 2:7] = 1  # MAP_RADIUS pixels around the one that differs
    np.testing.assert_array_equal(varies(low), expected)
