"""Half widths of intervals: coverage on data that the factors were not made from, files, and independence of tiles."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image as Picture
from typer.testing import CliRunner

import radloupe as rl
from radloupe.cli.main import app
from radloupe.core.errors import InputError, UsageError, WeightsError
from radloupe.data.sources import Item
from radloupe.evaluation import calibrate_intervals
from radloupe.evaluation.calibrate_intervals import Sampled, calibrate, conformal, coverage
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.inference.gate.finding import Finding, GateReport
from radloupe.inference.options import LEVELS, InferenceOptions
from radloupe.inference.super_resolve import super_resolve
from radloupe.inference.uncertainty.calibration import Calibration, read_calibration
from radloupe.inference.uncertainty.error_scale import STRATA
from radloupe.inference.uncertainty.half_widths import void_reasons
from radloupe.networks import create_network
from radloupe.networks.model import Model

FLAT = {level: [float(level)] * STRATA for level in LEVELS}
PLAIN = Calibration(
    coefficients=[0.0, 0.5, 0, 0.2, 0.3, 0, 0, 0, 0],
    factors=FLAT,
    patients=3,
    images=9,
    guaranteed=dict.fromkeys(LEVELS, False),
    noise=1.0,
    noise_gain=1.5,
)


def random_model(scale=2):
    """A network of random weights with a calibration."""
    torch.manual_seed(0)
    network = create_network("loupe", scale, width=8, blocks=2).eval()
    network.tail.weight.data.normal_(0, 0.01)  # zero before training, which is bicubic interpolation
    return Model("random", network, "MR", "bicubic", uncertainty=PLAIN.record)


def volume(shape, seed=0, dtype=np.int16):
    rng = np.random.default_rng(seed)
    return Image(rng.integers(0, 900, shape).astype(dtype), info=PixelInfo("arbitrary", "MR"))


def half_widths(image, model, **options):
    return super_resolve(image, model, InferenceOptions(uncertainty=True, **options)).run(check=False).uncertainty


@pytest.mark.parametrize("shape", [(1, 1, 70, 91), (2, 3, 33, 40), (1, 1, 1, 5), (1, 2, 130, 37)])
def test_half_widths_are_on_the_grid_of_the_result_and_positive(shape):
    image = volume(shape)
    result = super_resolve(image, random_model(), InferenceOptions(uncertainty=True)).run(check=False)
    assert result.uncertainty.pixels.shape == result.pixels.shape
    assert result.uncertainty.pixels.dtype == np.float32 and (result.uncertainty.pixels > 0).all()
    assert np.allclose(result.uncertainty.affine, result.affine)


@pytest.mark.parametrize("tile", [32, 64])
def test_tiles_change_no_bit(tile):
    image = volume((1, 1, 150, 77))
    whole, tiled = (half_widths(image, random_model(), tile=size).pixels for size in ("off", tile))
    assert (whole == tiled).all()


def test_constant_images_have_the_half_width_of_rounding():
    image = Image(np.full((1, 1, 40, 40), 7, np.int16), info=PixelInfo("arbitrary", "MR"))
    found = half_widths(image, random_model()).pixels
    assert np.ptp(found) == 0 and found[0, 0, 0, 0] < 0.1  # grey levels, of a span that is taken as 1


def test_half_widths_follow_the_unit_of_the_image():
    image = volume((1, 1, 60, 60), dtype=np.float32)
    scaled = replace(image, pixels=image.pixels * 8)
    one, eight = half_widths(image, random_model()).pixels, half_widths(scaled, random_model()).pixels
    assert np.allclose(eight, 8 * one, rtol=1e-4)  # single precision of the network and of the logarithms


def test_levels_widen():
    found = [half_widths(volume((1, 1, 60, 60)), random_model(), level=level).pixels.mean() for level in LEVELS]
    assert found == sorted(found) and found[0] < found[-1]


def test_more_noise_than_calibrated_widens():
    slope = np.add.outer(np.arange(128.0), np.arange(128.0))
    noisy = slope + np.random.default_rng(0).normal(0, 8, slope.shape)
    model = random_model()
    strict = replace(model, uncertainty=PLAIN.record | {"noise": 0.001})
    image = Image(noisy[None, None].astype(np.float32), info=PixelInfo("arbitrary", "MR"))
    known, beyond = (half_widths(image, one).pixels for one in (model, strict))
    added = 1.645 * 1.5 * 8  # the normal quantile of 90 %, the noise gain, and the noise, which is estimated within a few percent
    assert np.sqrt(np.median(beyond**2 - known**2)) == pytest.approx(added, rel=0.1)


def test_other_networks_and_scales_have_half_widths_too():
    network = create_network("srresnet", 4, channels=1, width=8, blocks=1).eval()
    model = Model("srresnet", network, "MR", "bicubic", uncertainty=PLAIN.record)
    assert half_widths(volume((1, 1, 40, 41)), model).shape == (1, 160, 164)


def test_a_model_without_calibration_says_so():
    with pytest.raises(UsageError, match="no calibrated intervals"):
        super_resolve(volume((1, 1, 20, 20)), replace(random_model(), uncertainty={}), InferenceOptions(uncertainty=True))


@pytest.mark.parametrize("broken", [{"coefficients": [1.0]}, {"factors": {"0.9": [1.0] * STRATA}}, {"surprise": 1}])
def test_damaged_calibrations_are_refused(broken):
    with pytest.raises(WeightsError, match="Calibrate the model again"):
        read_calibration(PLAIN.record | broken)


def test_what_the_input_checks_note_voids_the_claim():
    assert void_reasons(None) == ["not inspected"]
    assert void_reasons(GateReport([Finding("noise", "warn"), Finding("jpeg")])) == ["noise"]
    assert void_reasons(GateReport([Finding("jpeg", skipped=True)])) == ["not inspected"]  # too small to be looked at
    assert not void_reasons(GateReport([Finding("jpeg")]))


def samples(patients, slices, seed, pixels=3000):
    """Slices whose error has the size that the clues tell, times one of the patient."""
    rng = np.random.default_rng(seed)
    found = []
    for patient in range(patients):
        own = rng.lognormal(0, 0.3)
        for _ in range(slices):
            logarithms = rng.normal(-3, 1, (4, pixels)).astype(np.float32)
            error = np.abs(rng.normal(0, 1, pixels)) * own * np.exp(logarithms[0] - 2)
            found.append(Sampled(f"{seed} {patient}", logarithms, rng.integers(0, STRATA, pixels), error, 0.01, 1.0))
    return found


COEFFICIENTS = [-2.0, 1.0, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("level", ["0.5", "0.9"])
def test_intervals_cover_new_patients(level):
    factors, guaranteed = conformal(samples(30, 2, seed=1), COEFFICIENTS)
    assert guaranteed[level]
    calibration = replace(PLAIN, coefficients=COEFFICIENTS, factors=factors)
    new = samples(200, 1, seed=2)
    shares = [coverage([one], calibration, new)[level]["coverage"] for one in new]
    # of the new patients at least `level` have that coverage; the binomial's deviation at 200 is 0.035, at 30 in calibration 0.09
    assert np.mean(np.array(shares) >= float(level)) > float(level) - 0.2


def test_few_patients_guarantee_nothing():
    _, guaranteed = conformal(samples(5, 2, seed=1), COEFFICIENTS)
    # the order statistic is the ceil((k + 1) level)-th of k: the 3rd, 5th, 6th and 6th of 5
    assert guaranteed == {"0.5": True, "0.8": True, "0.9": False, "0.95": False}


def test_levels_never_narrow_and_exact_results_have_a_width():
    exact = [replace(one, error=np.where(np.arange(3000) % 2, 0.0, one.error)) for one in samples(11, 1, seed=3)]
    factors, guaranteed = conformal(exact, COEFFICIENTS)
    assert guaranteed["0.9"] and not guaranteed["0.95"]  # the 11th of 11 patients, and the 12th
    table = np.array([factors[level] for level in LEVELS])
    assert (table > 0).all() and (np.diff(table, axis=0) >= 0).all()


def body(seed):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1:1:96j, -1:1:96j]
    plane = (x**2 + y**2 < 0.6) * (400 + 200 * np.sin(9 * x + seed) * np.cos(8 * y)) + rng.normal(0, 4, x.shape)
    return Image(plane[None, None].astype(np.float32), info=PixelInfo("arbitrary", "MR"))


def items(*seeds):
    return [Item(f"patient {seed}", f"image {seed}", body(seed)) for seed in seeds]


def test_calibration_of_a_network_covers_what_it_was_made_from():
    model = Model("bicubic", create_network("bicubic", 2).eval(), "MR", "bicubic")
    found = calibrate(model, items(0, 1, 2), items(3, 4), items(5, 6))
    assert found.patients == 2 and found.measured["images"] == 2
    assert 0.85 < found.measured["0.9"]["coverage"] < 0.95  # other noise and phase of the same pattern
    assert found.measured["0.9"]["of_constant"] < 1  # the background is known better than the pattern
    assert read_calibration(json.loads(json.dumps(found.record))) == found


def test_a_patient_in_two_parts_is_refused():
    model = Model("bicubic", create_network("bicubic", 2).eval(), "MR", "bicubic")
    with pytest.raises(InputError, match="different patients"):
        calibrate(model, items(0), items(0))


@pytest.mark.filterwarnings("ignore::radloupe.core.errors.RadloupeWarning")  # this body is unlike a patient
def test_calibrate_and_upscale_by_command(tmp_path, monkeypatch):
    monkeypatch.setattr(calibrate_intervals, "PIXELS", 500)
    for part, seeds in {"train": (0, 1), "validation": (2, 3), "test": (4,)}.items():
        for seed in seeds:
            (tmp_path / "data" / part).mkdir(parents=True, exist_ok=True)
            rl.write(body(seed), tmp_path / "data" / part / f"p{seed}_mr.nii.gz")
    run = CliRunner().invoke
    done = run(app, ["calibrate", "mri-x2", "--data", str(tmp_path / "data"), "-o", str(tmp_path / "model"), "--json"])
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["uncertainty"]["patients"] == 2
    low, out = tmp_path / "data" / "test" / "p4_mr.nii.gz", tmp_path / "large.nii.gz"
    common = ["upscale", str(low), "--modality", "MR", "--model", str(tmp_path / "model"), "--overwrite", "-o", str(out)]
    for name in ("half.nii.gz", "half.mha", "half.tif", "half.png"):
        done = run(app, [*common, "--uncertainty", str(tmp_path / name), "--report", str(tmp_path / "trust"), "--json"])
        assert done.exit_code == 0, done.stderr
    facts = json.loads(done.stdout)["outputs"][0]["uncertainty"]
    widths = rl.read(tmp_path / "half.nii.gz").pixels
    assert widths.mean() == pytest.approx(facts["mean_half_width"], rel=1e-3)  # four digits are reported
    assert (rl.read(tmp_path / "half.mha").pixels == widths).all() and (rl.read(tmp_path / "half.tif").pixels == widths).all()
    with Picture.open(tmp_path / "half.png") as picture:
        assert picture.mode == "RGB"
    large = rl.upscale(rl.read(low, modality="MR"), model=str(tmp_path / "model"), uncertainty=True)
    assert (large.uncertainty.pixels == widths).all()
