"""The PSNR between an input and its enlargement degraded again."""

import math

import numpy as np
import pytest

from radloupe.degradation import shrink
from radloupe.inference.consistency import Consistency


@pytest.mark.parametrize("preset", ["bicubic", "kspace-centred"])
@pytest.mark.parametrize("rows", [1, 7, 64, 400])
def test_strips_give_what_the_whole_slice_gives(preset, rows):
    rng = np.random.default_rng(0)
    high = rng.random((120, 88))
    low = shrink(high, 4, preset) + rng.normal(0, 0.01, (30, 22))
    consistency = Consistency(preset, 4)
    for _ in range(2):  # two slices of one volume
        consistency.begin(low)
        for first in range(0, 120, rows):
            consistency.add(high[first : first + rows])
    error = np.mean((shrink(high, 4, preset) - low) ** 2)
    assert consistency.count == 2 * low.size
    assert consistency.psnr() == pytest.approx(10 * math.log10(np.ptp(low) ** 2 / error), abs=1e-9)


def test_perfect_agreement_and_constant_images_have_no_value():
    consistency = Consistency("bicubic", 2)
    assert consistency.psnr() is None
    consistency.begin(np.ones((4, 4)))
    consistency.add(np.ones((8, 8)))
    assert consistency.psnr() is None
