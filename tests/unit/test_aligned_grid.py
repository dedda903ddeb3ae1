"""Low pixels that lie on the first of the high ones they stand for: what is upscaled from them stays in its place."""

import json

import numpy as np
import pytest
import torch
from pydicom import dcmread
from pydicom.data import get_testdata_file

from radloupe import degradation
from radloupe.core.errors import RadloupeWarning
from radloupe.degradation import PRESETS, centred
from radloupe.evaluation.evaluate_options import INTERPOLATIONS
from radloupe.evaluation.methods import Method, interpolated, upscaled
from radloupe.evaluation.paired_metrics import Task, check_grid
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.inference.consistency import Consistency
from radloupe.networks.architectures.loupe import LoupeNet
from radloupe.networks.model import Model
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec
from radloupe.papers.runner.measurement import Item
from radloupe.papers.runner.measurement import interpolated as interpolated_in_tables
from radloupe.papers.runner.paper_table import Column
from radloupe.zoo.manifest import Manifest
from radloupe.zoo.publish import publish

AFFINE = np.array([[0.0, 0.7, 0.0, -50.0], [-0.7, 0.0, 0.0, 20.0], [0.0, 0.0, 3.0, 70.0], [0.0, 0.0, 0.0, 1.0]])
MR = get_testdata_file("MR_small.dcm")


class Spectrum(Network):
    """Enlarges by zeros around k-space: the inverse of `kspace` for what is periodic and below the cut-off."""

    def __init__(self, scale):
        super().__init__()
        self.spec = NetworkSpec(scale, float("inf"), 64)

    def forward(self, low):
        scale, (height, width) = self.spec.scale, low.shape[-2:]
        large = low.new_zeros((*low.shape[:-2], height * scale, width * scale), dtype=torch.complex64)
        rows, columns = (torch.fft.fftfreq(n, 1 / n).long() for n in (height, width))
        large[..., rows[:, None], columns] = torch.fft.fft2(low)
        return torch.fft.ifft2(large).real * scale**2


def test_images_degraded_on_the_grid_are_restored_at_their_position():
    y, x = 2 * np.pi * np.mgrid[:64, :96] / np.array([64, 96])[:, None, None]
    waves = 5 + np.cos(3 * x + 1) + np.sin(2 * y) * np.cos(5 * x)  # the cut-off of x4 is at 8 and 12 periods
    high = Image(waves[None, None], AFFINE, PixelInfo("arbitrary", "MR"))
    low = degradation.degrade(high, "kspace", 4)
    back = upscaled(low, Model("spectrum", Spectrum(4), "MR", "kspace"))
    np.testing.assert_allclose(back.pixels, high.pixels, atol=2e-5)  # float32 transforms of values up to 7
    np.testing.assert_allclose(back.affine, AFFINE, atol=1e-12)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("scale", [2, 4, 8])
def test_first_pixels_share_a_centre_where_grids_are_not_centred(name, scale):
    high = Image(np.random.default_rng(0).integers(0, 256, (1, 1, 32, 32)).astype(np.uint8), AFFINE)
    low = degradation.degrade(high, name, scale)
    first = (low.affine @ [0, 0, 0, 1])[:3]
    corner = [0, 0, 0, 1] if name in ("kspace", "pyramid") else [(scale - 1) / 2, (scale - 1) / 2, 0, 1]
    np.testing.assert_allclose(first, (AFFINE @ corner)[:3], atol=1e-12)
    assert centred(name, scale) == (corner == [(scale - 1) / 2, (scale - 1) / 2, 0, 1])


def test_settings_count():
    assert centred("kspace", 4, {"align": "centre"})
    assert not centred("pyramid-centred", 4, {"align": "grid"})


@pytest.fixture
def model(tmp_path):
    """Makes a model folder that names a degradation."""

    def make(degradation):
        network = LoupeNet(2, width=8, blocks=1)
        manifest = Manifest(
            name="tiny",
            modality="MR",
            scale=2,
            network="loupe",
            arguments={"width": 8, "blocks": 1},
            trained_on="nothing",
            degradation=degradation,
            metrics={},
            licence="apache-2.0",
            engine_loss_db={},
            training={"converted_from": "nothing", "converted_sha256": ""},
        )
        publish(network, manifest, tmp_path / "tiny")
        return tmp_path / "tiny"

    return make


@pytest.mark.parametrize(("name", "moved"), [("kspace", 0.0), ("pyramid", 0.0), ("kspace-centred", 0.25), ("somebody's own", 0.25)])
def test_a_model_on_the_grid_leaves_the_first_pixel_of_a_dicom_file(name, moved, model, tmp_path, radloupe):
    code, out, err = radloupe("upscale", MR, "-o", tmp_path / "large.dcm", "--model", model(name), "--json")
    assert code == 0, err
    before, after = dcmread(MR), dcmread(tmp_path / "large.dcm")
    across, down = np.split(np.array(before.ImageOrientationPatient, float), 2)
    pitch = np.array(before.PixelSpacing, float)
    expected = np.array(before.ImagePositionPatient, float) - moved * (pitch[1] * across + pitch[0] * down)
    np.testing.assert_allclose(np.array(after.ImagePositionPatient, float), expected, atol=1e-6)  # decimals of DICOM's strings
    np.testing.assert_allclose(np.array(after.PixelSpacing, float), pitch / 2, atol=1e-9)
    consistency = json.loads(out)["outputs"][0]["consistency_db"]
    assert (consistency is None) == (name == "somebody's own")


def test_consistency_knows_where_low_pixels_lie():
    high = np.random.default_rng(0).random((32, 32))
    found = {}
    for preset in ("kspace", "kspace-centred"):
        found[preset] = Consistency(preset, 4)
        found[preset].begin(degradation.shrink(high, 4, "kspace") + 1e-6)
        found[preset].add(high)
    assert found["kspace"].psnr() > 100 > 40 > found["kspace-centred"].psnr()  # a millionth off, and 1.5 pixels off


def test_an_unknown_scale_of_a_known_preset_has_no_value():
    consistency = Consistency("pyramid", 3)
    consistency.begin(np.ones((4, 4)))
    consistency.add(np.arange(144.0).reshape(12, 12))
    assert consistency.psnr() is None


@pytest.mark.parametrize("name", INTERPOLATIONS)
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_interpolation_on_the_grid_goes_through_the_low_pixels(name, scale):
    low = Image(np.random.default_rng(0).random((1, 1, 9, 11)).astype(np.float32), AFFINE)
    high = interpolated(low, scale, name, centred=False)
    assert high.shape == (1, 9 * scale, 11 * scale)
    np.testing.assert_allclose(high.pixels[..., ::scale, ::scale], low.pixels, atol=1e-6)  # float32
    np.testing.assert_allclose(high.affine[:3, 3], AFFINE[:3, 3], atol=1e-12)


def test_the_bicubic_of_a_table_follows_the_grid():
    y, x = np.mgrid[:64, :48]
    high = (1000 * x + 100 * y).astype(np.uint16)
    one = Item("ramp", "p", np.ascontiguousarray(high[::4, ::4]), high)
    inner = np.s_[8:-12, 8:-12]  # Keys' kernel reaches two low pixels
    assert np.array_equal(interpolated_in_tables(one, Column("a", "b", 4, "kspace"))[inner], high[inner])
    other = interpolated_in_tables(one, Column("a", "b", 4, "kspace-centred"))[inner]
    assert np.array_equal(other, high[inner] - 1650)  # 1.5 pixels off along both


def test_a_model_of_another_grid_is_noted(recwarn):
    fits, off = (Method(name, lambda low: low, centred=on) for name, on in (("fits", True), ("off", False)))
    check_grid([fits], Task("bicubic", 4))
    check_grid([off], Task("kspace", 4))
    assert not recwarn.list
    with pytest.warns(RadloupeWarning, match=r"off was trained on another pixel grid .* 1\.5 pixels"):
        check_grid([fits, off], Task("bicubic", 4))
    with pytest.warns(RadloupeWarning, match="fits"):
        check_grid([fits], Task("kspace", 4))
