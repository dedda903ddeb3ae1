"""Detection of label maps (segmentations), which are enlarged by nearest-neighbour interpolation."""

import numpy as np

from radloupe.degradation.resample import Method
from radloupe.imaging.image import Image
from radloupe.networks.architectures.nearest import Nearest
from radloupe.networks.model import Model

FEW = 16
"""Number of values that no detector's image falls below; binary masks and most segmentations have fewer."""
MANY = 512
"""Number of values above which an image is no label map: more than the labels of any anatomical atlas in use."""
CROWDED = 50
"""Smallest number of pixels per value for a decision."""
SAME = 0.75
"""Smallest share of equal neighbours outside the background; in 8-bit radiographs up to half of the neighbours are equal."""


def is_label_map(image: Image) -> bool:
    """Whether an image looks like a segmentation: whole numbers, few of them, in patches with sharp steps between them.

    Images in Hounsfield units with values below zero are none. A constant image is none.
    """
    pixels = image.pixels
    if pixels.dtype.kind == "f" and not all((np.rint(plane) == plane).all() for plane in image.slices()):
        return False
    values = distinct(image)
    if not 2 <= len(values) <= MANY or pixels.size < CROWDED * len(values) or (image.info.unit == "HU" and values[0] < 0):
        return False
    return len(values) <= FEW or is_patchwork(image, values)


def distinct(image: Image) -> np.ndarray:
    """Distinct values of an image in order; the search stops once there are more than `MANY`."""
    found = np.empty(0, image.pixels.dtype)
    for plane in image.slices():
        found = np.union1d(found, plane)
        if len(found) > MANY:
            break
    return found


def is_patchwork(image: Image, values: np.ndarray) -> bool:
    """Whether neighbours outside the background are mostly equal and elsewhere mostly further apart than one step."""
    same = other = far = 0
    for plane in image.slices():
        ranks = np.searchsorted(values, plane)
        background = np.bincount(ranks.ravel(), minlength=len(values)).argmax()
        a, b = ranks[:, :-1], ranks[:, 1:]
        inside = (a != background) | (b != background)
        steps = np.abs(a - b)[inside]
        same, other, far = same + int((steps == 0).sum()), other + int((steps > 0).sum()), far + int((steps > 1).sum())
    return same >= SAME * (same + other) and far > other / 2


def interpolation_of(model: Model) -> Method:
    """Resampling of a model's rows to another grid: nearest neighbour for labels, antialiased bicubic for intensities."""
    return "nearest" if isinstance(model.network, Nearest) else "bicubic"


def nearest_model(scale: int) -> Model:
    """Nearest-neighbour enlargement as a model for any image."""
    return Model("nearest", Nearest(scale).eval(), "other", degradation="")
