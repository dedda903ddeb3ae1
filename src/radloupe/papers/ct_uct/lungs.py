"""The lungs in a chest CT, by connected pieces of air (micro-CT paper, section 2.1: region growing)."""

from importlib import import_module
from typing import Any

import numpy as np
from jaxtyping import Bool, Real, UInt

from radloupe.core.errors import InputError, UsageError

AIR_HU = -400.0  # between air and soft tissue; aerated lung is near -850 HU
GAS_HU = -950.0
"""Pieces of air with a mean below this are the room or gas, near -1000 HU; the lungs, emphysema included, lie above."""
SMALLEST_ML = 50.0  # the airways outside the lungs hold less
VESSELS_MM = 5.0  # vessels up to twice as wide belong to the lung


def toolkit() -> Any:
    """SimpleITK; raises `UsageError` where it is not installed."""
    try:
        return import_module("SimpleITK")
    except ImportError as error:
        raise UsageError(
            "Expected SimpleITK for the mask of the lungs, found no such package. Install radloupe[data], or choose the setting mask=none."
        ) from error


def lung_mask(hu: Real[np.ndarray, "z y x"], spacing: tuple[float, float, float]) -> Bool[np.ndarray, "z y x"]:
    """Where the lungs are, vessels included, in a CT of Hounsfield units with spacings (x, y, z) in mm.

    Connected pieces of air of `SMALLEST_ML` and more are the room, gas or lung by their mean: lung has tissue in it. So lungs are found
    in a CT that is cropped to them, where they reach the rim as the room does. They are closed in the slices, but never into other air.
    Raises `InputError` where there is none.
    """
    sitk = toolkit()
    air = hu < AIR_HU
    pieces = sitk.ConnectedComponent(sitk.GetImageFromArray(air.astype(np.uint8)))
    smallest = max(1, int(SMALLEST_ML * 1000 / np.prod(spacing)))
    labels = sitk.GetArrayFromImage(sitk.RelabelComponent(pieces, minimumObjectSize=smallest))
    lung = of_lungs(hu, labels)
    radius = [max(1, round(VESSELS_MM / spacing[0])), max(1, round(VESSELS_MM / spacing[1])), 0]
    closed = sitk.GetArrayFromImage(sitk.BinaryMorphologicalClosing(sitk.GetImageFromArray(lung.astype(np.uint8)), radius)).astype(bool)
    mask = (closed & ~air) | lung
    if not mask.any():
        raise InputError(
            "Expected lungs in the CT, found no air inside the body. Check that it shows a chest in HU, or choose the setting mask=none."
        )
    return mask


def of_lungs(hu: Real[np.ndarray, "z y x"], labels: UInt[np.ndarray, "z y x"]) -> Bool[np.ndarray, "z y x"]:
    """The labelled pieces of air whose mean is that of lung; label 0 is none of them."""
    counts = np.bincount(labels.ravel())
    means = np.bincount(labels.ravel(), hu.ravel()) / np.maximum(counts, 1)
    chosen = (means > GAS_HU) & (counts > 0)
    chosen[0] = False
    found: Bool[np.ndarray, "z y x"] = chosen[labels]
    return found
