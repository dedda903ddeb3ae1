"""Enlargement by any factor: the grid, the values on it, and what the whole scales promise too."""

import json
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

import radloupe as rl
from radloupe.core.errors import RadloupeWarning, UsageError
from radloupe.degradation.resample import along_both
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.inference.bound import Bound
from radloupe.inference.cascade import cascade
from radloupe.inference.options import UpscaleOptions
from radloupe.inference.output_grid import OutputGrid, resampled, wanted_grid
from radloupe.pipelines.upscale import prepare_upscale
from radloupe.zoo.load import load_model

INFOS = {"XR": PixelInfo("stored", "XR"), "MR": PixelInfo("arbitrary", "MR"), "CT": PixelInfo("HU", "CT")}
AFFINE = np.array([[0.0, 0, 3, 7], [0.7, 0, 0, -20], [0, -0.5, 0, 33], [0, 0, 0, 1]])
"""A sagittal slice with other distances along each axis."""
Y, X = np.mgrid[:61, :47]
PLACE = 0.02
"""Voxels, as the interface promises: the reconstructed blob's centre, 0.007 at most where it was measured."""
ASKED = [{"scale": 1.5}, {"scale": 3}, {"scale": 5.3}, {"size": (100, 90)}, {"spacing": 0.31}, {"spacing": (0.7, 0.31)}, {"scale": 8}]


def blob(modality):
    """A Gaussian so wide that no corner is flat, where CT's network may exceed a range of nothing by 1 HU."""
    values = 900 * np.exp(-((Y - 29.3) ** 2 + (X - 21.6) ** 2) / (2 * 11**2))
    return Image(values[None, None].astype(np.float32), AFFINE, INFOS[modality])


def centre_of_mass(image):
    """In RAS mm; the cube keeps the border out of it."""
    mass = (image.pixels[0, 0].astype(float) - image.pixels.min()) ** 3
    y, x = np.indices(mass.shape)
    return (image.affine @ [(x * mass).sum() / mass.sum(), (y * mass).sum() / mass.sum(), 0, 1])[:3]


@pytest.mark.parametrize("modality", INFOS)
@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_image_keeps_its_position(modality, asked):
    low = blob(modality)
    high = rl.upscale(low, **asked)
    moved = np.linalg.inv(low.affine)[:3, :3] @ (centre_of_mass(high) - centre_of_mass(low))
    assert np.abs(moved).max() < PLACE
    assert high.facts["consistency_db"] > 40  # the threshold of the checks: the networks' own rows do not depend on the grid
    assert high.pixels.dtype == np.float32


def test_the_grid_is_that_of_the_half_pixel_rule():
    low = blob("CT")
    grid = wanted_grid(low, scale=1.5)
    assert grid == OutputGrid((1.5, 1.5), (92, 70))  # 91.5 and 70.5, each rounded to the even one
    high = rl.upscale(low, scale=1.5)
    corner = [np.linalg.inv(low.affine) @ high.affine @ [-0.5, -0.5, 0, 1]]  # the volume's first corner stays where it is
    assert np.allclose(corner, [[-0.5, -0.5, 0, 1]])
    assert high.spacing == pytest.approx((0.7 / 1.5, 0.5 / 1.5, 3))
    assert rl.upscale(low, spacing=(0.35, 0.4)).spacing == pytest.approx((0.35, 0.4, 3))
    assert rl.upscale(low, size=(122, 94)).facts["model_scale"] == rl.upscale(low, size=(122, 94)).facts["scale"] == 2


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("asked", [{"scale": 3}, {"scale": 2.7}, {"size": (200, 99)}], ids=str)
def test_resampling_agrees_with_simpleitk(asked, centred):
    """On a slope with a wave so long that any interpolation follows it, away from the border, where the two continue differently."""
    grid, scale = wanted_grid(blob("MR"), **asked), 4
    shift = (scale - 1) / 2 if centred else 0
    low_y, low_x = ((np.arange(n * scale) - shift) / scale for n in Y.shape)
    fine = 3 * low_y[:, None] + 2 * low_x + 5 * np.sin(low_x / 6)
    found = along_both(fine, *grid.matrices(Y.shape, scale, centred, "bicubic"))
    image = sitk.GetImageFromArray(fine)
    image.SetSpacing([1 / scale] * 2)
    image.SetOrigin([-shift / scale] * 2)
    steps = [1 / factor for factor in grid.factors[::-1]]
    shape, origin = list(grid.shape[::-1]), [(step - 1) / 2 for step in steps]
    truth = sitk.Resample(image, shape, sitk.Transform(2, sitk.sitkIdentity), sitk.sitkBSpline, origin, steps)
    difference = np.abs(found - sitk.GetArrayFromImage(truth))[12:-12, 12:-12]
    assert difference.max() < 3 * PLACE  # the slope is 3 a low pixel; a widened kernel bends a line between samples by up to 0.034


@pytest.mark.parametrize("cuts", [[1] * 40, [13, 27], [40]])
def test_rows_do_not_depend_on_how_they_come(cuts):
    fine = np.random.default_rng(0).random((40, 36))
    down, across = OutputGrid((3.1, 2.2), (31, 20)).matrices((10, 9), 4, True, "bicubic")
    parts = np.split(fine, np.cumsum(cuts)[:-1])
    assert np.concatenate(list(resampled(parts, down, across))).tobytes() == np.concatenate(list(resampled([fine], down, across))).tobytes()
    assert np.allclose(np.concatenate(list(resampled(parts, down, across))), along_both(fine, down, across), atol=1e-12)  # rounding


@pytest.mark.filterwarnings("ignore::radloupe.core.errors.RadloupeWarning")  # noise is no anatomy
def test_tiles_change_nothing():
    low = blob("MR")
    low = replace(low, pixels=low.pixels + np.random.default_rng(1).normal(0, 30, low.pixels.shape).astype(np.float32))
    for scale in (2.6, 6.5):
        whole, tiled = (rl.upscale(low, scale=scale, tile=tile).pixels for tile in ("off", 32))
        # convolutions of other sizes add in another order, as they do at whole scales
        assert np.abs(whole - tiled).max() < 1e-5 * np.ptp(low.pixels)


@pytest.mark.filterwarnings("ignore::radloupe.core.errors.RadloupeWarning")  # noise is no anatomy
@pytest.mark.parametrize("modality", INFOS)
@pytest.mark.parametrize("scale", [1.3, 3.0, 7.1])
def test_the_bound_holds(modality, scale):
    noise = np.random.default_rng(2).choice([0, 5, 900], (1, 1, 40, 33)).astype(np.int16)
    low = Image(noise, info=replace(INFOS[modality], storage=Storage("int16", 16)))
    high = rl.upscale(low, scale=scale, force=True).pixels[0, 0]
    bound = Bound(scale, low.info, low.pixels.dtype)
    bound.begin(noise[0, 0])
    assert np.array_equal(bound.apply(high.astype(float), 0), high)
    constant = rl.upscale(replace(low, pixels=np.full((1, 1, 20, 20), 77, np.int16)), scale=scale, force=True)
    assert (constant.pixels == 77).all()


def test_rounding_is_no_reason_for_a_warning():
    low = Image(np.full((1, 1, 30, 20), 77, np.uint8), info=INFOS["MR"])  # of no range: any difference would be more than a share of it
    high = rl.upscale(low, size=(45, 30), force=True)
    assert (high.pixels == 77).all()
    assert high.facts["bounded_pixels"] == 0


def test_labels_stay_labels():
    labels = np.repeat(np.repeat(np.random.default_rng(3).choice([0, 3, 7, 9], (8, 8)), 6, 0), 6, 1).astype(np.uint8)
    low = Image(labels[None, None], info=INFOS["MR"])
    with pytest.warns(RadloupeWarning, match="label map"):
        high = rl.upscale(low, scale=2.5)
    below = ((np.arange(120) + 0.5) / 2.5).astype(int)  # the low pixel that each new centre lies in
    assert np.array_equal(high.pixels[0, 0], labels[np.ix_(below, below)])


@pytest.mark.filterwarnings("ignore::radloupe.core.errors.RadloupeWarning")  # steps of a square are no anatomy
def test_padding_and_metal_of_ct_come_back():
    values = np.full((1, 1, 40, 40), -3024, np.int16)
    values[..., 8:32, 8:32] = 40
    values[..., 18:22, 18:22] = 20_000
    low = Image(values, info=replace(INFOS["CT"], storage=Storage("int16", 16)))
    high = rl.upscale(low, scale=2.5).pixels[0, 0]
    assert (high[:18] == -3024).all()  # the first new rows over the body lie in low row 8, from 20 on
    assert high[45:55, 45:55].max() > 19_000


def test_a_named_model_enlarges_by_no_more_than_its_scale():
    low = blob("MR")
    assert rl.upscale(low, "mri-x4", 2.5).facts["model"] == "mri-x4"
    with pytest.raises(UsageError, match=r"mri-x2 enlarges by 2 at most, not by 2\.5"):
        rl.upscale(low, "mri-x2", 2.5)


@pytest.mark.filterwarnings("ignore::radloupe.core.errors.RadloupeWarning")  # input checks: a blob is no radiograph, and enlarged by us
def test_eight_is_four_and_then_two():
    result = prepare_upscale(blob("XR"), UpscaleOptions(scale=8))
    assert (result.model.name, result.model.spec.scale, result.engine) == ("xray-x4+xray-x2", 8, "torch-fp32")
    twice = rl.upscale(rl.upscale(blob("XR"), scale=4), scale=2)
    assert np.abs(result.run().pixels - twice.pixels).max() < 0.9  # 1/1000 of the range: only bounds and ranges lie between
    with pytest.raises(UsageError, match="same alignment of grids"):
        cascade(load_model("xray-x4"), replace(load_model("xray-x2"), degradation="kspace"))


def test_the_command_takes_them_all(radloupe, tmp_path):
    rl.write(blob("MR"), tmp_path / "low.nii")
    asked = ["upscale", tmp_path / "low.nii", "-o", tmp_path / "high.nii", "--modality", "MR", "--overwrite", "--json"]
    for flags, shape in ([["--scale", "1.5"], [1, 92, 70]], [["--size", "80x94"], [1, 80, 94]], [["--spacing", "0.35,0.25"], [1, 122, 94]]):
        code, out, _ = radloupe(*asked, *flags)
        row, written = json.loads(out)["outputs"][0], rl.read(tmp_path / "high.nii")
        assert (code, row["shape_out"], list(written.shape)) == (0, shape, shape)
        assert row["spacing_out"] == pytest.approx(written.spacing)
    assert row["spacing_out"] == pytest.approx([0.35, 0.25, 3])
    refused = {"at most 8": ["--scale", "9"], "ROWSxCOLUMNS": ["--size", "2x"], "X or X,Y in mm": ["--spacing", "1,2,3"]}
    for words, flags in (refused | {"--scale and --size": ["--scale", "2", "--size", "80x94"]}).items():
        code, _, said = radloupe(*asked, *flags)
        assert (code, words in said) == (2, True)
