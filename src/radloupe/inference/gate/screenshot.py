"""Input check: whether an image is a page of text or a screenshot."""

import numpy as np

from radloupe.inference.gate.finding import Finding
from radloupe.inference.gate.sample import Sample
from radloupe.inference.labels import is_label_map

EQUAL_SHARE = 0.35
"""Smallest share of equal neighbours along a row: pages are mostly background."""
EDGE = 0.004
"""Tolerance relative to the span: one grey level of 8 bits."""
SAYS = "Looks like text or a screenshot: hardly any grey between its darkest and its brightest level."


def check_screenshot(sample: Sample) -> Finding:
    """Refuse pages: mostly flat areas of the darkest and the brightest level.

    Skull-stripped MR has as much flat background, and none of its brightest level; radiographs may have burnt-in marks and shutters,
    and much grey between; label maps are enlarged as such. The value is the share of the rarer extreme, or 0 where flat areas are few.
    """
    levels = (sample.crop - sample.crop.min()) / np.ptp(sample.crop)
    equal = float(np.mean(np.diff(levels, axis=1) == 0))
    rarer = float(min(np.mean(levels <= EDGE), np.mean(levels >= 1 - EDGE)))
    value, limit = (rarer if equal > EQUAL_SHARE else 0.0), sample.thresholds["rarer_extreme"]
    page = value > limit and not is_label_map(sample.image)
    return Finding("screenshot", "refuse" if page else "ok", round(value, 4), limit, SAYS if page else "")
