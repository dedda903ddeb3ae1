"""Data consistency: a corrected result degrades to its input again, as far as the input is trusted, whatever the network and the tiles."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pydicom.data import get_testdata_file

import radloupe as rl
from radloupe.core.errors import LimitError, RadloupeWarning, UsageError
from radloupe.degradation import KSpaceCrop, degrade, shrink
from radloupe.degradation.kspace import frequencies
from radloupe.degradation.pseudo_inverse import TEMPLATE, axis_matrix, axis_operator
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.inference.bound import Bound
from radloupe.inference.data_consistency.choice import correction_for
from radloupe.inference.data_consistency.correction import Correction, error_variance
from radloupe.inference.data_consistency.image_space import ImageSpaceCorrection
from radloupe.inference.data_consistency.k_space import KSpaceCorrection
from radloupe.inference.options import InferenceOptions
from radloupe.inference.super_resolve import super_resolve
from radloupe.networks.model import Model
from radloupe.networks.registry import NETWORKS

pytestmark = pytest.mark.filterwarnings("ignore::radloupe.core.errors.RadloupeWarning")
LINEAR = ["bicubic", "bicubic-cv", "area", "pyramid", "pyramid-centred"]
CT = PixelInfo("HU", "CT", storage=Storage("int16", 16))
FLOAT_CT = PixelInfo("HU", "CT")


def random_model(degradation="bicubic", scale=2, modality="CT"):
    """A network of random weights, small but with tiles."""
    torch.manual_seed(0)
    return Model("random", NETWORKS["loupe"](scale, width=8, blocks=1).eval(), modality, degradation)


def anatomy(height, width, seed=0):
    """Smooth structure and noise, in HU."""
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(seed).normal(0, 20, (height, width))
    return 200 * np.sin(x / 5) * np.cos(y / 7) + noise


def corrected(correction, low, estimate, rows=None, variance=0.0):
    """An estimate after a correction that takes it in parts of some rows."""
    correction.begin(low, variance)
    rows = rows or len(estimate)
    parts = [done for first in range(0, len(estimate), rows) for done in correction.add(estimate[first : first + rows])]
    return np.concatenate(parts)


@pytest.mark.parametrize("preset", LINEAR)
@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("shape", [(37, 53), (1, 5), (150, 41)])
def test_a_hard_correction_degrades_to_the_input(preset, scale, shape):
    low = anatomy(*shape)
    estimate = np.random.default_rng(1).normal(0, 100, (shape[0] * scale, shape[1] * scale))
    found = corrected(ImageSpaceCorrection(preset, scale, shape, hard=True), low, estimate)
    # weights below 1e-6 are left out of the pseudo-inverse; about ten of them meet at a pixel
    assert np.abs(shrink(found, scale, preset) - low).max() <= 1e-5 * max(np.ptp(low), np.ptp(estimate))


def test_a_hard_bicubic_correction_is_within_a_millionth():
    low = anatomy(60, 70)
    estimate = low.repeat(4, 0).repeat(4, 1)
    found = corrected(ImageSpaceCorrection("bicubic", 4, low.shape, hard=True), low, estimate)
    assert np.abs(shrink(found, 4, "bicubic") - low).max() <= 1e-6 * np.ptp(low)


@pytest.mark.parametrize("preset", LINEAR)
@pytest.mark.parametrize("rows", [2, 6, 64, 1000])
def test_rows_give_the_bits_of_the_whole_slice(preset, rows):
    low = anatomy(150, 33)
    estimate = np.random.default_rng(1).normal(0, 100, (300, 66))
    whole = corrected(ImageSpaceCorrection(preset, 2, low.shape), low, estimate, variance=4000.0)
    correction = ImageSpaceCorrection(preset, 2, low.shape)
    assert np.array_equal(corrected(correction, low, estimate, rows, variance=4000.0), whole)
    assert 0 < correction.weight < 1  # the residual's variance is about 10,000 + 20,000


def test_the_correction_changes_nothing_in_the_null_space():
    low, scale = anatomy(40, 40), 4
    down = axis_operator("bicubic", scale, 40)
    estimate = np.random.default_rng(1).normal(0, 100, (160, 160))
    change = corrected(ImageSpaceCorrection("bicubic", scale, low.shape, hard=True), low, estimate) - estimate
    projected = down.expand @ (down.shrink @ change)  # a vector of the range is its own projection, up to what is left out
    assert np.allclose(projected, change, atol=1e-5 * np.abs(change).max())


@pytest.mark.parametrize("preset", LINEAR)
def test_long_axes_repeat_the_weights_of_a_direct_computation(preset):
    count = TEMPLATE + 21
    direct = axis_matrix(preset, 2, count)
    found = axis_operator(preset, 2, count)
    assert np.allclose(found.shrink.toarray(), direct, atol=1e-12)
    assert np.abs(found.expand.toarray() - np.linalg.pinv(direct)).max() < 2e-6  # of which 1e-6 are left out


@pytest.mark.parametrize("window", ["none", "hamming"])
def test_k_space_takes_the_magnitude_of_the_input_and_the_phase_of_the_estimate(window):
    truth = np.abs(anatomy(64, 48)) + 50
    step = KSpaceCrop(4, "centre", window)
    low = step(truth)
    spectrum = np.fft.fft2(truth)
    rng = np.random.default_rng(0)
    outside = np.ones(truth.shape, bool)
    outside[frequencies(16)[:, None], frequencies(12)] = False
    wrong_detail = np.fft.ifft2(np.where(outside, np.fft.fft2(rng.normal(0, 30, truth.shape)), 0)).real
    kept = np.where(outside, 0, 1)
    estimate = np.fft.ifft2(spectrum * (1 - 0.02 * kept)).real + wrong_detail  # 2 % too dark below the cut-off: the phase is right
    found = corrected(KSpaceCorrection(step, low.shape, hard=True), low, estimate)
    before, after = (np.abs(step(one) - low).max() for one in (estimate, found))
    assert after < 0.25 * before  # not zero: the result is real, and the lowest kept frequency of each axis has no partner
    assert np.abs(found - truth).mean() < np.abs(estimate - truth).mean()


def test_one_k_space_step_on_a_whole_slice_or_on_rows_is_the_same():
    low, estimate = np.abs(anatomy(20, 24)), np.abs(anatomy(80, 96, 1))
    step = KSpaceCrop(4)
    whole, rows = (corrected(KSpaceCorrection(step, low.shape), low, estimate, rows, 1.0) for rows in (80, 12))
    assert np.array_equal(whole, rows)


def test_slices_with_negative_values_are_no_magnitudes_and_stay():
    low, estimate = anatomy(20, 24), anatomy(80, 96, 1)
    assert np.array_equal(corrected(KSpaceCorrection(KSpaceCrop(4), low.shape, hard=True), low, estimate), estimate)


def test_what_the_noise_of_the_input_explains_is_not_pulled_back():
    correction = Correction()
    correction.begin(np.zeros((4, 4)), 4.0)
    assert correction.weight_for(3.0) == correction.weight_for(4.0) == correction.weight_for(0.0) == 0.0
    assert correction.weight_for(16.0) == 0.75  # 1 - 4 / 16
    estimate = anatomy(80, 80)
    low = shrink(estimate, 2, "bicubic") + np.random.default_rng(3).normal(0, 1, (40, 40))
    noisy = ImageSpaceCorrection("bicubic", 2, low.shape)
    assert np.array_equal(corrected(noisy, low, estimate, variance=1.5), estimate)  # chance adds 4 % to a variance of 1
    assert noisy.weight == 0.0


def test_errors_of_the_input_are_its_noise_or_its_rounding():
    smooth = np.add.outer(np.arange(64.0), np.arange(64.0))
    assert error_variance(smooth, CT, np.dtype("int16")) == 1 / 12  # a uniform error of one step
    assert error_variance(smooth, FLOAT_CT, np.dtype("float32")) == 0.0
    halves = PixelInfo(storage=Storage("int16", 16, slope=0.5))
    assert error_variance(smooth, halves, np.dtype("float32")) == pytest.approx(0.25 / 12)
    noisy = smooth + np.random.default_rng(0).normal(0, 5, smooth.shape)
    assert error_variance(noisy, CT, np.dtype("int16")) == pytest.approx(25, rel=0.5)  # 3,600 pixels, a quarter of them looked at


@pytest.mark.parametrize("degradation", ["bicubic", "kspace-centred"])
@pytest.mark.parametrize("mode", ["auto", "hard"])
@pytest.mark.parametrize("shape", [(61, 47), (33, 130)])
def test_tiles_give_the_bytes_of_the_whole_image(degradation, mode, shape):
    model = random_model(degradation)
    image = Image((np.abs(anatomy(*shape)) + 100).astype(np.float32)[None, None], info=FLOAT_CT)
    whole, tiled = (super_resolve(image, model, InferenceOptions(consistency=mode, tile=tile)).run(False) for tile in ("off", 32))
    assert np.array_equal(whole.pixels, tiled.pixels)
    assert whole.facts["consistency"] == tiled.facts["consistency"]


def test_off_is_the_network_alone_and_auto_raises_the_consistency_of_a_poor_network():
    model, image = random_model(), Image(anatomy(64, 64).round().astype(np.int16)[None, None], info=CT)
    with torch.no_grad():
        model.network.tail.weight.normal_(std=0.05)  # adds false detail
    off, auto, hard = (super_resolve(image, model, InferenceOptions(consistency=mode)).run(False) for mode in ("off", "auto", "hard"))
    assert off.facts["consistency"]["weight"] == off.facts["consistency"]["largest_change"] == 0
    assert off.facts["consistency_db"] < auto.facts["consistency_db"] < hard.facts["consistency_db"]
    assert 0 < auto.facts["consistency"]["weight"] < 1 == hard.facts["consistency"]["weight"]
    change = np.abs(hard.pixels.astype(int) - off.pixels)
    assert change.max() <= hard.facts["consistency"]["largest_change"] + 1  # rounding of both


def test_bounds_hold_after_a_hard_correction():
    model = random_model()
    with torch.no_grad():
        model.network.tail.weight.normal_(std=3.0)
    low = anatomy(40, 40).astype(np.float32)
    found = super_resolve(Image(low[None, None], info=FLOAT_CT), model, InferenceOptions(consistency="hard")).run(False)
    bound = Bound(2, FLOAT_CT, np.dtype("float32"))
    bound.begin(low)
    bound.apply(found.pixels[0, 0].astype(np.float64), 0)
    assert bound.changed == 0
    assert found.facts["bounded_pixels"] > 0  # the correction alone left them


def test_volumes_are_corrected_slice_by_slice():
    slices = np.stack([anatomy(40, 36, seed) for seed in range(4)]).round().astype(np.int16)
    model, options = random_model(), InferenceOptions(consistency="hard")
    four_d = super_resolve(Image(slices.reshape(2, 2, 40, 36), info=CT), model, options).run(False)
    for n, plane in enumerate(slices):
        alone = super_resolve(Image(plane[None, None], info=CT), model, options).run(False)
        assert np.array_equal(four_d.pixels[n // 2, n % 2], alone.pixels[0, 0])


@pytest.mark.parametrize("plane", [np.full((20, 20), 7), np.arange(6).reshape(2, 3), np.array([[5]])], ids=["constant", "2x3", "one pixel"])
@pytest.mark.parametrize("degradation", ["bicubic", "kspace-centred"])
def test_small_and_constant_images_pass(plane, degradation):
    image = Image(plane.astype(np.int16)[None, None], info=CT)
    found = super_resolve(image, random_model(degradation), InferenceOptions(consistency="hard")).run(False)
    assert found.shape == (1, 2 * plane.shape[0], 2 * plane.shape[1])
    if np.ptp(plane) == 0:
        assert (found.pixels == plane[0, 0]).all()


def test_label_maps_are_left_alone():
    labels = Image(((np.hypot(*(np.mgrid[:48, :48] - 20)) < 11) * 3).astype(np.uint8)[None, None], info=PixelInfo("arbitrary", "MR"))
    found = rl.upscale(labels, scale=2, consistency="hard")
    assert np.array_equal(found.pixels, labels.pixels.repeat(2, 2).repeat(2, 3))


def test_a_degradation_that_cannot_be_inverted_is_refused_when_hard_and_left_out_when_auto():
    image, model = Image(np.zeros((1, 1, 32, 32), np.int16), info=CT), random_model("bsrgan")
    assert type(correction_for(image, model, "auto", 2**31)) is Correction
    with pytest.raises(UsageError, match="bsrgan"):
        correction_for(image, model, "hard", 2**31)
    with pytest.raises(UsageError, match="soft"):
        InferenceOptions(consistency="soft")


def test_what_takes_more_than_a_quarter_of_the_memory_is_left_out_with_a_warning_or_refused():
    image, model = Image(np.zeros((1, 1, 512, 512), np.int16), info=CT), random_model("kspace-centred")
    needed = 56 * 4 * 512**2  # bytes a pixel of the result
    assert correction_for(image, model, "auto", 4 * needed).buffer_bytes == needed
    with pytest.warns(RadloupeWarning, match="left out"):
        assert type(correction_for(image, model, "auto", 4 * needed - 4)) is Correction
    with pytest.raises(LimitError, match="56 MiB"):
        correction_for(image, model, "hard", 4 * needed - 4)


def test_the_command_line_says_what_consistency_is_worth(radloupe, tmp_path):
    rl.write(Image(anatomy(32, 32).round().astype(np.int16)[None, None], info=CT), tmp_path / "low.nii.gz")
    code, out, _ = radloupe("upscale", tmp_path / "low.nii.gz", "-o", tmp_path / "high.nii.gz", "--modality", "CT", "--consistency", "hard")
    assert code == 0
    assert "necessary, not sufficient" in out
    assert "ceiling" in out


def test_shipped_mr_models_gain_by_the_phase_of_the_estimate():
    truth = rl.read(get_testdata_file("MR_small.dcm"))
    truth = replace(truth, pixels=truth.pixels.astype(np.float32))
    low = degrade(truth, "kspace-centred", 2)
    errors = {mode: np.square(rl.upscale(low, "mri-x2", consistency=mode).pixels - truth.pixels).mean() for mode in ("off", "hard")}
    assert errors["hard"] < errors["off"]
