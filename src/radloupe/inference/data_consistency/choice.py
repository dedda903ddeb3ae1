"""Choice of the data-consistency correction for a model and an image."""

import warnings

from radloupe import degradation
from radloupe.core.errors import LimitError, RadloupeWarning, UsageError
from radloupe.degradation.kspace import KSpaceCrop
from radloupe.degradation.pseudo_inverse import is_linear
from radloupe.imaging.image import Image
from radloupe.inference.data_consistency.correction import Correction
from radloupe.inference.data_consistency.image_space import ImageSpaceCorrection
from radloupe.inference.data_consistency.k_space import KSpaceCorrection
from radloupe.inference.labels import interpolation_of
from radloupe.networks.model import Model

SHARE = 4
"""Reciprocal of the largest share of memory for a correction."""


def correction_for(image: Image, model: Model, mode: str, memory_bytes: int) -> Correction:
    """Data-consistency correction for the slices of an image; an identity for the `mode` `off` and for label maps.

    Args:
        image: The low-resolution image.
        model: The model, whose degradation is inverted.
        mode: `auto` (weighted by the noise of the input, left out where there is none), `off` or `hard` (weight 1).
        memory_bytes: Total memory, of which a correction takes at most a quarter.

    Warns where `auto` omits it for lack of memory.

    Raises:
        UsageError: For `hard` with a random or unknown degradation.
        LimitError: For `hard` where the correction does not fit into memory.

    """
    hard = mode == "hard"
    if mode == "off" or interpolation_of(model) == "nearest":
        return Correction()
    found = known_correction(model, image.shape[1:], hard)
    if found is None:
        if hard:
            raise UsageError(
                f"Expected a model of a linear or k-space degradation for a `consistency` of hard, found {model.name}, whose degradation "
                f"{model.degradation!r} cannot be inverted. Choose auto or off."
            )
        return Correction()
    if found.buffer_bytes <= memory_bytes // SHARE:
        return found
    needed, allowed = (f"{size / 2**20:.0f} MiB" for size in (found.buffer_bytes, memory_bytes / SHARE))
    text = f"Data consistency of this image takes {needed}, and {allowed} are allowed, a quarter of the memory"
    if hard:
        raise LimitError(f"{text}. Choose a larger `memory`, or a `consistency` of auto or off.")
    warnings.warn(f"{text}; it is left out. Choose a larger `memory` for it.", RadloupeWarning, stacklevel=3)
    return Correction()


def known_correction(model: Model, shape: tuple[int, int], hard: bool) -> Correction | None:
    """Correction for low slices of a shape; None for a degradation without a known pseudo-inverse."""
    scale = model.spec.scale
    if is_linear(model.degradation, scale):
        return ImageSpaceCorrection(model.degradation, scale, shape, hard)
    steps = degradation.example(model.degradation, scale) or ()
    if len(steps) == 1 and isinstance(steps[0], KSpaceCrop):
        return KSpaceCorrection(steps[0], shape, hard)
    return None
