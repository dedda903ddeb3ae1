"""Input check: whether most of an image is padding."""

import numpy as np

from radloupe.imaging.pixel_info import SCANNER_HU
from radloupe.inference.gate.finding import Finding, above
from radloupe.inference.gate.sample import Sample

MOST = 0.5
"""Largest share of padding in a slice; the corners around a circular field of view are a fifth."""


def check_padding(sample: Sample) -> Finding:
    """Warn of a CT slice mostly below the scanner's range; such pixels are not changed by super-resolution."""
    if sample.image.info.unit != "HU":
        return Finding("padding", says="Only CT has values that no scanner measures.")
    middle = sample.image.pixels[0, sample.image.shape[0] // 2]
    share = float(np.mean(middle < SCANNER_HU[0]))
    return above("padding", share, MOST, f"More than half of the middle slice is below {SCANNER_HU[0]:g} HU, which is padding.")
