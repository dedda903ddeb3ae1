"""Training slices on disk, and the patches that robust models are trained on."""

import numpy as np
import pytest
import torch

from radloupe.core import seeds
from radloupe.core.errors import InputError
from radloupe.data.slice_store import LEVELS, open_store, store_slices
from radloupe.data.sources import Item
from radloupe.degradation.resample import bicubic
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.training.mixed_patches import MixedPatches, lost_detail, masked
from radloupe.training.supervised import with_maps


def plane(height=400, width=420, seed=0):
    """Whole grey levels: smooth waves and grain."""
    y, x = np.mgrid[:height, :width]
    grain = np.random.default_rng(seed).normal(0, 5, (height, width))
    return np.clip(120 + 60 * np.sin(x / 9) + 50 * np.cos(y / 13) + grain, 0, 255).astype(np.uint8)


def item(pixels, modality="XR"):
    unit = {"XR": "stored", "CT": "HU", "MR": "arbitrary"}[modality]
    storage = Storage(pixels.dtype.name, 8 * pixels.dtype.itemsize)
    return Item("patient", "name", Image(pixels[None, None], info=PixelInfo(unit, modality, storage=storage)))


@pytest.fixture
def store(tmp_path):
    return store_slices([item(plane())], tmp_path / "store", halves=True)


def test_slices_come_back_in_network_range(store):
    row = store.rows[0]
    expected = (plane().astype(float) - plane().min()) / np.ptp(plane())
    np.testing.assert_allclose(store.part(row), expected, atol=row.span / LEVELS / 2 + 1e-6)  # half a step of 16 bits, and float32


def test_a_part_is_cut_from_the_slice(store):
    row, place = store.rows[0], (slice(3, 40), slice(100, 130))
    np.testing.assert_array_equal(store.part(row, place), store.part(row)[place])


def test_halves_are_bicubic_reductions(store):
    whole, half = store.rows
    assert (half.height, half.width) == (200, 210)
    np.testing.assert_allclose(store.part(half), bicubic(store.part(whole), 0.5), atol=2 / LEVELS)  # one rounding of each


def test_small_slices_have_no_half(tmp_path):
    assert len(store_slices([item(plane(380, 400))], tmp_path / "store", halves=True).rows) == 1


def test_steps_are_those_of_the_file(store, tmp_path):
    assert store.rows[0].steps == np.ptp(plane())
    floats = store_slices([item(plane().astype(np.float32))], tmp_path / "floats")
    assert floats.rows[0].steps == 0


def test_a_store_is_written_once(store, tmp_path):
    again = store_slices([], tmp_path / "store")
    assert again.rows == store.rows == open_store(tmp_path / "store").rows


def test_no_image_is_refused(tmp_path):
    with pytest.raises(InputError, match="at least one image"):
        store_slices([], tmp_path / "store")
    assert not (tmp_path / "store").exists()


@pytest.fixture(params=["XR", "CT", "MR"])
def patches(tmp_path, request):
    pixels = plane().astype(np.int16) * 4 - 500 if request.param == "CT" else plane()
    return MixedPatches([store_slices([item(pixels, request.param)], tmp_path / "store", halves=True)], side=16, scale=4)


def items(patches, count=40):
    return [patches.item(n % len(patches), seeds.generator(0, "test", n)) for n in range(count)]


def test_patches_have_the_shapes_of_a_batch(patches):
    for one in items(patches):
        assert {name: value.shape for name, value in one.items()} == {
            "low": (1, 16, 16),
            "high": (1, 64, 64),
            "noise": (1, 1, 1),
            "blur": (1, 1, 1),
        }
        assert all(value.dtype == np.float32 for value in one.values())
        assert one["noise"] >= 0
        assert 0 <= one["blur"] <= 1


def test_low_and_high_show_the_same_region(patches):
    """Means over low pixels agree but for blur and noise of at most 5 of 255; other regions differ by waves of half the range."""
    for one in items(patches):
        means = one["high"][0].reshape(16, 4, 16, 4).mean((1, 3))
        assert np.corrcoef(means.ravel(), one["low"][0].ravel())[0, 1] > 0.8


def test_the_same_seed_gives_the_same_patch(patches):
    for one, two in zip(items(patches, 10), items(patches, 10), strict=True):
        assert all(np.array_equal(one[name], two[name]) for name in one)


def test_without_a_generator_validation_repeats(patches):
    one, two = (patches.item(0, None) for _ in range(2))
    assert all(np.array_equal(one[name], two[name]) for name in one)


def test_some_clean_patches_have_maps_of_zero_and_others_do_not(patches):
    noise = np.array([one["noise"].item() for one in items(patches, 100)])
    # clean 0.4 of the time and half of those told so: 20 of 100 expected, with a standard deviation of 4
    assert 6 <= (noise == 0).sum() <= 40
    assert (noise > 1 / 255).sum() >= 20  # 0.6 * 0.65 of the patches get noise, and most of it is above 1 of 255


def test_patches_need_their_margin(tmp_path):
    stored = store_slices([item(plane(84, 88))], tmp_path / "store")
    assert len(MixedPatches([stored], side=16, scale=4)) == 0  # 16 + 2 * 3 low pixels are 88 high ones


def test_lost_detail_of_a_blur():
    sharp = np.random.default_rng(0).normal(size=(64, 64))
    assert lost_detail(sharp, sharp) == 0
    assert lost_detail(sharp / 2, sharp) == pytest.approx(0.5)  # half the amplitude
    assert lost_detail(2 * sharp, sharp) == 0


def test_masked_patches_keep_the_rest():
    high = plane(64, 64).astype(float)
    found = masked(high, -1.0, np.random.default_rng(0))
    assert set(np.unique(found[found != high])) == {-1.0}
    assert 0.05 < (found == -1).mean() < 0.65  # between the quantiles that may be drawn


def test_maps_become_channels():
    low = torch.rand(2, 1, 4, 5)
    noise, blur = torch.tensor([0.1, 0.2]).reshape(2, 1, 1, 1), torch.rand(2, 1, 4, 5)
    planes = with_maps(low, [noise, blur])
    assert planes.shape == (2, 3, 4, 5)
    assert torch.equal(planes[:, :1], low)
    assert torch.equal(planes[1, 1], torch.full((4, 5), 0.2))
    assert torch.equal(planes[:, 2:], blur)
