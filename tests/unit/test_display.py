"""Grey levels keep their order, series share a window, and polarities mirror each other."""

import numpy as np
import pytest

from radloupe.core.errors import UsageError
from radloupe.drr.detector.display import display, percentile_window, radiograph_look

RAMP = np.linspace(0, 5, 64 * 64, dtype=np.float32).reshape(64, 64)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("intensity_scale", ["log", "linear"])
def test_the_window_becomes_black_and_white(bits, intensity_scale):
    grey = display(RAMP, (1.0, 4.0), bits=bits, intensity_scale=intensity_scale)
    white = 2**bits - 1
    assert grey.dtype == f"u{bits // 8}"
    assert (grey[RAMP <= 1] == 0).all() and (grey[RAMP >= 4] == white).all()
    assert (np.diff(grey.ravel().astype(int)) >= 0).all()
    middle = 0.5 if intensity_scale == "log" else (np.exp(-1) - np.exp(-2.5)) / (np.exp(-1) - np.exp(-4))
    assert grey.ravel()[RAMP.ravel().searchsorted(2.5)] == pytest.approx(
        middle * white, abs=0.002 * white + 1
    )  # a step of the ramp, and rounding


def test_fluoroscopy_is_the_negative():
    np.testing.assert_array_equal(display(RAMP, (0.0, 5.0), polarity="fluoroscopy"), 255 - display(RAMP, (0.0, 5.0)))


def test_a_series_shares_one_window():
    series = [RAMP, RAMP / 2 + 1]
    window = percentile_window(series, (0, 100))
    assert window == (0.0, 5.0)
    first, second = (display(path, window, bits=16).astype(float) / 65535 for path in series)
    np.testing.assert_allclose(second * 5, first * 5 / 2 + 1, atol=2e-4)  # two roundings to 1/65535 of 5


def test_the_usual_window_leaves_out_one_in_a_thousand():
    low, high = percentile_window(RAMP)
    assert low == 0 and np.mean(high < RAMP) == pytest.approx(0.001, abs=3e-4)  # a pixel is one in 4096


@pytest.mark.parametrize("look", [False, True])
def test_an_empty_image_is_black(look):
    assert not display(np.zeros((8, 8), np.float32), look=look).any()


def test_stacks_are_windowed_together_and_filtered_apart():
    stack = np.stack([RAMP, RAMP[::-1] * 0.5])[:, None]
    together = display(stack, (0.0, 5.0), look=True)
    for grey, path in zip(together, stack, strict=True):
        np.testing.assert_array_equal(grey, display(path, (0.0, 5.0), look=True))


def test_the_look_sharpens_detail_evens_out_what_is_broad_and_keeps_black():
    rows, columns = np.indices((256, 256))
    broad, fine = np.where(columns < 128, 0.2, 0.8), 0.05 * (-1.0) ** (rows + columns)
    before = (broad + fine).astype(np.float32)
    after = radiograph_look(before)
    detail = [np.abs(np.diff(x[:, 20:100], axis=0)).mean() for x in (before, after)]
    shades = [x[:, 200:240].mean() - x[:, 16:56].mean() for x in (before, after)]
    assert detail[1] > 1.5 * detail[0] and shades[1] < 0.85 * shades[0]
    assert (
        radiograph_look(np.where(columns < 100, 0, broad).astype(np.float32))[:, :96] == 0
    ).all()  # black beyond the fine filter's reach


@pytest.mark.parametrize(
    "settings",
    [{"bits": 12}, {"polarity": "xray"}, {"intensity_scale": "sqrt"}, {"window": (2.0, 1.0)}, {"window": (0.0, np.nan)}],
    ids=str,
)
def test_impossible_displays_are_refused(settings):
    with pytest.raises(UsageError):
        display(RAMP, **settings)


def test_impossible_percentiles_are_refused():
    with pytest.raises(UsageError):
        percentile_window(RAMP, (50, 50))
