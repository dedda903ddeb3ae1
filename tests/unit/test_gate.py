"""The checks of an input: what each speaks on, and that honest images pass."""

import io
import json

import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont
from typer.testing import CliRunner

import radloupe as rl
from radloupe.cli.main import app
from radloupe.core.errors import InputError, RadloupeWarning
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import UNIT_OF, PixelInfo, Storage
from radloupe.inference.gate import inspect_image
from radloupe.inference.gate.gate_checks import GATE_CHECKS
from radloupe.inference.gate.jpeg_blocks import blockiness
from radloupe.inference.gate.periodicity import period_gains


def anatomy(side=256, seed=0):
    """A smooth body with fine structure of its own, 0 to 1."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    body = (x**2 + 1.3 * y**2 < 0.7) * (0.5 + 0.2 * np.cos(9 * x) * np.cos(7 * y))
    return np.clip(body + 0.02 * rng.normal(size=body.shape), 0, 1)


def as_image(plane, modality):
    storage = Storage(plane.dtype.name, 8 * plane.itemsize)
    return Image(plane[None, None], info=PixelInfo(UNIT_OF[modality], modality, storage=storage))


def verdict(image, name):
    return next(one for one in inspect_image(image).findings if one.name == name)


@pytest.mark.parametrize("method", [Picture.Resampling.NEAREST, Picture.Resampling.BILINEAR, Picture.Resampling.BICUBIC])
@pytest.mark.parametrize(("factor", "period"), [(2, 2), (1.5, 3), (4, 4)])
def test_enlarged_images_have_the_period_of_the_two_grids(method, factor, period):
    small = anatomy(int(246 / factor))
    large = np.asarray(Picture.fromarray(small.astype(np.float32)).resize((246, 246), method))
    # images of the training split stay below 0.07 (`thresholds.json`), and this one is no smoother
    assert period_gains(large, [period])[period] > 0.2 > period_gains(anatomy(246), [period])[period]


def test_a_single_edge_is_no_period():
    plane = anatomy()
    plane[:, 100:] += 1  # a shutter: one column in one phase of every period
    assert max(period_gains(plane).values()) < 0.1  # twelve coefficients in place of six gain 0.03 by chance in blocks of 2,304 pixels


@pytest.mark.parametrize("quality", [50, 75])
def test_jpeg_leaves_blocks_of_eight(quality):
    levels, file = np.rint(255 * anatomy()).astype(np.uint8), io.BytesIO()
    Picture.fromarray(levels).save(file, "JPEG", quality=quality)
    # thresholds of the training split are 0.05 to 0.13
    assert blockiness(np.asarray(Picture.open(file)).astype(float)) > 0.2 > 0.1 > blockiness(levels.astype(float))


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("modality", ["XR", "MR"])
def test_pages_of_text_are_refused(modality, dark):
    page = Picture.new("L", (300, 300), 255 if dark else 0)
    for y in range(0, 300, 22):
        ImageDraw.Draw(page).text((4, y), "patient name, study, department, hospital", 0 if dark else 255, ImageFont.load_default(16))
    found = verdict(as_image(np.asarray(page), modality), "screenshot")
    assert found.verdict == "refuse", found


def test_skull_stripped_images_are_no_pages():
    stripped = np.where(anatomy() > 0.2, anatomy(), 0)
    assert verdict(as_image(np.rint(1000 * stripped).astype(np.int16), "MR"), "screenshot").verdict == "ok"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(-1000, 1200, "ok"), (0, 255, "refuse"), (24, 2224, "refuse"), (-1000, -800, "refuse"), (1200, -1000, "warn")],
    ids=["Hounsfield units", "8 bits", "no intercept", "no contrast", "inverted"],
)
def test_values_of_ct_are_hounsfield_units(low, high, expected):
    values = np.rint(low + (high - low) * anatomy()).astype(np.int16)
    if low == 1200:
        values = np.where(anatomy() > 0.9, -1000, values).astype(np.int16)
        values[0, 0] = -1000
    assert verdict(as_image(values, "CT"), "hounsfield").verdict == expected


def test_padding_does_not_hide_a_missing_intercept():
    values = np.rint(24 + 2000 * anatomy()).astype(np.int16)
    values[:20] = -2000
    assert verdict(as_image(values, "CT"), "hounsfield").verdict == "refuse"
    values[:200] = -2000
    assert verdict(as_image(values, "CT"), "padding").verdict == "warn"


def test_more_noise_raises_the_value():
    noisy = [anatomy() + np.random.default_rng(1).normal(0, s, (256, 256)) for s in (0, 0.02, 0.08)]
    values = [verdict(as_image(plane, "MR"), "noise") for plane in noisy]
    assert values[0].value < values[1].value < values[2].value
    assert values[2].verdict == "warn"


def test_an_inverted_image_passes_where_the_header_declares_it():
    plane = np.rint(1000 * anatomy()).astype(np.int16)
    negative = as_image(1000 - plane, "MR")
    said = Image(negative.pixels, info=PixelInfo("arbitrary", "MR", inverted=True))
    assert verdict(negative, "inverted").value > 0 > verdict(said, "inverted").value


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 1, 7, 300), (2, 3, 40, 41), (1, 1, 97, 131), (2, 2, 150, 149)])
@pytest.mark.parametrize("modality", ["XR", "CT", "MR"])
def test_any_shape_is_inspected(shape, modality):
    image = Image(np.random.default_rng(0).integers(-1000, 1000, shape).astype(np.int16), info=PixelInfo(UNIT_OF[modality], modality))
    assert [one.name for one in inspect_image(image).findings] == list(GATE_CHECKS)


@pytest.mark.parametrize("value", [0, 7])
def test_constant_images_pass(value):
    assert inspect_image(Image(np.full((1, 1, 200, 200), value, np.int16), info=PixelInfo("HU", "CT"))).verdict == "ok"


def test_an_image_of_unknown_modality_is_inspected():
    assert verdict(Image(anatomy()[None, None]), "appearance").value is None


@pytest.mark.filterwarnings("ignore::radloupe.core.errors.RadloupeWarning")  # this body is unlike a patient in other ways, too
def test_what_is_refused_goes_on_by_force_and_is_marked():
    exported = as_image(np.rint(255 * anatomy(100)).astype(np.uint8), "CT")
    with pytest.raises(InputError, match="Not Hounsfield units"):
        rl.upscale(exported, scale=2)
    with pytest.warns(RadloupeWarning, match="Not Hounsfield units"):
        large = rl.upscale(exported, scale=2, force=True)
    assert {"check": "hounsfield", "verdict": "refuse", "value": 0.0} in large.facts["gate"]
    assert any(step.startswith("input check refuse (hounsfield") for step in large.history)


def test_inspect_prints_one_json_object(tmp_path):
    file = rl.write(as_image(np.rint(255 * anatomy()).astype(np.uint8), "XR"), tmp_path / "body.png")
    done = CliRunner().invoke(app, ["inspect", str(file), "--json"])
    found = json.loads(done.stdout)
    assert done.exit_code == 0 and set(found) == {"verdict", "checks"}
    assert all(set(row) == {"name", "verdict", "value", "threshold", "says"} for row in found["checks"])
    text = CliRunner().invoke(app, ["inspect", str(file)]).stdout
    assert text.strip().endswith(found["verdict"]) and "interpolated" in text
