"""Input check: whether the values of a CT are Hounsfield units."""

import numpy as np

from radloupe.imaging.pixel_info import SCANNER_HU
from radloupe.inference.gate.finding import Finding
from radloupe.inference.gate.sample import Sample

AIR_HU = -500.0
"""Upper threshold of a slice's minimum, for slices with air or lung; 8-bit exports and files without rescale intercept begin at 0."""
SPAN_HU = 300.0
"""Smallest range of values of a body in air."""
DENSE_HU = 500.0
"""Largest median of a body, which is mostly water; above it there is only bone, or another scale."""
SAYS = (
    "Not Hounsfield units ({low:g} to {high:g}): an 8-bit export, or the rescale intercept is missing. "
    "Read the original, or say what the image is (`modality`)."
)


DENSE = "Most of the middle slice is denser than any soft tissue ({median:g} HU): inverted values, or not a CT."


def check_hounsfield(sample: Sample) -> Finding:
    """Refuse a CT whose values are not Hounsfield units (no air, or hardly any contrast); warn of one that is mostly dense.

    Padding below the scanner's range is left out.
    """
    if sample.image.info.unit != "HU":
        return Finding("hounsfield", says="Only CT has Hounsfield units.")
    low, high = np.inf, -np.inf
    for plane in sample.image.slices():
        inside = plane[plane >= SCANNER_HU[0]]
        if inside.size:
            low, high = min(low, float(inside.min())), max(high, float(inside.max()))
    if not high > low:
        return Finding("hounsfield", says="An image without contrast says nothing of its unit.")
    median = float(np.median(sample.whole))
    if low <= AIR_HU and median > DENSE_HU:
        return Finding("hounsfield", "warn", median, DENSE_HU, DENSE.format(median=median))
    wrong = low > AIR_HU or high - low < SPAN_HU
    return Finding("hounsfield", "refuse" if wrong else "ok", low, AIR_HU, SAYS.format(low=low, high=high) if wrong else "")
