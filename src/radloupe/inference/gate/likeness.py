"""Input checks: whether an image resembles its modality, and the images on which models and thresholds are based."""

import numpy as np
from jaxtyping import Float

from radloupe.inference.gate import appearance
from radloupe.inference.gate.finding import Finding, above
from radloupe.inference.gate.sample import Sample

NAMED = 2
"""Number of features listed in a message."""


def distances(sample: Sample) -> dict[str, tuple[float, Float[np.ndarray, " numbers"]]]:
    """Distance to each modality, and the z-score of each feature."""
    texture = sample.texture
    found = {}
    for modality, statistics in sample.thresholds["modalities"].items():
        numbers = np.append(texture, appearance.layout(sample.whole, statistics["thumbnail"]))
        found[modality] = appearance.distance(numbers, statistics)
    return found


def check_modality(sample: Sample) -> Finding:
    """Warn of an image that resembles another modality more than its own.

    The value is the squared distance to the image's modality minus that to the nearest other one.
    """
    own = sample.image.info.modality
    squares = {modality: distance**2 for modality, (distance, _) in distances(sample).items()}
    nearest = min((modality for modality in squares if modality != own), key=lambda one: squares[one])
    says = f"Looks more like {nearest} than like {own}: say what the image is (`modality`)."
    return above("modality", squares[own] - squares[nearest], sample.thresholds["modality_margin"], says)


def check_appearance(sample: Sample) -> Finding:
    """Warn of an image unlike those on which thresholds are based, with the features that differ most."""
    distance, z = distances(sample)[sample.image.info.modality]
    strongest = np.argsort(-np.abs(z))[:NAMED]
    named = " and ".join(appearance.NAMES[index] for index in strongest)
    says = f"Unlike the images that models and intervals rest on, most of all in {named}."
    return above("appearance", distance, sample.thresholds["distance"], says)
