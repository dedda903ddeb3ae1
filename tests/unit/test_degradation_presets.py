"""Settings of presets, the parameters that they draw, and what happens to units."""

from collections import Counter

import numpy as np
import pytest

import radloupe as rl
from radloupe.core.errors import InputError, UsageError
from radloupe.degradation import degrade, sample
from radloupe.degradation.aid import ContrastStretch
from radloupe.degradation.blur import BoxBlur, GaussianBlur, MotionBlur
from radloupe.degradation.compress import JPEG
from radloupe.degradation.noise import PoissonNoise, Rician
from radloupe.degradation.resample import Resize
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.inference.consistency import Consistency

SHAPE = (64, 64)
EIGHT_BITS = PixelInfo("stored", "XR", storage=Storage("uint8", 8))


def kinds(chain):
    return [type(step) for step in chain]


def chains(name, count=400, **settings):
    return [sample(name, SHAPE, 4, seed, settings) for seed in range(count)]


def test_xpgan_orders_differ():
    assert kinds(sample("xpgan", SHAPE, 4)) == [BoxBlur, Resize]
    assert kinds(sample("xpgan-text", SHAPE, 4)) == [Resize, BoxBlur]
    assert {chain[0].k for chain in chains("xpgan")} == set(range(1, 41))
    assert sample("xpgan", SHAPE, 4, settings={"k": "10"})[0] == BoxBlur(10, rounded=True)


def test_a_moving_average_of_one_pixel_is_plain_bicubic():
    image = Image(np.random.default_rng(0).integers(0, 256, (1, 1, 32, 32)).astype(np.uint8))
    assert np.array_equal(degrade(image, "xpgan", 4, settings={"k": 1}).pixels, degrade(image, "bicubic", 4).pixels)


@pytest.mark.parametrize(("name", "sides"), [("aid-paper", {1, 3, 5, 7, 9, 11}), ("aid-mini", {1, 3, 5}), ("aid-plus", {7, 9, 11})])
def test_aid_draws_from_its_kernels_with_its_probabilities(name, sides):
    drawn = chains(name)
    assert {step.length for chain in drawn for step in chain if isinstance(step, MotionBlur)} == sides
    assert {step.height for chain in drawn for step in chain if isinstance(step, GaussianBlur)} == sides
    for kind in (GaussianBlur, MotionBlur, PoissonNoise):
        share = np.mean([kind in kinds(chain) for chain in drawn])
        assert share == pytest.approx(0.55, abs=0.1)  # the mean of 0.1 to 1; four standard errors of 400 draws
    assert all(kinds(chain)[-2:] == [Resize, JPEG] and chain[-1].quality == 3 for chain in drawn)


def test_the_released_script_has_ten_recipes():
    drawn = chains("aid-released")
    recipes = Counter(
        "".join({GaussianBlur: "G", MotionBlur: "M", PoissonNoise: "P"}.get(kind, "") for kind in kinds(chain)) for chain in drawn
    )
    assert recipes.keys() == {"", "G", "M", "P", "GM", "GP", "PM", "GPM", "PGM", "MGP"}
    assert all(chain[-1] == Resize(16, 16, "bicubic-cv") for chain in drawn)  # PNG loses nothing
    widths = Counter(step.width for chain in drawn for step in chain if isinstance(step, GaussianBlur))
    assert widths[3] + widths[5] == pytest.approx(4 * widths[1], rel=0.4)  # odds 1:2:2; three standard errors of some 240 draws
    assert ContrastStretch not in [kind for chain in chains("aid-released", stretch="false") for kind in kinds(chain)]
    assert sample("aid-released", SHAPE, 4, settings={"jpeg": "95"})[-1] == JPEG(95)


def test_the_stretch_fills_the_grey_levels():
    planes = np.array([[[10.0, 20], [30, 40]], [[5, 5], [5, 5]]])
    assert ContrastStretch()(planes).tolist() == [[[0, 85], [170, 255]], [[0, 0], [0, 0]]]


def test_blind_chains_end_at_the_low_size():
    for name in ("bsrgan", "real-esrgan"):
        drawn = chains(name, 100)
        assert all([step for step in chain if isinstance(step, Resize)][-1].height == 16 for chain in drawn)
        assert len({str(kinds(chain)) for chain in drawn}) > 20  # orders differ
    assert all(30 <= chain[-1].quality <= 95 for chain in chains("bsrgan", 100))


def test_kspace_takes_noise_windows_and_partial_acquisition():
    chain = sample("kspace", SHAPE, 4, settings={"sigma": 2.0, "window": "hamming", "partial": "0.75"})
    assert isinstance(chain[1], Rician)
    assert (chain[0].window, chain[0].partial) == ("hamming", 0.75)


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("xpgan", {"kk": "3"}, "Did you mean 'k'"),
        ("xpgan", {"k": "1.5"}, "whole number from 0 to 512"),
        ("xpgan", {"k": True}, "whole number"),
        ("xpgan", {"rounded": "yes"}, "true or false"),
        ("xpgan", {"blur": "middle"}, "one of high, low"),
        ("aid-paper", {"jpeg": "0"}, "from 1 to 100"),
        ("aid-paper", {"kernels": "1,b"}, "numbers with commas"),
        ("bsrgan", {"jpeg": "30"}, "2 numbers"),
        ("kspace", {"partial": "nan"}, "from 0.5 to 1"),
        ("real-esrgan", {"third": "true"}, "Unknown parameter"),
    ],
)
def test_settings_are_strict(name, settings, said):
    with pytest.raises(UsageError, match=said):
        sample(name, SHAPE, 4, settings=settings)


def test_tuples_are_read_with_commas():
    assert sample("aid-paper", SHAPE, 4, settings={"kernels": "1", "jpeg": "50"})[-1] == JPEG(50)
    assert 40 <= sample("bsrgan", SHAPE, 4, settings={"jpeg": "40,45"})[-1].quality <= 45


def test_impossible_scales_are_refused():
    with pytest.raises(UsageError, match="scale of 2, 4, 8"):
        sample("pyramid", SHAPE, 3)
    with pytest.raises(UsageError, match="1 or more"):
        sample("bicubic", SHAPE, 0)
    with pytest.raises(InputError, match="at least 65x65"):
        degrade(Image(np.zeros((1, 1, 64, 64))), "bicubic", 65)


def test_hounsfield_units_come_back_and_metal_is_not_clipped():
    pixels = np.full((1, 1, 64, 64), 40, np.int16)
    pixels[..., 16:48, 16:48] = 3000
    image = Image(pixels, info=PixelInfo("HU", "CT", storage=Storage("int16", 16)))
    low = degrade(image, "xpgan", 4, settings={"k": 1}).pixels[0, 0]
    assert low[7, 7] == pytest.approx(3000, abs=6)  # half of a grey level of 3000 HU / 255
    assert low[1, 1] == pytest.approx(40, abs=6)


def test_one_noise_field_a_slice():
    image = Image(np.full((1, 2, 32, 32), 90, np.uint8))
    low = degrade(image, "bsrgan", 2, seed=1).pixels[0]
    assert not np.array_equal(low[0], low[1])


def test_what_is_drawn_has_no_consistency():
    consistency = Consistency("aid-paper", 2)
    consistency.begin(np.zeros((4, 4)))
    consistency.add(np.ones((8, 8)))
    assert consistency.psnr() is None


def test_the_command_degrades(radloupe, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (1, 1, 33, 48)).astype(np.uint8)
    for name in ("a", "b"):
        rl.write(Image(pixels, info=EIGHT_BITS), tmp_path / "in" / f"{name}.png")
    asked = ("degrade", tmp_path / "in" / "a.png", "-o", tmp_path / "low.png", "--preset", "aid-paper", "--scale", 4, "--seed", 7)
    code, out, err = radloupe(*asked, "--json")
    assert (code, err) == (0, "")
    assert '"shape_out": [1, 8, 12]' in out
    expected = rl.degrade(rl.read(tmp_path / "in" / "a.png"), "aid-paper", scale=4, seed=7)
    assert np.array_equal(rl.read(tmp_path / "low.png").pixels, expected.pixels)
    first = (tmp_path / "low.png").read_bytes()
    assert radloupe(*asked)[0] == 2  # exists
    assert radloupe(*asked, "--overwrite")[0] == 0
    assert (tmp_path / "low.png").read_bytes() == first
    assert radloupe("degrade", tmp_path / "in", "-o", tmp_path / "out", "--preset", "xpgan", "--scale", 2, "--set", "k=3")[0] == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "b.png"]


@pytest.mark.parametrize(
    ("extra", "said"), [(("--set", "k"), "name=value"), (("--set", "q=1"), "Unknown parameter"), (("--scale", 99), "at least")]
)
def test_the_command_says_what_is_wrong(radloupe, tmp_path, extra, said):
    rl.write(Image(np.zeros((1, 1, 16, 16), np.uint8), info=EIGHT_BITS), tmp_path / "a.png")
    code, _, err = radloupe("degrade", tmp_path / "a.png", "-o", tmp_path / "b.png", "--preset", "xpgan", "--scale", 2, *extra)
    assert code in (2, 3)
    assert said in err
    assert not (tmp_path / "b.png").exists()
