"""Input check: whether an image is a label map."""

from radloupe.inference.gate.finding import Finding
from radloupe.inference.gate.sample import Sample
from radloupe.inference.labels import is_label_map


def check_label_map(sample: Sample) -> Finding:
    """Warn of a segmentation, which is enlarged by nearest neighbour (`inference.labels`)."""
    found = is_label_map(sample.image)
    says = "Looks like a label map (few whole numbers in patches), which is enlarged by nearest neighbour."
    return Finding("label-map", "warn" if found else "ok", says=says if found else "")
