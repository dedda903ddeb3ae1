"""Resampling and k-space: exact where theory is exact."""

import numpy as np
import pytest
from PIL import Image as PILImage

import radloupe as rl
from radloupe.core.errors import InputError, UsageError
from radloupe.degradation import shrink
from radloupe.degradation.kspace import KSpaceCrop
from radloupe.degradation.resample import bicubic, weights
from radloupe.imaging.interpolation import cubic


def noise(*shape, seed=0):
    return np.random.default_rng(seed).random(shape)


@pytest.mark.parametrize("factor", [1 / 4, 1 / 2, 1 / 3, 2, 4])
def test_bicubic_equals_pillow_away_from_the_border(factor):
    image = noise(48, 60).astype(np.float32)
    size = (round(60 * factor), round(48 * factor))
    theirs = np.asarray(PILImage.fromarray(image).resize(size, PILImage.Resampling.BICUBIC))
    ours = bicubic(image, factor)
    border = max(2, round(2 * factor))
    inner = (slice(border, -border),) * 2
    np.testing.assert_allclose(ours[inner], theirs[inner], atol=2e-6)  # Pillow sums in float32


def test_bicubic_equals_matlab_on_its_documented_weights():
    # imresize(x, 0.5): the kernel stretched by two and sampled at odd quarters, mirrored at the border
    taps = np.arange(-3.5, 4) / 2
    kernel = cubic(taps) / cubic(taps).sum()
    line = noise(16)
    mirrored = np.concatenate([line[:4][::-1], line, line[-4:][::-1]])
    expected = [mirrored[2 * k + 1 : 2 * k + 9] @ kernel for k in range(8)]
    np.testing.assert_allclose(weights(16, 0.5) @ line, expected, atol=1e-15)  # float64 sums of 8


@pytest.mark.parametrize("factor", [1 / 4, 1 / 2, 2, 3])
@pytest.mark.parametrize("border", ["mirror", "edge"])
def test_constants_stay_and_ramps_stay_inside(factor, border):
    matrix = weights(40, factor, border)
    np.testing.assert_allclose(matrix @ np.ones(40), 1, atol=1e-14)  # float64 sums of at most 18
    centres = (np.arange(matrix.shape[0]) + 0.5) / factor - 0.5
    inner = (centres > 10) & (centres < 29)
    np.testing.assert_allclose((matrix @ np.arange(40.0))[inner], centres[inner], atol=1e-12)


@pytest.mark.parametrize("align", ["grid", "centre"])
def test_kspace_keeps_a_constant(align):
    np.testing.assert_allclose(KSpaceCrop(4, align)(np.full((32, 24), 3.5)), 3.5, atol=1e-12)


@pytest.mark.parametrize(("align", "offset"), [("grid", 0.0), ("centre", 1.5)])
def test_kspace_is_exact_below_the_cut_off(align, offset):
    # three periods along 64 samples, the cut-off of x4 is at eight; low sample j lies at high sample 4 j + offset
    def wave(x):
        return 2 + np.cos(2 * np.pi * 3 * x / 64)

    high = np.broadcast_to(wave(np.arange(64)), (64, 64))
    low = KSpaceCrop(4, align)(high)
    np.testing.assert_allclose(low, np.broadcast_to(wave(4 * np.arange(16) + offset), (16, 16)), atol=1e-12)


def test_centred_kspace_agrees_with_bicubic_in_place():
    y, x = np.mgrid[:128, :128]
    blob = np.exp(-((x - 70.3) ** 2 + (y - 55.6) ** 2) / (2 * 12**2))
    gap = {align: np.abs(KSpaceCrop(4, align)(blob) - bicubic(blob, 0.25)).max() for align in ("grid", "centre")}
    assert gap["centre"] < 0.01 < 0.05 < gap["grid"]  # a shift of 1.5 pixels at the steepest slope of 0.05 a pixel


def test_odd_rows_are_dropped():
    assert shrink(noise(17, 23), 4, "bicubic").shape == (4, 5)


def test_bad_requests_are_refused():
    with pytest.raises(UsageError, match="Did you mean 'bicubic'"):
        shrink(noise(8, 8), 2, "bicubik")
    with pytest.raises(InputError, match="at least 4x4"):
        shrink(noise(3, 8), 4, "bicubic")


def test_the_public_name_is_a_function():
    assert callable(rl.degrade)
