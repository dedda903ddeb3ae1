"""The safety table: what is planted is found again, and a method that harms lesions shows it."""

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import radloupe as rl
from radloupe.core.errors import InputError, RadloupeWarning
from radloupe.evaluation import safety
from radloupe.evaluation.methods import Method, interpolated
from radloupe.evaluation.phantom_response import kind_of, mtf50, noise_response
from radloupe.evaluation.planted_lesions import SIDE, contrast_kept, lesions, patches, planted
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.zoo.safety_card import safety_section, warning_line

pytestmark = pytest.mark.filterwarnings("ignore:Only:radloupe.core.errors.RadloupeWarning")
INFO = PixelInfo("stored", "XR", storage=Storage("uint16", 12))
BICUBIC = Method("bicubic", partial(interpolated, scale=2, name="bicubic"))


def anatomy(height=300, width=340, seed=0):
    """Structure and noise, 12 bits."""
    rng = np.random.default_rng(seed)
    plane = gaussian_filter(rng.normal(0, 1, (height, width)), 5) * 5000 + 2000 + rng.normal(0, 8, (height, width))
    return Image(np.clip(np.rint(plane), 0, 4095).astype(np.uint16)[None, None], info=INFO)


def harmed(low):
    """A method that wipes small lesions out and puts grain of their size in their place."""
    found = interpolated(low, 2, "bicubic")
    seed = int(low.pixels.astype(np.int64).sum() % 2**32)
    grain = gaussian_filter(np.random.default_rng(seed).normal(0, 1, found.pixels.shape), (0, 0, 2, 2)) * 6000
    values = gaussian_filter(found.pixels.astype(float), (0, 0, 3, 3)) + grain
    return replace(found, pixels=np.clip(values, 0, 4095).astype(np.uint16))


def everything(image):
    """A mask of all pixels."""
    return np.ones(image.shape[1:], bool)


def test_lesions_have_the_size_and_contrast_that_was_asked_for_and_patches_of_their_own():
    truth = anatomy()
    found = lesions(truth.pixels[0, 0], everything(truth), [(4.0, 4.0), (8.0, 1.0)], seed=0, number=0)
    assert len(found) == 5 * 6  # grid points 48 apart, 34 from the borders
    with_them = planted(truth, found)
    for one in found:
        plane = truth.pixels[0, 0].astype(float)
        core = plane[one.y - 16 : one.y + 16, one.x - 16 : one.x + 16]
        assert abs(one.contrast) == pytest.approx(one.cnr * core.std())
        change = with_them.pixels[0, 0, one.y, one.x].astype(float) - plane[one.y, one.x]
        assert abs(change - one.contrast) <= 0.5  # rounding to whole numbers
    distances = [max(abs(a.y - b.y), abs(a.x - b.x)) for a in found for b in found if a is not b]
    assert min(distances) >= SIDE // 2 + 8 / 2 + 4  # no patch reaches another lesion, nor four pixels of blur around it
    assert {one.diameter for one in found} == {4.0, 8.0}
    assert len({one.contrast > 0 for one in found}) == 2


def test_the_truth_keeps_all_contrast_and_bright_and_dark_lesions_are_alike():
    truth = anatomy()
    found = lesions(truth.pixels[0, 0], everything(truth), [(8.0, 4.0)], seed=0, number=0)
    difference = patches(planted(truth, found).pixels[0, 0], found) - patches(truth.pixels[0, 0], found)
    assert contrast_kept(difference, 8.0, 4.0) == pytest.approx(np.ones(len(found)), abs=0.01)  # rounding of one in several hundred


def test_outside_of_the_patient_and_in_flat_regions_there_are_no_lesions():
    truth = anatomy()
    mask = everything(truth)
    mask[:, :170] = False
    assert all(one.x > 170 for one in lesions(truth.pixels[0, 0], mask, [(4.0, 1.0)], seed=0, number=0))
    assert lesions(np.full((200, 200), 5.0), np.ones((200, 200), bool), [(4.0, 1.0)], seed=0, number=0) == []


def test_a_method_that_harms_lesions_is_below_bicubic_and_its_card_says_so():
    found = safety.safety_of(Method("harmful", harmed), [anatomy(600, 600, n) for n in range(2)], "bicubic", 2)
    model = found["model"]
    assert model["weakened_share"] > 0.2  # of four sizes at least the smallest
    assert model["cho"]["4"]["minus_bicubic"] < -0.02
    assert found["truth"]["cho"]["4"] >= found["bicubic"]["cho"]["4"]["auc"]  # both are near one on so little noise
    assert model["mtf50"]["0.5"] < found["bicubic"]["mtf50"]["0.5"] < 1
    assert model["noise"]["gain"] > found["bicubic"]["noise"]["gain"]
    assert warning_line(found).startswith("**Faint lesions are harder to detect")
    section = safety_section("harmful", found)
    assert f"| contrast kept, 2 px | 1 | {found['bicubic']['contrast_kept']['2']:.2f} | {model['contrast_kept']['2']:.2f} |" in section
    assert json.loads(json.dumps(found)) == found  # a manifest holds it


def test_bicubic_beside_itself_loses_nothing_and_few_lesions_give_a_warning():
    with pytest.warns(RadloupeWarning, match="of 200"):
        found = safety.safety_table([anatomy()], [BICUBIC], "bicubic", 2)
    assert [row["name"] for row in found["models"]] == ["bicubic"]
    assert found["models"][0]["weakened_share"] == 0
    assert found["models"][0]["coverage"] is None
    assert warning_line(None) == safety_section("x", None) == ""


def test_images_without_room_are_refused():
    with pytest.raises(InputError, match="64x64"):
        safety.safety_table([anatomy(48, 48)], [BICUBIC], "bicubic", 2)


@pytest.mark.parametrize("degrade", ["bicubic", "kspace-centred"])
def test_bicubic_has_one_resolution_at_all_contrasts_and_damps_noise(degrade):
    kind = kind_of(anatomy(), degrade, 2)
    faint, strong = (mtf50(BICUBIC, kind, contrast) for contrast in (0.02, 0.5))
    assert faint == pytest.approx(strong, rel=0.1)  # linear, but for noise and rounding
    assert 0.7 < strong < 1.0  # below the low image's Nyquist frequency
    noise = noise_response(BICUBIC, kind)
    assert noise.gain == pytest.approx(0.81, abs=0.04)  # root mean square of Keys' weights at the two phases of x2, (0.903)^2
    assert noise.blobs_per_megapixel < 20
    assert noise.above_nyquist < 0.25


def test_the_command_prints_a_column_for_each_method(radloupe, tmp_path):
    for seed in range(2):
        rl.write(anatomy(500, 600, seed), tmp_path / f"p{seed}_a.png")
    how = ("--data", tmp_path, "--degrade", "bicubic", "--scale", 2, "--modality", "XR", "--model", "bicubic", "--safety")
    code, out, _ = radloupe("evaluate", *how, "--json")
    found = json.loads(out)
    assert (code, found["images"], found["patients"]) == (0, 2, 2)
    code, out, err = radloupe("evaluate", *how)
    assert code == 0
    assert "cho, 4, auc" in out
    assert "Intervals are over lesions" in err
    assert radloupe("evaluate", *how, "--csv", tmp_path / "x.csv")[0] == 2
