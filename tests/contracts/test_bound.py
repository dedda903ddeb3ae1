"""Whatever the weights and whatever the image, an output pixel stays near the low pixels that it comes from."""

from dataclasses import replace

import numpy as np
import pydicom.data
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image as PILImage
from PIL import ImageDraw
from test_networks import build

import radloupe as rl
from radloupe.core.errors import InputError, RadloupeWarning, WeightsError
from radloupe.evaluation.methods import upscaled
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.inference.bound import Bound, share
from radloupe.inference.engines import torch_engine
from radloupe.inference.enlarge import enlarge
from radloupe.inference.tile_plan import Plan
from radloupe.networks.adapters import blind, on_grey
from radloupe.networks.model import Model
from radloupe.networks.network import Network
from radloupe.networks.registry import NETWORKS
from radloupe.zoo.load import load_model, manifests

pytestmark = pytest.mark.filterwarnings("ignore::radloupe.core.errors.RadloupeWarning")
SIDE = 48
RNG = np.random.default_rng(7)
INFOS = {
    "XR": PixelInfo("stored", "XR", storage=Storage("uint16", 12)),
    "MR": PixelInfo("arbitrary", "MR", storage=Storage("int16", 16)),
    "CT": PixelInfo("HU", "CT", storage=Storage("int16", 16)),
}


def text():
    """Burnt-in letters on a ramp."""
    pil_image = PILImage.fromarray(np.tile(np.linspace(200, 900, SIDE), (SIDE, 1)).astype(np.int32), "I")
    ImageDraw.Draw(pil_image).text((3, 15), "L 12:30", fill=4095)
    return np.asarray(pil_image)


def impulses():
    """Single bright and dark pixels on gentle noise, one of them in a corner and one at the border."""
    plane = RNG.integers(480, 520, (SIDE, SIDE))
    plane[[10, 30, 0, 47], [10, 31, 20, 47]] = 4095, 0, 4095, 4095
    return plane


def metal():
    """A body with a bright line, an implant beyond a scanner's twelve bits, and padding around it."""
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    plane = np.where(x**2 + y**2 < 20**2, RNG.integers(-20, 80, (SIDE, SIDE)), -1000)
    plane[20:24, 10:40] = 3071
    plane[30:34, 20:26] = 20_000
    return np.where(x**2 + y**2 > 23**2, -3024, plane)


IMAGES = {
    "noise": RNG.integers(0, 4096, (SIDE, SIDE)),
    "gentle noise on a pedestal": RNG.integers(2000, 2010, (SIDE, SIDE)),
    "text": text(),
    "impulses": impulses(),
    "a step over the full range": np.where(np.arange(SIDE) < 23, 0, 4095) + np.zeros((SIDE, 1), int),
    "a mask": (np.hypot(*(np.mgrid[:SIDE, :SIDE] - 20)) < 11).astype(int),
    "a checkerboard": np.indices((SIDE, SIDE)).sum(0) % 2 * 4095,
    "empty air": np.zeros((SIDE, SIDE), int),
    "half zero, half noise": np.where(np.arange(SIDE) < 24, 0, RNG.integers(300, 400, (SIDE, SIDE))),
    "metal": metal(),
}


def as_image(plane, modality):
    """A slice of a modality; only CT goes below zero."""
    info = INFOS[modality]
    plane = plane if modality == "CT" else np.clip(plane, 0, 4095)
    return Image(plane.astype(info.storage.dtype)[None, None], info=info)


def check_bounds(low, high, scale):
    """Each output pixel against the 5 x 5 low pixels around its own, written out apart from the code under test."""
    values, out = low.astype(float), high.astype(float)
    around = sliding_window_view(np.pad(values, 2, mode="edge"), (5, 5)).reshape(*values.shape, 25)
    smallest, largest = around.min(-1), around.max(-1)
    allowed = np.full(values.shape, (scale - 1) / 2)
    allowed[:2], allowed[-2:], allowed[:, :2], allowed[:, -2:] = (scale - 1,) * 4
    room, whole = allowed * (largest - smallest), 0.5 * np.ptp(values)
    squares = np.ones((scale, scale))
    least = np.kron(np.maximum(smallest - room, values.min() - whole), squares)
    greatest = np.kron(np.minimum(largest + room, values.max() + whole), squares)
    assert (out >= least).all()
    assert (out <= greatest).all()
    constant = np.kron(smallest == largest, squares).astype(bool)
    assert np.array_equal(out[constant], np.kron(values, squares)[constant])


@pytest.mark.parametrize("kind", IMAGES)
@pytest.mark.parametrize("name", [m.name for m in manifests()])
def test_shipped_models_stay_within_the_bound(name, kind):
    model = load_model(name)
    modality = model.modality if model.modality in INFOS else "CT"
    low = as_image(IMAGES[kind], modality)
    reference = as_image(IMAGES["noise"], modality) if model.spec.needs else None
    high = rl.upscale(low, name, reference=reference, force=True)
    check_bounds(low.pixels[0, 0], high.pixels[0, 0], model.spec.scale)


@pytest.mark.parametrize("kind", ["noise", "impulses", "metal"])
@pytest.mark.parametrize(("name", "scale"), [(name, min(NETWORKS[name].scales)) for name in NETWORKS])
def test_networks_with_wild_weights_stay_within_the_bound(name, scale, kind):
    network = build(name, scale)
    if network.spec.dimensions != 2 or not set(network.spec.needs) <= {"kernel", "noise"}:
        pytest.skip("slices that need nothing else")
    grey = blind(on_grey(network))

    class Wild(Network):
        """What weights that diverged make of an image."""

        spec = grey.spec

        def forward(self, low):
            return 1e4 * grey(low) - 3e3

    model = Model(name, Wild(), "CT", "bicubic")
    low = as_image(IMAGES[kind], "CT")
    high = upscaled(low, model)
    check_bounds(low.pixels[0, 0], high.pixels[0, 0], scale)


@pytest.mark.parametrize("name", ["mri-x4", "ct-x2", "xray-x4"])
@pytest.mark.parametrize("kind", ["impulses", "metal", "half zero, half noise"])
def test_tiles_equal_the_whole_where_the_bound_acts(name, kind):
    low = as_image(np.tile(IMAGES[kind], (2, 2)), load_model(name).modality)
    whole = rl.upscale(low, name, tile="off", force=True).pixels
    assert np.array_equal(rl.upscale(low, name, tile=32, force=True).pixels, whole)


@pytest.mark.parametrize("file", ["CT_small.dcm", "MR_small.dcm"])
@pytest.mark.parametrize("scale", [2, 4])
def test_native_slices_stay_within_the_bound(file, scale):
    low = rl.read(pydicom.data.get_testdata_file(file))
    check_bounds(low.pixels[0, 0], rl.upscale(low, scale=scale).pixels[0, 0], scale)


@pytest.mark.parametrize("name", ["ct-x2", "ct-x4"])
def test_bright_lines_stay_within_what_a_scanner_can_mean(name):
    low = as_image(np.minimum(IMAGES["metal"], 3071), "CT")
    body = (low.pixels > -1025).repeat(int(name[-1]), 2).repeat(int(name[-1]), 3)
    high = rl.upscale(low, name).pixels[body]
    assert -1024 <= high.min() <= high.max() <= 3071


@pytest.mark.parametrize("name", ["ct-x2", "ct-x4"])
def test_padding_comes_back_and_does_not_touch_the_body(name):
    padded, scale = as_image(IMAGES["metal"], "CT"), int(name[-1])
    outside = padded.pixels == -3024
    air = replace(padded, pixels=np.where(outside, np.int16(-1024), padded.pixels))
    high, same = rl.upscale(padded, name), rl.upscale(air, name)
    outside = outside.repeat(scale, 2).repeat(scale, 3)
    assert (high.pixels[outside] == -3024).all()
    assert np.array_equal(high.pixels[~outside], same.pixels[~outside])


def test_a_mask_is_enlarged_by_nearest_neighbour_and_says_so():
    low = as_image(IMAGES["a mask"], "MR")
    with pytest.warns(RadloupeWarning, match="label map"):
        high = rl.upscale(low, "mri-x2")
    assert np.array_equal(high.pixels, low.pixels.repeat(2, 2).repeat(2, 3))
    assert "nearest" in high.history[-1]


def test_an_atlas_of_many_labels_is_a_label_map_and_a_smooth_radiograph_is_none():
    coarse = np.random.default_rng(0).integers(0, 90, (20, 20)) * (np.hypot(*(np.mgrid[:20, :20] - 10)) < 9)
    atlas = as_image(coarse.repeat(8, 0).repeat(8, 1), "MR")
    with pytest.warns(RadloupeWarning, match="label map"):
        rl.upscale(atlas, "mri-x2")
    smooth = as_image(np.add.outer(np.arange(160), np.arange(160)) // 8, "XR")  # three of four neighbours are equal, steps are of one
    assert "nearest" not in rl.upscale(smooth, "xray-x2").history[-1]


def test_a_result_that_does_not_suit_its_image_is_noted_and_refused_when_strict():
    network = NETWORKS["loupe"](2, width=8, blocks=1)
    torch.nn.init.normal_(network.tail.weight, std=10.0)
    low = as_image(IMAGES["noise"], "MR")
    model = Model("wild", network.eval(), "MR", "bicubic")
    bound = Bound(2, low.info, low.pixels.dtype)
    blocks = list(enlarge(low, model, torch_engine(model, "32", "cpu"), Plan(64, 8), bound=bound))
    assert bound.count == sum(block.size for block in blocks)
    assert 0.1 < bound.changed_share <= 1
    assert share(2) == 0.5


def test_strict_refuses_what_is_noted_otherwise():
    low = as_image(IMAGES["half zero, half noise"], "MR")
    with pytest.warns(RadloupeWarning, match="neighbourhood"):
        rl.upscale(low, "mri-x4")
    with pytest.raises(InputError, match="neighbourhood"):
        rl.upscale(low, "mri-x4", strict=True)


def test_weights_that_diverge_to_no_number_are_refused():
    model = replace(load_model("mri-x2"), name="diverged")
    with torch.no_grad():
        model.network.tail.weight.fill_(1e38)
        model.network.head.weight.fill_(1e38)
    with pytest.raises(WeightsError, match="diverge"):
        upscaled(as_image(IMAGES["noise"], "MR"), model)
