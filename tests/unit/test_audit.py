"""The audit of a result: what was planted is found where the degradation keeps it, and what cannot be seen is said."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import radloupe as rl
from radloupe import degradation
from radloupe.core.errors import InputError, UsageError
from radloupe.degradation.null_space import has_null_space, null_space_part, null_space_share
from radloupe.evaluation.audit_page import audit_page
from radloupe.evaluation.residual_map import beyond_range, residual_map
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.imaging.synthetic_objects import disc
from radloupe.pipelines.audit import prepare_audit

INFO = PixelInfo("stored", "XR", storage=Storage("uint16", 12))


def truth_of(side=128, slices=1):
    """Smooth structure with noise, 12 bits."""
    rng = np.random.default_rng(0)
    planes = [gaussian_filter(rng.normal(0, 1, (side, side)), 4) * 6000 + 2000 + rng.normal(0, 3, (side, side)) for _ in range(slices)]
    return Image(np.clip(np.rint(planes), 0, 4095).astype(np.uint16)[None], info=INFO)


def with_disc(image, y, x, diameter, contrast):
    """The image with a disc in its first slice."""
    pixels = image.pixels.astype(np.float64)
    pixels[0, 0] += contrast * disc(image.shape[1:], (y, x), diameter)
    return replace(image, pixels=np.clip(np.rint(pixels), 0, 4095).astype(np.uint16))


@pytest.mark.parametrize("contrast", [150, -150], ids=["planted", "erased"])
def test_a_disc_that_the_input_does_not_have_is_found_without_the_truth(contrast):
    truth = truth_of()
    low = rl.degrade(truth, "bicubic", 4)
    clean, changed = (rl.audit(image, low=low) for image in (truth, with_disc(truth, 70, 50, 8, contrast)))
    assert clean["residual"]["flagged"] == 0  # rounding alone: below five standard deviations
    first = changed["residual"]["positions"][0]
    assert abs(first["y"] - 70) <= 4 >= abs(first["x"] - 50)
    assert changed["residual"]["consistency_db"] < clean["residual"]["consistency_db"]


def test_a_disc_in_the_null_space_is_invisible_to_the_residual_and_seen_by_the_truth():
    truth = truth_of()
    low = rl.degrade(truth, "bicubic", 4)
    hidden = null_space_part(disc((128, 128), (64, 64), 3), "bicubic", 4) * 400
    image = replace(truth, pixels=np.rint(truth.pixels + hidden).astype(np.uint16))
    found = rl.audit(image, truth, low=low)
    assert found["residual"]["flagged"] == 0
    assert found["null_space"]["error_share"] > 0.95  # the rest is rounding to whole numbers
    assert found["difference"]["error"]["largest"] > 100


@pytest.mark.parametrize(("preset", "scale"), [("bicubic", 2), ("area", 4), ("pyramid-centred", 2), ("kspace-centred", 4)])
def test_the_null_space_part_leaves_no_trace(preset, scale):
    plane = truth_of(64).pixels[0, 0].astype(np.float64)
    part = null_space_part(plane, preset, scale)
    traced = np.abs(degradation.shrink(part, scale, preset))
    assert traced.max() < 1e-4 * plane.max()
    assert np.allclose(null_space_part(part, preset, scale), part, atol=1e-4 * plane.max())


def test_small_discs_lie_in_the_null_space_and_large_ones_do_not():
    for preset in ("bicubic", "kspace-centred"):
        shares = [null_space_share(diameter, preset, 4) for diameter in (2, 4, 8, 12)]
        assert shares == sorted(shares, reverse=True)
        assert shares[0] > 0.7  # a disc of half a low pixel
        assert shares[-1] < 0.1  # one of three low pixels: its edge is left
    assert not has_null_space("bsrgan", 4)
    with pytest.raises(UsageError, match="bsrgan"):
        null_space_part(np.ones((8, 8)), "bsrgan", 4)


def test_residuals_are_in_standard_deviations_of_the_inputs_errors():
    low = np.random.default_rng(0).normal(0, 2, (32, 32))
    found = residual_map(np.zeros((64, 64)), low, "bicubic", 2, variance=4.0)
    assert np.allclose(found.scores, np.abs(low) / 2)
    assert not found.flagged.any()  # white noise of one standard deviation stays below five
    assert found.limit == 5.0
    exact = residual_map(low.repeat(2, 0).repeat(2, 1), low, "area", 2, variance=0.0)
    assert exact.flagged.sum() == 0


def test_pixels_beyond_their_neighbourhood_are_counted():
    low = np.zeros((16, 16))
    low[8, 8] = 100.0
    image = low.repeat(2, 0).repeat(2, 1)
    assert beyond_range(image, low, 2).sum() == 0
    image[0, 0], image[16, 16] = 6.0, 106.0  # each 6 % of the range beyond the pixels around it
    assert beyond_range(image, low, 2).sum() == 2
    image[0, 0] = 4.0
    assert beyond_range(image, low, 2).sum() == 1


def test_what_is_not_known_is_none_and_what_does_not_fit_is_refused():
    truth = truth_of(64)
    alone = rl.audit(truth, reference=truth)
    assert alone["sfrc"] is alone["residual"] is alone["null_space"] is alone["beyond_range"] is None
    assert alone["difference"]["reference"] == {"rms": 0.0, "largest": 0.0}
    with pytest.raises(UsageError, match="truth"):
        rl.audit(truth, scale=4)
    with pytest.raises(UsageError, match="bsrgan"):
        rl.audit(truth, truth, scale=4, degrade="bsrgan")
    with pytest.raises(InputError, match="128"):
        rl.audit(truth, truth_of(128))
    with pytest.raises(InputError, match="divide the truth's"):
        rl.audit(truth, low=truth_of(48))


def test_volumes_of_odd_sizes_and_constant_images_are_audited():
    truth = truth_of(70, slices=3)
    found = rl.audit(truth, truth, scale=4)
    assert found["sfrc"]["patches"] == 3 * 4  # 68 pixels make two patches of 64 along each axis
    assert found["sfrc"]["labelled"] == 0
    constant = Image(np.full((1, 1, 16, 16), 7, np.uint16), info=INFO)
    flat = rl.audit(constant, constant, scale=2)
    assert flat["residual"]["consistency_db"] is None
    assert flat["residual"]["flagged"] == 0
    assert flat["sfrc"]["candidates"] == 0


def test_the_page_shows_the_numbers_of_the_record_and_is_self_contained():
    truth = truth_of()
    found = prepare_audit(with_disc(truth, 70, 50, 8, 200), truth, rl.degrade(truth, "bicubic", 4))
    page = audit_page(found, "Audit of <a>")
    assert "Audit of &lt;a&gt;" in page
    assert f"{found.record['residual']['largest']:.4g}" in page
    assert "not verdicts" in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_command_prints_rates_json_and_a_page(radloupe, tmp_path):
    truth = truth_of()
    for name, image in (("truth", truth), ("low", rl.degrade(truth, "bicubic", 4)), ("fake", with_disc(truth, 70, 50, 8, 200))):
        rl.write(image, tmp_path / f"{name}.png")
    code, out, _ = radloupe("audit", tmp_path / "fake.png", "--low", tmp_path / "low.png", "--report", tmp_path / "page")
    assert code == 0
    assert "rates, not verdicts" in out
    assert (tmp_path / "page" / "index.html").exists()
    code, out, _ = radloupe("audit", tmp_path / "fake.png", tmp_path / "truth.png", "--scale", 4, "--preset", "released", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["sfrc"]["window"] == "released"
    assert found["residual"]["flagged"] >= 1
    code, _, err = radloupe("audit", tmp_path / "fake.png", "--scale", 4)
    assert code == 2
    assert "--low" in err


def test_the_command_calibrates_on_a_folder_of_pairs(radloupe, tmp_path):
    truth = truth_of(256)
    noisy = replace(truth, pixels=np.rint(truth.pixels + np.random.default_rng(1).normal(0, 40, truth.pixels.shape)).astype(np.uint16))
    for folder, image in (("trusted", noisy), ("truth", truth)):
        (tmp_path / folder).mkdir()
        rl.write(image, tmp_path / folder / "a.png")
    result = tmp_path / "trusted" / "a.png"
    code, out, _ = radloupe("audit", result, tmp_path / "truth" / "a.png", "--calibrate", tmp_path, "--json")
    found = json.loads(out)["sfrc"]
    assert code == 0
    assert found["labelled"] == 1  # a twentieth of 16 patches, rounded up to a whole one
    (tmp_path / "trusted" / "a.png").rename(tmp_path / "b.png")
    code, _, err = radloupe("audit", tmp_path / "b.png", tmp_path / "truth" / "a.png", "--calibrate", tmp_path)
    assert code == 3
    assert "a.png" in err
