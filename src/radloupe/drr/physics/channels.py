"""Channels of a projection: the whole CT, or one channel per label of its masks."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from jaxtyping import Bool, Float, Real, Shaped

from radloupe.core.errors import InputError, LimitError
from radloupe.drr.volume import Volume
from radloupe.imaging import image as images
from radloupe.imaging.geometry import LPS_TO_RAS, shift
from radloupe.imaging.image import Image

LABELS = 256  # each is a volume in memory and an image; whole-body segmentations have about 120
SAME_MM = 0.01  # tolerance of a mask's grid against the CT's; headers round to about a micrometre

Fields = Callable[[Real[np.ndarray, "z y x"]], Sequence[Float[np.ndarray, "z y x"]]]
"""Functions from Hounsfield units to the quantities that are integrated along rays."""


def check_ct(ct: Image) -> None:
    """Raise `InputError` unless the image is a single CT volume of finite Hounsfield units."""
    images.check(ct)
    if ct.info.unit != "HU":
        raise InputError(
            f"Expected a CT in Hounsfield units, found {ct.info.modality} pixels in the unit {ct.info.unit!r}. "
            "Give a CT; if the values are Hounsfield units, set the unit and modality in the image's info."
        )
    if ct.pixels.shape[0] > 1:
        raise InputError(f"Expected one CT volume, found a series of {ct.pixels.shape[0]}. Choose one of them.")
    if min(ct.shape) < 2:
        found = " x ".join(map(str, ct.shape))
        raise InputError(f"Expected a CT volume of at least two slices, rows and columns, found {found}. Give the whole series.")


def check_masks(ct: Image, masks: Image) -> None:
    """Raise `InputError` unless masks are whole numbers on the CT's grid, and `LimitError` for too many labels."""
    if masks.pixels.dtype.kind not in "iub":
        raise InputError(f"Expected masks of whole numbers, a label per voxel, found {masks.pixels.dtype}.")
    apart = np.abs((masks.affine - ct.affine) @ [*ct.shape[::-1], 1.0]).max()
    if masks.pixels.shape != ct.pixels.shape or apart > SAME_MM:
        raise InputError(
            f"Expected masks on the CT's grid, found {' x '.join(map(str, masks.shape))} voxels up to {apart:.3g} mm from the CT's "
            f"{' x '.join(map(str, ct.shape))}. Resample them to the CT first."
        )
    count = len(np.unique(masks.pixels))
    if count > LABELS:
        raise LimitError(f"Expected at most {LABELS} labels, found {count}. Project them in parts.")


def channel_volumes(ct: Image, fields: Fields, masks: Image | None = None) -> list[list[Volume]]:
    """Volumes of each channel, one per field: of the whole CT, or a channel per label in ascending order.

    Outside its label a channel's field is zero, so the channels of all labels, 0 among them, add up to the whole. The volumes keep the CT's
    grid: between slices the field is interpolated linearly. Raises `InputError` or `LimitError`.
    """
    check_ct(ct)
    to_lps = LPS_TO_RAS @ ct.affine
    if masks is None:
        return [[Volume(values, to_lps) for values in fields(ct.pixels[0])]]
    check_masks(ct, masks)
    whole = fields(ct.pixels[0])
    return [[masked(Volume(values, to_lps), mask) for values in whole] for mask in each_label(masks.pixels[0])]


def each_label(marks: Shaped[np.ndarray, "z y x"]) -> Iterator[Bool[np.ndarray, "z y x"]]:
    """Mask of each label."""
    for label in np.unique(marks):
        yield marks == label


def masked(volume: Volume, mask: Bool[np.ndarray, "z y x"]) -> Volume:
    """Volume inside a mask, cropped to it."""
    used = (np.flatnonzero(mask.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1)))
    box = tuple(slice(int(indices[0]), int(indices[-1]) + 1) for indices in used)
    return Volume(np.where(mask[box], volume.values[box], 0), shift(volume.to_lps, [part.start for part in reversed(box)]))
