"""Input check: whether an image is noisier than those on which thresholds and intervals are based."""

from radloupe.inference.gate.finding import Finding, above
from radloupe.inference.gate.sample import Sample
from radloupe.inference.noise_level import noise_level

SAYS = "Noisier than the images that models and intervals rest on: noise may be sharpened into texture."


def check_noise(sample: Sample) -> Finding:
    """Warn of noise above its threshold relative to the image's span."""
    return above("noise", noise_level(sample.crop) / sample.span, sample.thresholds["noise"], SAYS)
