"""What the main job promises: place, units, bits and bytes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.ndimage import center_of_mass, label
from test_geometry import ORIENTATIONS

import radloupe as rl
from radloupe.core.errors import LimitError, UsageError
from radloupe.core.limits import Limits
from radloupe.imaging import geometry
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.inference.options import UpscaleOptions
from radloupe.papers.default_models import ZOO
from radloupe.pipelines.upscale import prepare_upscale
from radloupe.zoo.load import manifests

pytestmark = pytest.mark.filterwarnings("ignore:Low consistency", "ignore:.*neighbourhood")  # no model was made for noise
MODELS = sorted(ZOO)
INFOS = {
    "XR": PixelInfo("stored", "XR", storage=Storage("uint16", 12)),
    "MR": PixelInfo("arbitrary", "MR"),
    "CT": PixelInfo("HU", "CT", storage=Storage("int16", 16)),
}
SPACING = (0.7, 0.7, 3.0)


def image_for(name, pixels, **changes):
    """An image of the modality that a model is for; the type is that of the modality."""
    modality = next(m.modality for m in manifests() if m.name == name)
    info = replace(INFOS[modality], **changes)
    dtype = np.dtype(info.storage.dtype)
    pixels = np.asarray(pixels, float)
    return Image((pixels if dtype.kind == "f" else pixels.round()).astype(dtype)[None], np.diag([*SPACING, 1.0]), info)


def beads(shape=(3, 40, 44)):
    """Three soft beads on each slice, at subvoxel positions: (positions in voxels x y z, pixels)."""
    _, y, x = np.meshgrid(*map(np.arange, shape), indexing="ij")
    positions = [(10.3, 9.8, 1.0), (31.6, 12.25, 1.0), (20.15, 29.7, 1.0)]
    return positions, sum(np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * 1.6**2)) for a, b, _ in positions)


def centroids_mm(image, level):
    """The centroid of each bead of the middle slice in RAS mm, in order."""
    plane = image.pixels[0, 1].astype(float) - level
    parts, count = label(plane > 0.02 * plane.max())
    assert count == 3
    found = [center_of_mass(np.where(parts == n, plane, 0)) for n in range(1, count + 1)]
    return np.array([(image.affine @ [x, y, 1, 1])[:3] for y, x in found])


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("name", MODELS)
def test_beads_keep_their_positions(name, orientation):
    _, pixels = beads()
    low = image_for(name, 1000 * pixels)
    low = replace(low, affine=geometry.from_lps((-50, 20, 70), ORIENTATIONS[orientation], SPACING))
    high = rl.upscale(low, name)
    scale = high.shape[1] // low.shape[1]
    np.testing.assert_allclose(high.spacing, np.array(SPACING) / (scale, scale, 1), atol=1e-12)
    moved = centroids_mm(high, 0) - centroids_mm(low, 0)
    assert np.linalg.norm(moved, axis=1).max() < 0.02 * SPACING[0]  # the promise: a fiftieth of a voxel
    np.testing.assert_allclose(geometry.corners(high.affine, high.shape), geometry.corners(low.affine, low.shape), atol=1e-9)


@pytest.mark.parametrize("name", [n for n in MODELS if n.startswith("ct")])
@pytest.mark.parametrize("hounsfield", [-1000, -120, 0, 45, 900, 3000])
def test_a_uniform_phantom_keeps_its_mean(name, hounsfield):
    high = rl.upscale(image_for(name, np.full((1, 40, 40), hounsfield)), name)
    assert abs(high.pixels.mean() - hounsfield) < 1  # the promise: one HU


@pytest.mark.parametrize("name", [n for n in MODELS if n.startswith("mri")])
@pytest.mark.parametrize(("a", "b"), [(1000.0, 0.0), (0.37, -12.5), (1e-4, 3.0), (4096.0, 1e5)])
def test_arbitrary_units_do_not_matter(name, a, b):
    low = image_for(name, np.random.default_rng(0).random((1, 48, 48)))
    plain = rl.upscale(low, name).pixels
    other = rl.upscale(replace(low, pixels=(a * low.pixels.astype(np.float64) + b)), name).pixels
    error = np.abs(other - (a * plain.astype(np.float64) + b)).max()
    assert error < 1e-4 * a * np.ptp(plain)  # the promise: 1e-4 of the range


@pytest.mark.parametrize("name", [n for n in MODELS if n.startswith("xray")])
def test_twelve_bits_stay_twelve_bits(name):
    low = image_for(name, np.random.default_rng(0).integers(0, 4096, (1, 32, 32)))
    high = rl.upscale(low, name)
    assert high.pixels.dtype == np.uint16
    assert high.info == low.info
    assert high.pixels.max() <= 4095


@pytest.mark.parametrize("name", [n for n in MODELS if n.startswith("ct")])
def test_values_outside_the_window_survive(name):
    plane = np.full((1, 60, 60), 40.0)
    plane[0, 5:20, 5:20] = 20_000  # metal
    plane[0, 35:55, 35:55] = -3024  # padding
    high = rl.upscale(image_for(name, plane), name)
    scale = high.shape[1] // 60
    assert abs(np.median(high.pixels[0, 0, 8 * scale : 17 * scale, 8 * scale : 17 * scale]) - 20_000) < 200  # 1 % of the step
    assert abs(np.median(high.pixels[0, 0, 40 * scale : 50 * scale, 40 * scale : 50 * scale]) + 3024) < 200


@pytest.mark.parametrize("name", [n for n in MODELS if n.startswith("xray")])
def test_inverted_radiographs_enter_the_network_bright(name):
    pixels = np.random.default_rng(0).integers(0, 4096, (1, 32, 32))
    plain = rl.upscale(image_for(name, pixels), name).pixels.astype(int)
    inverted = rl.upscale(image_for(name, 4095 - pixels, inverted=True), name).pixels.astype(int)
    assert np.abs(4095 - inverted - plain).max() <= 1  # rounding to whole numbers


@pytest.mark.parametrize("name", MODELS)
def test_tiles_and_threads_change_no_byte(name):
    low = image_for(name, 1000 * np.random.default_rng(0).random((2, 75, 90)))
    whole = rl.upscale(low, name, tile="off").pixels
    threads = torch.get_num_threads()
    try:
        for count, tile in ((1, 32), (2, 40)):
            torch.set_num_threads(count)
            assert np.array_equal(rl.upscale(low, name, tile=tile).pixels, whole)
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("shape", [(1, 1, 37), (1, 61, 1), (1, 1, 1), (1, 13, 7)])
def test_thin_and_prime_sizes(shape):
    high = rl.upscale(image_for("mri-x2", np.random.default_rng(0).random(shape)), "mri-x2")
    assert high.shape == (1, shape[1] * 2, shape[2] * 2)
    assert np.isfinite(high.pixels).all()


def test_a_constant_image_stays_constant():
    high = rl.upscale(image_for("mri-x2", np.full((1, 20, 20), 7.25)), "mri-x2")
    np.testing.assert_allclose(high.pixels, 7.25, atol=1e-6)  # float32 sums of bicubic weights


def test_the_source_is_not_changed():
    low = image_for("mri-x2", np.random.default_rng(0).random((1, 20, 20)))
    before = low.pixels.copy()
    rl.upscale(low, "mri-x2")
    assert np.array_equal(low.pixels, before)
    assert low.history == ()


def test_history_names_model_and_fingerprint():
    high = rl.upscale(image_for("mri-x2", np.ones((1, 20, 20))), "mri-x2")
    sha256 = next(m.sha256 for m in manifests() if m.name == "mri-x2")
    assert "mri-x2" in high.history[-1]
    assert sha256 in high.history[-1]


def test_the_default_scale_is_the_largest_that_fits():
    low = image_for("mri-x2", np.ones((1, 20, 20)))
    assert prepare_upscale(low, UpscaleOptions()).model.spec.scale == 4
    assert prepare_upscale(low, UpscaleOptions(), Limits(output_pixels=2000)).model.spec.scale == 2
    with pytest.raises(LimitError, match="output"):
        prepare_upscale(low, UpscaleOptions(), Limits(output_pixels=500))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": "mri-x2", "scale": 4}, "enlarges by 2"),
        ({"scale": 8.1}, "at most 8"),
        ({"scale": 1}, "Expected an enlargement"),
        ({"scale": 0.5}, "Expected an enlargement"),
        ({"scale": -2.0}, "a number above 0"),
        ({"scale": float("nan")}, "a number above 0"),
        ({"scale": 2, "size": (40, 40)}, "`scale` and `size`"),
        ({"size": (40, 0)}, "whole numbers above 0"),
        ({"size": (40, 10)}, "20x20 pixels: x0.5"),
        ({"size": (40, 200)}, "at most 8"),
        ({"spacing": (0.5, 0.5, 0.5)}, "found 3 numbers"),
        ({"model": "mri-x2", "engine": "abacus"}, "Unknown engine"),
        ({"model": "mri-x2", "precision": "8"}, "Unknown precision '8'"),
        ({"model": "mri-x2", "device": "tpu"}, "Unknown device 'tpu'"),
        ({"model": "mri-x2", "tile": "5"}, "`tile`"),
        ({"model": "mri-x2", "memory": "much"}, "a size such as"),
    ],
)
def test_wrong_options_are_usage_errors(options, words):
    with pytest.raises(UsageError, match=words):
        prepare_upscale(image_for("mri-x2", np.ones((1, 20, 20))), UpscaleOptions(**options))


@pytest.mark.filterwarnings("ignore:Data consistency of this image takes")
def test_too_little_memory_is_a_limit_error():
    with pytest.raises(LimitError, match="`memory`"):
        prepare_upscale(image_for("mri-x2", np.ones((1, 200, 200))), UpscaleOptions(model="mri-x2", memory="20MiB"))


def test_another_modality_is_noted():
    with pytest.warns(UserWarning, match="made for MR"):
        rl.upscale(image_for("mri-x2", np.ones((1, 20, 20)), modality="CT", unit="HU"), "mri-x2")
