"""The robustness survey: bicubic gains nothing over itself, and what harms shows."""

import numpy as np
import pytest
import torch

from radloupe.data.sources import Item
from radloupe.evaluation.robustness import CONDITIONS, NATIVE, condition, reduced, robustness, thinned
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.networks import create_network
from radloupe.networks.model import Model


def item(patient="one", slices=1, modality="XR"):
    y, x = np.mgrid[:128, :144]
    plane = np.clip(120 + 60 * np.sin(x / 9) + 50 * np.cos(y / 13) + np.random.default_rng(0).normal(0, 5, (128, 144)), 0, 255)
    pixels = np.stack([plane.astype(np.uint8)] * slices)[None]
    return Item(patient, "name", Image(pixels, info=PixelInfo("stored", modality, storage=Storage("uint8", 8))))


def model(modality="XR", **changes):
    network = create_network("loupe", 2, width=8, blocks=2).eval()
    for name, value in changes.items():
        torch.nn.init.constant_(getattr(network, name).weight, value)
    return Model("test", network, modality, "bicubic")


def test_an_untrained_network_is_bicubic_on_every_image():
    rows = {row["name"]: row for row in robustness([item(), item("two")], model())}
    assert rows.keys() == {*CONDITIONS, NATIVE} - {"k-space"}
    for name in rows.keys() - {NATIVE}:
        # data consistency moves the result by what the low image explains, hundredths of a decibel; rounding to grey levels as much
        assert rows[name]["gain_db"] == pytest.approx(0, abs=0.5)
    assert {row["images"] for row in rows.values()} == {row["patients"] for row in rows.values()} == {2}
    assert rows[NATIVE]["gain_db"] is None


def test_mr_is_reduced_in_kspace_too():
    assert "k-space" in {row["name"] for row in robustness([item(modality="MR")], model("MR"))}


def test_a_network_that_harms_is_seen_to():
    broken = model(tail=0.3)  # adds a blurred copy of the image to every pixel
    rows = {row["name"]: row for row in robustness([item()], broken)}
    assert rows["bicubic"]["below"] == 1
    assert rows["bicubic"]["bounded"] > 0.001


def test_a_row_is_of_patients():
    row = condition("area", [("one", 1.0, 0.0), ("one", 3.0, 0.0), ("two", -1.0, 0.01)])
    assert (row.gain_db, row.worst_db, row.below) == (0.5, -1.0, 1)  # the mean of 2 and -1, not of three images
    assert (row.bounded, row.unstable, row.images, row.patients) == (0.01, 1, 3, 2)


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_halves_the_image_in_its_type(name):
    truth = item(slices=2).image
    low = reduced(truth, CONDITIONS[name], 2)
    assert low.pixels.shape == (1, 2, 64, 72)
    assert low.pixels.dtype == truth.pixels.dtype


def test_noise_is_other_in_every_slice():
    low = reduced(item(slices=2).image, CONDITIONS["noise 2"], 2).pixels[0].astype(float)
    assert np.std(low[0] - low[1]) == pytest.approx(2 * 2**0.5, rel=0.1)  # of 4,608 pixels, with the rounding of both


def test_thinned_volumes_keep_slices_evenly():
    (found,) = thinned([item(slices=9)], 3)
    assert found.image.shape[0] == 3
