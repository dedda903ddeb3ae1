"""Data consistency of results of published GANs, against their truth."""

import os
from pathlib import Path

import numpy as np
import pytest

from radloupe.degradation import shrink
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.inference.data_consistency.correction import error_variance
from radloupe.inference.data_consistency.image_space import ImageSpaceCorrection

TUPLES = Path(os.environ.get("RADLOUPE_SFRC", ""), "L067_sharp_x4_tuning_tuples.npz")
"""See `test_sfrc`: five CT slices with their means over 4 x 4 pixels (`lr`) and what two GANs make of these."""


@pytest.mark.skipif(not TUPLES.is_file(), reason="the images are no part of this repository; RADLOUPE_SFRC names their folder")
@pytest.mark.parametrize(("network", "least"), [("srgan", 2.0), ("srwgan", 0.5)])
@pytest.mark.parametrize("hard", [True, False])
def test_agreement_with_the_input_brings_results_nearer_to_the_truth(network, least, hard):
    # 2.5 and 0.7 dB when hard, 2.4 and 0.6 dB weighted by the noise of the input; every slice gains
    tuples = np.load(TUPLES)
    gains = []
    for truth, low, estimate in zip(tuples["hr"], tuples["lr"], tuples[network], strict=True):
        correction = ImageSpaceCorrection("area", 4, low.shape, hard)
        correction.begin(low, error_variance(low, PixelInfo(), low.dtype))
        found = np.concatenate(list(correction.add(estimate.astype(np.float64))))
        if hard:
            assert np.abs(shrink(found, 4, "area") - low).max() < 1e-6 * np.ptp(low)
        before, after = (np.mean((one.astype(np.float64) - truth) ** 2) for one in (estimate, found))
        gains.append(10 * np.log10(before / after))
    assert min(gains) > 0
    assert np.mean(gains) > least
