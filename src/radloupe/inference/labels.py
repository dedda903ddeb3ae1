"""Detection of label maps (segmentations), which are enlarged by nearest-neighbour interpolation."""

import numpy as np

from radloupe.degradation.resample import Method
from radloupe.imaging.image import Image
from radloupe.networks.architectures.nearest import Nearest
from radloupe.networks.model import Model

FEW = 16
"""No detector has so few grey levels; binary masks and most segmentations have fewer."""
MANY = 512
"""More labels than any atlas of the body in use; images of more values are not looked at closely."""
CROWDED = 50
"""Pixels for each value below which a small image of few values proves nothing."""
SAME = 0.75
"""Least share of equal neighbours, the background left out; in radiographs of 8 bits up to half of the neighbours are equal."""


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
    """The values of an image in order, or the first more than `MANY` of them that were met."""
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
    """How rows of a model are resampled to another grid: labels by nearest neighbour, intensities by antialiased bicubic interpolation."""
    return "nearest" if isinstance(model.network, Nearest) else "bicubic"


def nearest_model(scale: int) -> Model:
    """Nearest-neighbour enlargement as a model for any image."""
    return Model("nearest", Nearest(scale).eval(), "other", degradation="")
