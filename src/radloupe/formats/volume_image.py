"""Volumes of the formats that store geometry but neither modality nor unit: NIfTI, MetaImage, NRRD."""

from collections.abc import Sequence

import numpy as np

from radloupe.core.errors import InputError
from radloupe.formats.note import noted
from radloupe.imaging import geometry
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage

TISSUE_HU = -500.0  # only CT has air, near -1000 HU; MR and radiographs have nothing this far below zero


def volume(pixels: np.ndarray, affine: np.ndarray, comment: str) -> Image:
    """An image of values (c z y x) without a rescale; modality and unit come from the file's comment, or are guessed."""
    storage = Storage(pixels.dtype.name, pixels.dtype.itemsize * 8)
    return Image(pixels, affine, noted(comment, guess_info(pixels, storage)))


def guess_info(pixels: np.ndarray, storage: Storage) -> PixelInfo:
    """CT in Hounsfield units where the smallest value is below -500, MR in arbitrary units otherwise.

    These formats do not name the modality, so this is a guess, and the only one, for files that others wrote; `modality` of `read`
    overrides it.
    """
    is_ct = pixels.min() < TISSUE_HU
    return PixelInfo("HU", "CT", storage=storage) if is_ct else PixelInfo("arbitrary", "MR", storage=storage)


def array_shape(sizes: Sequence[int]) -> tuple[int, int, int, int]:
    """The shape c, z, y, x of two to four axes, x first; the fourth (time, say) becomes c. Raises `InputError` for others."""
    if not 2 <= len(sizes) <= 4:
        raise InputError(f"Expected an image with 2 to 4 axes, found {len(sizes)}. Save each volume in its own file.")
    x, y, z, c = (*sizes, 1, 1)[:4]
    return c, z, y, x


def itk_affine(origin: np.ndarray, directions: np.ndarray, spacing: np.ndarray) -> np.ndarray:
    """The affine of n = 2, 3 or 4 axes in ITK's terms: LPS mm, direction cosines as columns (n x n), spacing in mm.

    A plane lies at z = 0 and is 1 mm thick; a fourth axis is not space. Raises `InputError` for what is not a placement.
    """
    n = min(len(origin), 3)
    position, cosines, sizes = np.zeros(3), np.eye(3), np.ones(3)
    position[:n], cosines[:n, :n], sizes[:n] = origin[:n], directions[:n, :n], spacing[:n]
    lengths = np.linalg.norm(cosines, axis=0)
    if not (np.isfinite(position).all() and np.isfinite(sizes).all() and (sizes > 0).all()):
        raise InputError(
            f"Expected a finite origin and a spacing above zero, found {position.tolist()} and {sizes.tolist()}. Repair the header."
        )
    if not (np.abs(lengths - 1) < geometry.ORTHOGONALITY).all():
        raise InputError(f"Expected direction cosines of length 1, found the lengths {lengths.tolist()}. Repair the header.")
    return geometry.from_lps(position.tolist(), cosines, sizes.tolist())
