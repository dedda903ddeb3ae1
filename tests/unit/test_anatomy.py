"""The mask shows the patient and nothing else, and figures in it are those of the patient."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as PILImage
from scipy import ndimage
from skimage.metrics import structural_similarity

import radloupe as rl
from dicom_factory import ct, save
from radloupe.core.errors import InputError
from radloupe.degradation.kspace import zero_filled
from radloupe.evaluation.methods import interpolated
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.metrics.anatomy_mask import RIM, anatomy
from radloupe.metrics.inside import masked_metrics

XR = PixelInfo("stored", "XR", storage=Storage("uint8", 8))
CT = PixelInfo("HU", "CT", storage=Storage("int16", 16))
MR = PixelInfo("arbitrary", "MR", storage=Storage("uint16", 16))


def image(pixels, info=XR):
    return rl.Image(np.asarray(pixels).reshape(1, -1, *np.shape(pixels)[-2:]), info=info)


def overlap(mask, truth):
    """Intersection over union."""
    return (mask & truth).sum() / (mask | truth).sum()


def chest(shutter=0, tilt=0.0, text=True, size=512):
    """A radiograph with ribs and noise, shutters at this level `tilt` degrees askew, and two lines of burnt-in text; and its field."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    levels = (
        120
        + 60 * np.exp(-((x / 0.25) ** 2))
        - 50 * np.exp(-(((np.abs(x) - 0.45) / 0.2) ** 2 + (y / 0.6) ** 2))
        + 8 * np.sin(25 * y + 4 * x**2)
    )
    levels += rng.normal(0, 2, levels.shape)
    turned = np.deg2rad(tilt)
    u, v = x * np.cos(turned) + y * np.sin(turned), y * np.cos(turned) - x * np.sin(turned)
    field = (np.abs(u) < 0.85) & (np.abs(v) < 0.88)
    levels = np.where(field, levels, shutter)
    marks = np.zeros_like(field)
    if text:
        for top in (90, 110):
            for left in range(330, 400, 10):
                levels[top : top + 12, left : left + 3] = 255
                levels[top : top + 3, left : left + 7] = 255
                marks[top : top + 12, left : left + 7] = True
    return np.clip(levels, 0, 255).astype(np.uint8), field & ~marks, marks


@pytest.mark.parametrize("shutter", [0, 255])
@pytest.mark.parametrize("tilt", [0, 3, -5])
def test_a_radiographs_mask_leaves_out_shutters_marks_and_rim(shutter, tilt):
    pixels, field, marks = chest(shutter, tilt)
    found = anatomy(image(pixels))
    mask = found.mask[0, 0]
    assert not found.whole
    # a margin of up to 10 of 512 pixels is left out along shutters and around marks, and the rim where that lies inside of them
    assert overlap(mask, field) > 0.88
    assert not mask[~field & ~marks].any() or (mask & ~field).sum() < 0.002 * mask.size  # an edge is known to a pixel or two
    assert not mask[marks].any()
    assert not (mask[:RIM].any() or mask[-RIM:].any() or mask[:, :RIM].any() or mask[:, -RIM:].any())


def test_a_radiograph_without_shutters_and_marks_is_kept_but_for_its_rim():
    pixels, *_ = chest(size=512, text=False)
    middle = pixels[60:450, 60:450]
    mask = anatomy(image(middle)).mask[0, 0]
    assert mask[RIM:-RIM, RIM:-RIM].mean() > 0.99  # one rib taken for a mark would be more


def test_dark_or_bright_a_radiograph_has_one_mask():
    pixels, *_ = chest(0)
    assert overlap(anatomy(image(pixels)).mask, anatomy(image(255 - pixels, replace(XR, inverted=True))).mask) > 0.98  # marks alike


def trunk(size=256):
    """A CT slice in HU: body with lungs and a spine, air, and a table under it that touches the back; and the body."""
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    body = (x / 0.8) ** 2 + (y / 0.55) ** 2 < 1
    hu = np.where(body, 40, -1000)
    hu[((np.abs(x) - 0.4) / 0.25) ** 2 + (y / 0.35) ** 2 < 1] = -850
    hu[np.hypot(x, y - 0.35) < 0.08] = 700
    shell = np.abs(y - (0.56 + 0.08 * x**2)) < 1 / size  # two pixels
    return np.where(shell & ~body, 100, hu).astype(np.int16), body


def test_a_ct_mask_is_the_body_with_its_lungs_and_without_the_table():
    hu, body = trunk()
    mask = anatomy(image(np.stack([hu, hu]), CT)).mask[0]
    body[:, :RIM] = body[:, -RIM:] = body[:RIM] = body[-RIM:] = False
    # the outline may be off by one pixel where table and body touch: 3 % of a body of 180 x 140 pixels
    assert all(overlap(plane, body) > 0.97 for plane in mask)


def test_a_lung_that_the_image_cuts_off_belongs_to_the_body():
    hu, body = trunk()
    cut = (slice(60, 196), slice(60, 196))
    mask = anatomy(image(hu[cut], CT)).mask[0, 0]
    inner = np.zeros_like(mask)
    inner[RIM:-RIM, RIM:-RIM] = True
    assert overlap(mask, body[cut] & inner) > 0.97


def head(size=256):
    """An MR slice: scalp, dark skull, brain with bright ventricles, weak noise in air; and the head."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    radius = np.hypot(x / 0.7, y / 0.8)
    values = np.select([radius < 0.2, radius < 0.85, radius < 0.92, radius < 1], [900, 500, 20, 350], 0)
    return np.abs(values + rng.normal(0, 10, x.shape)).astype(np.uint16), radius < 1


@pytest.mark.parametrize("gain", [1, 7])
def test_an_mr_mask_is_the_whole_head_in_whatever_units(gain):
    values, outline = head()
    empty = np.random.default_rng(2).integers(0, 20, values.shape).astype(np.uint16)
    mask = anatomy(image(np.stack([values, empty]) * gain, MR)).mask[0]
    # smoothing and the threshold move the outline by a pixel: 2 % of a head of 90 pixels' radius
    assert overlap(mask[0], outline) > 0.95
    assert mask[1].mean() < 0.01  # a slice of air beside one of a head


@pytest.mark.parametrize(
    ("pixels", "info"),
    [
        (np.zeros((1, 80, 90), np.uint8), XR),
        (np.full((1, 80, 90), -1000, np.int16), CT),
        (np.random.default_rng(0).integers(0, 256, (1, 30, 40), dtype=np.uint8), XR),
        (np.random.default_rng(0).integers(0, 256, (1, 90, 90), dtype=np.uint8), replace(XR, modality="other")),
    ],
    ids=["one value", "air", "small", "unknown"],
)
def test_without_a_segmentation_the_anatomy_is_all_but_the_rim_and_flagged(pixels, info):
    found = anatomy(image(pixels, info))
    rim = min(RIM, min(pixels.shape[1:]) // 8)
    assert found.whole
    assert found.mask.sum() == (pixels.shape[1] - 2 * rim) * (pixels.shape[2] - 2 * rim)


def test_the_mask_is_that_of_the_truth_whatever_is_compared_with_it():
    truth = image(chest()[0])
    before = truth.pixels.copy()
    assert np.array_equal(anatomy(truth).mask, anatomy(truth).mask)
    assert np.array_equal(truth.pixels, before)


def test_metrics_in_the_mask_follow_their_definition():
    truth = image(chest()[0])
    noisy = replace(
        truth, pixels=np.clip(truth.pixels + np.random.default_rng(3).normal(0, 4, truth.pixels.shape), 0, 255).astype(np.uint8)
    )
    where = anatomy(truth)
    found = masked_metrics(noisy, truth, where)
    a, b, mask = noisy.pixels[0, 0].astype(float), truth.pixels[0, 0].astype(float), where.mask[0, 0]
    assert found["psnr"] == pytest.approx(10 * math.log10(255**2 / ((a - b)[mask] ** 2).mean()), abs=1e-9)
    _, similar = structural_similarity(a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True)
    assert found["ssim"] == pytest.approx(similar[mask].mean(), abs=1e-9)  # the mask ends 16 pixels before the border


def enlargements(size=512):
    """A truth, its low image, and bicubic enlargement of that."""
    truth = image(chest(text=False, size=size)[0])
    low = rl.degrade(truth, "bicubic", 4)
    return truth, low, interpolated(low, 4, "bicubic")


def test_a_model_that_mends_nothing_but_the_rim_gains_nothing_in_the_anatomy():
    truth, low, bicubic = enlargements()
    pixels = truth.pixels.copy()
    pixels[..., 8:-8, 8:-8] = bicubic.pixels[..., 8:-8, 8:-8]
    pixels[..., 100:101, 100:101] += 1  # and is a little worse in one block
    flattering = replace(truth, pixels=pixels)
    whole = rl.measure(flattering, truth, low=low)
    assert whole["psnr"] > rl.measure(bicubic, truth)["psnr"] - 0.01
    inside = whole["anatomy"]
    assert abs(inside["gain_db"]) < 0.01  # one pixel of one grey level among 200 000
    assert inside["median_block_gain_db"] == 0
    assert 0 <= inside["blocks_below_bicubic"] < 0.05


def test_blocks_are_compared_one_by_one():
    truth, low, bicubic = enlargements()
    pixels = bicubic.pixels.astype(np.int16)
    error = pixels - truth.pixels
    pixels[..., 256:, :] -= np.rint(error[..., 256:, :] * 0.5).astype(np.int16)  # half of the error gone: 6 dB in the lower half
    pixels[..., :256, :] += error[..., :256, :]  # twice the error above
    found = rl.measure(replace(truth, pixels=np.clip(pixels, 0, 255).astype(np.uint8)), truth, low=low)["anatomy"]
    # the field has as many blocks above as below; rounding and clipping of grey levels take part of the gain
    assert 0.4 <= found["blocks_below_bicubic"] <= 0.6
    assert found["gain_db"] < 0  # what is lost above is more than what is gained below


def test_the_gain_is_that_over_bicubic_by_low_image_or_scale():
    truth, low, bicubic = enlargements()
    shifted = replace(truth, pixels=(bicubic.pixels // 2 + truth.pixels // 2).astype(np.uint8))
    by_low, by_scale = rl.measure(shifted, truth, low=low)["anatomy"], rl.measure(shifted, truth, scale=4)["anatomy"]
    assert by_low == by_scale
    own = rl.measure(shifted, truth)["anatomy"]["psnr"] - rl.measure(bicubic, truth)["anatomy"]["psnr"]
    assert by_low["gain_db"] == pytest.approx(own, abs=1e-9)
    assert rl.measure(bicubic, truth, low=low)["anatomy"]["gain_db"] == 0
    assert rl.measure(truth, truth, low=low)["anatomy"]["gain_db"] == math.inf


def test_mr_is_compared_with_zero_filling_too_on_the_grid_of_its_low_image():
    truth = rl.Image(head()[0][None, None], info=MR)
    for preset in ("kspace", "kspace-centred"):
        low = rl.degrade(truth, preset, 2)
        for name in ("bicubic", "zero-filling"):
            plain = interpolated(low, 2, name, centred=preset == "kspace-centred")
            gain = rl.measure(plain, truth, low=low)["anatomy"]["gain_db" if name == "bicubic" else "gain_over_zero_filling_db"]
            assert gain == 0


def test_a_low_image_that_does_not_fit_is_refused():
    truth, low, bicubic = enlargements()
    for wrong in (truth, replace(low, pixels=low.pixels[..., 1:]), replace(low, pixels=low.pixels.repeat(2, 1))):
        with pytest.raises(InputError, match="divide the truth's"):
            rl.measure(bicubic, truth, low=wrong)


@pytest.mark.parametrize("align", ["grid", "centre"])
@pytest.mark.parametrize("shape", [(16, 20), (15, 21)])
def test_zero_filling_is_zeros_around_k_space(align, shape):
    plane = np.random.default_rng(0).uniform(1, 2, shape)
    wide = zero_filled(plane, 3, align)
    spectrum, own = np.fft.fftshift(np.fft.fft2(plane)), np.zeros([3 * n for n in shape], complex)
    first = [3 * n // 2 - n // 2 for n in shape]  # the zero of both spectra at one place
    own[first[0] : first[0] + shape[0], first[1] : first[1] + shape[1]] = spectrum
    if align == "grid":  # by the textbook; rounding of float64
        assert wide == pytest.approx(np.abs(np.fft.ifft2(np.fft.ifftshift(own))) * 9, abs=1e-12)
        assert wide[::3, ::3] == pytest.approx(plane, abs=1e-12)  # the low pixels are where they were
    assert zero_filled(np.full(shape, 7.0), 3, align) == pytest.approx(7, abs=1e-12)
    smooth = ndimage.gaussian_filter(plane, 3, mode="wrap")
    back = rl.degrade(image(zero_filled(smooth, 3, align), MR), "kspace" if align == "grid" else "kspace-centred", 3)
    # what has next to no highest frequency comes back; SciPy cuts the Gaussian's tails off at four sigma, which leaves some
    assert back.pixels[0, 0] == pytest.approx(smooth, abs=1e-6)


def files(folder, count):
    """Radiographs and what is made of them, in two folders."""
    for number in range(count):
        for place, off in (("truth", 0), ("ours", 3)):
            (folder / place).mkdir(exist_ok=True)
            pixels = np.random.default_rng(number).integers(0, 250, (96, 96), dtype=np.uint8) + off
            PILImage.fromarray(pixels.astype(np.uint8)).save(folder / place / f"{number}.png")
    return folder / "ours", folder / "truth"


def test_measure_gives_the_anatomy_beside_the_whole_image_and_patients_only_where_they_are_known(radloupe, tmp_path):
    ours, truth = files(tmp_path, 6)
    found = json.loads(radloupe("measure", ours, truth, "--json")[1])
    for part in (*found["images"], found["mean"], found["ci95"]):
        assert part["anatomy"].keys() >= {"psnr", "ssim"}
        assert "psnr" in part
    assert found["patients"] is None
    assert found["ci95"]["psnr"] is found["ci95"]["anatomy"]["psnr"] is None  # six files may be of one patient
    (tmp_path / "who.csv").write_text("image,patient\n" + "".join(f"{n}.png,{n}\n" for n in range(6)))
    found = json.loads(radloupe("measure", ours, truth, "--patients", tmp_path / "who.csv", "--scale", 2, "--json")[1])
    keys = {"psnr", "ssim", "gain_db", "median_block_gain_db", "blocks_below_bicubic"}
    assert found["mean"]["anatomy"].keys() == found["ci95"]["anatomy"].keys() == keys
    low, high = found["ci95"]["anatomy"]["gain_db"]
    assert found["patients"] == 6
    assert low < found["mean"]["anatomy"]["gain_db"] < high


def test_measure_takes_patients_from_dicom_files(radloupe, tmp_path):
    ds = ct()
    ds.PatientID = "SECRET"
    one = save(ds, tmp_path / "one.dcm")
    code, out, err = radloupe("measure", one, one, "--json")
    assert (code, json.loads(out)["patients"]) == (0, 1)
    assert "SECRET" not in out + err


def test_measure_finds_the_low_image_of_each_pair(radloupe, tmp_path):
    ours, truth = files(tmp_path, 2)
    low = tmp_path / "low"
    low.mkdir()
    for path in truth.iterdir():
        rl.write(rl.degrade(rl.read(path), "bicubic", 2), low / path.name)
    both = [json.loads(radloupe("measure", ours, truth, *how, "--json")[1])["images"] for how in (("--low", low), ("--scale", 2))]
    assert both[0] == both[1]
    (low / "1.png").unlink()
    code, _, err = radloupe("measure", ours, truth, "--low", low)
    assert code == 3
    assert "low image of 1.png" in err


def test_evaluate_gives_the_anatomy_everywhere_and_zero_filling_for_mr(radloupe, tmp_path):
    for number in range(2):
        rl.write(rl.Image(head(96)[0][None, None] + np.uint16(number), info=MR), tmp_path / f"p{number}.nii.gz")
    arguments = ("--degrade", "kspace", "--scale", 2, "--json")
    code, out, _ = radloupe("evaluate", "--model", "zero-filling", "--model", "bicubic", "--data", tmp_path, *arguments)
    first, second = json.loads(out)["models"]
    assert code == 0
    keys = {"psnr", "ssim", "gain_db", "median_block_gain_db", "blocks_below_bicubic", "gain_over_zero_filling_db"}
    for part in (first["mean"], first["ci95"], first["worst_decile"], second["difference"], *first["patients"].values()):
        assert part["anatomy"].keys() == keys
    assert first["mean"]["anatomy"]["gain_over_zero_filling_db"] == second["mean"]["anatomy"]["gain_db"] == 0
    assert first["mean"]["anatomy"]["gain_db"] == pytest.approx(-second["mean"]["anatomy"]["gain_over_zero_filling_db"], abs=1e-9)


def test_models_give_the_anatomy_beside_the_whole_image(radloupe):
    rows = {row["name"]: row["metrics"] for row in json.loads(radloupe("models", "--json")[1])}
    for name in ("xray-x2", "xray-x4", "ct-x2", "ct-x4", "mri-x2", "mri-x4"):
        found = rows[name]
        assert found["anatomy"].keys() >= {"psnr", "ssim", "gain_db", "median_block_gain_db", "blocks_below_bicubic"}
        assert {"psnr", "ssim", "images", "patients"} <= found.keys()
        assert (found["anatomy"]["gain_db_ci95"] is None) == (found["patients"] < 5)
