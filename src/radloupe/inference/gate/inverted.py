"""Input check: whether an image resembles the negative of its modality."""

from radloupe.inference.gate.appearance import thumbnail_correlation
from radloupe.inference.gate.finding import Finding, above
from radloupe.inference.gate.sample import Sample

SAYS = "Looks inverted: dark where such images are bright. Check the photometric interpretation (MONOCHROME1 or MONOCHROME2)."


def check_inverted(sample: Sample) -> Finding:
    """Warn of an image whose negative resembles the typical image of its modality."""
    negative = -thumbnail_correlation(sample.whole, sample.thresholds["thumbnail"])
    return above("inverted", negative, sample.thresholds["negative_correlation"], SAYS)
