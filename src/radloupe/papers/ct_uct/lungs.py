"""The lungs in a chest CT, by region growing (micro-CT paper, section 2.1)."""

from importlib import import_module
from typing import Any

import numpy as np
from jaxtyping import Bool, Real

from radloupe.core.errors import InputError, UsageError

AIR_HU = -400.0  # between air and soft tissue; aerated lung is near -850 HU
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
    """Mask of the lungs, vessels included, in a CT in Hounsfield units with spacing (x, y, z) in mm.

    Region growing from the rim of every slice removes the air around the body. Components of at least `SMALLEST_ML` of the other air are
    the lungs with their airways, closed slice by slice. Raises `InputError` where there is none.
    """
    sitk = toolkit()
    air = hu < AIR_HU
    outside = grown(sitk, air)
    pieces = sitk.ConnectedComponent(sitk.GetImageFromArray((air & ~outside).astype(np.uint8)))
    smallest = int(SMALLEST_ML * 1000 / np.prod(spacing))
    kept = sitk.RelabelComponent(pieces, minimumObjectSize=max(1, smallest)) > 0
    radius = [max(1, round(VESSELS_MM / spacing[0])), max(1, round(VESSELS_MM / spacing[1])), 0]
    mask = sitk.GetArrayFromImage(sitk.BinaryMorphologicalClosing(kept, radius)).astype(bool)
    if not mask.any():
        raise InputError(
            "Expected lungs in the CT, found no air inside the body. Check that it shows a chest in HU, or choose the setting mask=none."
        )
    return mask


def grown(sitk: Any, air: Bool[np.ndarray, "z y x"]) -> Bool[np.ndarray, "z y x"]:
    """The air connected to the rim of the slices: a frame of air is added, so that one seed is enough."""
    framed = np.pad(air, ((0, 0), (1, 1), (1, 1)), constant_values=True).astype(np.uint8)
    found = sitk.ConnectedThreshold(sitk.GetImageFromArray(framed), seedList=[(0, 0, 0)], lower=1, upper=1)
    return sitk.GetArrayFromImage(found)[:, 1:-1, 1:-1].astype(bool)
