"""Images are scored as each paper's released code scores them, and what cannot be scored says why."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PILImage
from safetensors.torch import save_file
from skimage.metrics import structural_similarity

import radloupe as rl
from radloupe.core.errors import InputError, UsageError, WeightsError
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.metrics.lpips_distance import TRUNKS, weights_name
from radloupe.metrics.protocol import PROTOCOLS, measure, settings

RADIOGRAPH = PixelInfo("stored", "XR", storage=Storage("uint16", 12))
MR = PixelInfo("arbitrary", "MR")
GAUSSIAN = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
LUMA_GAIN_DB = 1.3219  # 20 log10 of 1 / 0.858824: both lumas weigh grey by 219 / 255 to five digits
DIGITS = {"psnr": 2, "psnr_grey": 2, "laplacian_variance": 1} | dict.fromkeys(("ssim", "ssim_grey", "ssim_gaussian", "ssim_global"), 4)
DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"


def image(pixels, info=RADIOGRAPH):
    return rl.Image(np.asarray(pixels).reshape(1, -1, *np.shape(pixels)[-2:]), info=info)


@pytest.fixture
def pair():
    """A 12-bit radiograph and a noisy one, 48 x 60."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4096, (48, 60))
    noisy = np.clip(truth + rng.normal(0, 200, truth.shape), 0, 4095)
    return image(noisy.astype(np.uint16)), image(truth.astype(np.uint16))


def bytes_of(one):
    return np.rint(one.pixels[0, 0] * (255 / 4095))


@pytest.mark.parametrize(("protocol", "border"), [("ttsr", 0), ("aid", 4)])
def test_luma_of_grey_is_grey_and_1_322_db(pair, protocol, border):
    figures = measure(*pair, protocol)
    # the two released sets of weights differ in the sixth digit
    assert figures["psnr"] - figures["psnr_grey"] == pytest.approx(LUMA_GAIN_DB, abs=1e-4)
    a, b = (bytes_of(one)[border : 48 - border, border : 60 - border] for one in pair)
    rgb = [np.stack([one] * 3, -1) @ np.array([65.481, 128.553, 24.966]) / 255 + 16 for one in (a, b)]
    expected = 10 * math.log10(255**2 / np.mean((rgb[0] - rgb[1]) ** 2))
    assert figures["psnr"] == pytest.approx(expected, abs=1e-4)
    assert figures["ssim"] == pytest.approx(structural_similarity(*rgb, data_range=255, **GAUSSIAN), abs=1e-4)
    assert figures["ssim_grey"] == pytest.approx(structural_similarity(a, b, data_range=255, **GAUSSIAN), abs=1e-9)


def test_the_border_of_aid_follows_the_scale(pair):
    two, four = (measure(*pair, "aid", scale=scale)["psnr_grey"] for scale in (2, 4))
    a, b = (bytes_of(one)[2:-2, 2:-2] for one in pair)
    assert two == pytest.approx(10 * math.log10(255**2 / np.mean((a - b) ** 2)), abs=1e-9)
    assert two != four


def test_xpgan_reports_the_uniform_window_and_the_gaussian_one(pair):
    figures = measure(*pair, "xpgan")
    a, b = map(bytes_of, pair)
    assert figures["ssim"] == pytest.approx(structural_similarity(a, b, data_range=255), abs=1e-9)
    assert figures["ssim_gaussian"] == pytest.approx(structural_similarity(a, b, data_range=255, **GAUSSIAN), abs=1e-9)


def test_mri_is_scored_on_the_truth_s_largest_value():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 700, (3, 30, 30)).astype(np.float32)
    noisy = (truth + rng.normal(0, 30, truth.shape)).astype(np.float32)
    top = truth.max()
    clipped = np.clip(noisy / top, 0, 1)
    figures = measure(image(noisy, MR), image(truth, MR), "mri")
    # over all pixels of all slices; float32 pixels
    assert figures["psnr"] == pytest.approx(-10 * math.log10(np.mean((clipped - truth / top) ** 2, dtype=np.float64)), abs=1e-4)
    slices = [structural_similarity(a, b, data_range=1.0, **GAUSSIAN) for a, b in zip(clipped, truth / top, strict=True)]
    assert figures["ssim"] == pytest.approx(np.mean(slices), abs=1e-5)


def test_uct_is_scored_from_minus_one_to_one(pair):
    figures = measure(*pair, "uct")
    a, b = (one.pixels[0, 0] * (2 / 4095) - 1 for one in pair)
    assert figures["ssim"] == pytest.approx(structural_similarity(a, b, data_range=2.0, **GAUSSIAN), abs=1e-9)
    assert figures["psnr"] == pytest.approx(measure(*pair)["psnr"], abs=1e-9)
    assert "ssim_global" in figures


def test_hounsfield_units_become_bytes_from_air_to_bone():
    pixels = np.tile(np.array([[-1000, 2000]], np.int16), (12, 6))
    ct = PixelInfo("HU", "CT", storage=Storage("int16", 16))
    figures = measure(image(pixels + np.array([30, -30], np.int16).repeat(6), ct), image(pixels, ct), "xpgan")
    # 30 HU are 2.55 bytes and become 3; what leaves the range, half of the pixels, is moved back to its end
    assert figures["psnr"] == pytest.approx(10 * math.log10(255**2 / (3**2 / 2)), abs=1e-9)


def test_patches_are_the_mean_of_patches(pair):
    whole = measure(*pair, patch=20)
    patches = [measure(*(image(one.pixels[0, 0, y : y + 20, x : x + 20]) for one in pair)) for y in (0, 20) for x in (0, 20, 40)]
    for name in ("ssim", "laplacian_variance"):
        assert whole[name] == pytest.approx(np.mean([patch[name] for patch in patches]), abs=1e-9 * max(1, abs(whole[name])))
    error = np.mean([10 ** (-patch["psnr"] / 10) for patch in patches])
    assert whole["psnr"] == pytest.approx(-10 * math.log10(error), abs=1e-9)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_identical_images_are_handled(pair, protocol):
    figures = measure(pair[1], pair[1], protocol)
    assert (figures["psnr"], figures["ssim"]) == (math.inf, 1.0)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_says_all_it_decides(protocol):
    said = settings(PROTOCOLS[protocol], 4)
    assert said.keys() == {"values", "clipped", "quantised", "range", "border", "channel", "ssim"}
    assert json.loads(json.dumps(said))
    assert said["border"] == (4 if protocol == "aid" else 0)


def broken(one, value):
    pixels = one.pixels.astype(np.float32)
    pixels[0, 0, 3, 3] = value
    return replace(one, pixels=pixels)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_bad_input_says_what_is_wrong(pair, protocol):
    noisy, truth = pair
    with pytest.raises(InputError, match="NaN or infinity in the image"):
        measure(broken(noisy, np.nan), truth, protocol)
    with pytest.raises(InputError, match="NaN or infinity in the truth"):
        measure(noisy, broken(truth, np.inf), protocol)
    with pytest.raises(InputError, match="found the value 7 everywhere"):
        measure(noisy, replace(truth, pixels=truth.pixels * 0 + 7), protocol)
    with pytest.raises(InputError, match="one shape"):
        measure(noisy, replace(truth, pixels=truth.pixels[..., 1:]), protocol)
    with pytest.raises(InputError, match="patches of 61x61"):
        measure(noisy, truth, protocol, patch=61)
    with pytest.raises(UsageError, match="Did you mean 'ms_ssim'"):
        measure(noisy, truth, protocol, more=["ms_sim"])


def test_a_border_that_leaves_nothing_is_refused(pair):
    with pytest.raises(InputError, match="border of 24"):
        measure(*pair, "aid", scale=24)


def test_an_unknown_range_is_refused_where_the_protocol_needs_one(pair):
    signed = [image(one.pixels[0, 0].astype(np.float32) - 2000, MR) for one in pair]
    assert math.isfinite(measure(*signed)["psnr"])
    for protocol in PROTOCOLS.keys() - {"plain"}:
        with pytest.raises(InputError, match="known range"):
            measure(*signed, protocol)


def test_lpips_without_weights_is_nan_and_with_them_a_value(pair, tmp_path):
    assert math.isnan(measure(*pair, "mri")["lpips_alex"])
    assert math.isnan(measure(*pair, "mri", weights=tmp_path)["lpips_alex"])
    torch.manual_seed(0)
    tensors = {key: value.abs() if "lin" in key else value for key, value in TRUNKS["alex"]().state_dict().items()}
    save_file(tensors, tmp_path / weights_name("alex"))
    scored = {p: measure(*pair, p, more=["lpips_alex"], weights=tmp_path)["lpips_alex"] for p in ("plain", "uct", "xpgan")}
    # one image on three scales; float32, and rounding to bytes
    assert scored["uct"] == pytest.approx(scored["plain"], rel=1e-3)
    assert scored["xpgan"] == pytest.approx(scored["plain"], rel=2e-2)
    (tmp_path / weights_name("alex")).write_bytes(b"damaged")
    with pytest.raises(WeightsError, match=r"docs/metrics\.md"):
        measure(*pair, "mri", weights=tmp_path)


def test_the_command_prints_settings_and_what_is_unavailable(radloupe, tmp_path):
    rng = np.random.default_rng(0)
    for name in ("ours", "truth"):
        PILImage.fromarray(rng.integers(0, 256, (30, 40), dtype=np.uint8)).save(tmp_path / f"{name}.png")
    files = (tmp_path / "ours.png", tmp_path / "truth.png")
    code, out, _ = radloupe("measure", *files, "--protocol", "mri", "--metric", "nrmse", "--json")
    result = json.loads(out)
    assert (code, result["protocol"], result["images"][0]["lpips_alex"]) == (0, "mri", None)
    assert result["settings"]["values"] == [0.0, 1.0]
    assert "lpips-alex.safetensors" in result["unavailable"]["lpips_alex"]
    assert result["mean"]["nrmse"] > 0
    _, out, err = radloupe("measure", *files, "--protocol", "mri")
    assert out.startswith("protocol mri: ")
    assert "lpips_alex is unavailable" in err
    assert radloupe("measure", *files, "--metric", "fancy")[0] == 2


def table(text):
    """The rows of the first table of a Markdown text, by their first cell."""
    lines = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return {row[0]: dict(zip(lines[0][1:], row[1:], strict=True)) for row in lines[2:]}


def test_the_numbers_of_the_docs_are_true():
    text = DOCS.read_text()
    names = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], names)  # the page's own lines
    rows = table(text.split("## One pair, every protocol")[1].split("\n## ")[0])
    assert rows.keys() == PROTOCOLS.keys()
    for protocol, row in rows.items():
        figures = measure(names["image"], names["truth"], protocol)
        for name, cell in row.items():
            expected = f"{figures[name]:.{DIGITS[name]}f}" if name in figures else "–"
            assert cell == expected, (protocol, name)
