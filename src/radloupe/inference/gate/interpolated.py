"""Input check: whether an image was already enlarged by interpolation."""

from radloupe.inference.gate.finding import Finding
from radloupe.inference.gate.sample import Sample

FACTORS = {2: "2", 3: "1.5 or 3", 4: "4"}
"""Enlargement factors by the period of their traces."""


def check_interpolated(sample: Sample) -> Finding:
    """Warn of periodic interpolation weights (`gate.periodicity`)."""
    limits = {int(period): limit for period, limit in sample.thresholds["period_gain"].items()}
    gains = sample.period_gains
    period = max(limits, key=lambda one: gains[one] - limits[one])
    if gains[period] <= limits[period]:
        return Finding("interpolated", "ok", round(gains[period], 4), limits[period])
    text = f"Already enlarged about {FACTORS[period]} times: shrink it to the pixels that were measured first."
    return Finding("interpolated", "warn", round(gains[period], 4), limits[period], text)
