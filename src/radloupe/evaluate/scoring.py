"""The public yardstick: figures in the anatomy first, then those of the whole image, and gains where the low image is known."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from radloupe import degradation, geometry
from radloupe.errors import InputError
from radloupe.evaluate.ways import interpolated
from radloupe.image import Image
from radloupe.metrics import protocol as whole
from radloupe.metrics.anatomy import Anatomy, anatomy
from radloupe.metrics.inside import figures_inside, flat, nested
from radloupe.metrics.settings import SCALE

ASSUMED = {"MR": "kspace-centred"}
"""How low images are taken to be made where only a scale is known: as for the default models, `bicubic` but for these."""
CLOSE = 0.01
"""Of a pixel: distance below which two grids lie alike."""


def measure(
    image: Image,
    truth: Image,
    protocol: str = "plain",
    *,
    scale: int | None = None,
    low: Image | None = None,
    more: Sequence[str] = (),
    patch: int | None = None,
    weights: Path | None = None,
) -> dict[str, Any]:
    """Figures of an image against the truth: `anatomy`, those of the pixels that show the patient, and beside it those of the whole image.

    `anatomy` holds `psnr` and `ssim`; with the low image that was enlarged, or the scale of the enlargement, also `gain_db`,
    `median_block_gain_db` and `blocks_below_bicubic`, for MR `gain_over_zero_filling_db` too (`metrics.inside.figures_inside`). With a
    scale alone the low image is taken to be the truth degraded as for the default models: `kspace-centred` for MR, `bicubic` for all
    others. Anatomy is found in the truth (`metrics.anatomy.anatomy`) and scored in whole slices, `patch` or not. The rest as
    `metrics.protocol.measure`, which raises the same errors; `InputError` for a low image that the truth is no whole multiple of.
    """
    figures = whole.measure(image, truth, protocol, scale=scale or SCALE, more=more, patch=patch, weights=weights)
    if low is None and scale and scale > 1:
        low = degradation.degrade(truth, ASSUMED.get(truth.meaning.modality, "bicubic"), scale)
    on_centres = low is None or centred_on(low, truth)
    found = inside(image, truth, anatomy(truth), protocol, low=low, scale=scale or SCALE, centred=on_centres)
    return nested(flat(found) | figures)


def inside(
    image: Image, truth: Image, where: Anatomy, protocol: str, *, low: Image | None, scale: int = SCALE, centred: bool = True
) -> dict[str, float]:
    """Figures in the anatomy, with gains over plain enlargement of the low image where there is one.

    `scale` is what a protocol's border follows; `centred` is the grid of the low image (`degradation.centred`).
    """
    if low is None:
        return figures_inside(image, truth, where, protocol, scale=scale)
    times = enlargement(low, truth)
    bicubic = interpolated(low, times, "bicubic", centred)
    zeros = interpolated(low, times, "zero-filling", centred) if truth.meaning.modality == "MR" else None
    image, truth = (cropped(one, times) for one in (image, truth))
    where = replace(where, mask=degradation.cropped(where.mask, times))
    return figures_inside(image, truth, where, protocol, scale=scale, bicubic=bicubic, zero_filled=zeros)


def enlargement(low: Image, truth: Image) -> int:
    """How many times a truth is as high and wide as its low image; raises `InputError` where that is no whole number."""
    times = truth.shape[1] // low.shape[1]
    z, y, x = truth.shape
    if times < 1 or low.pixels.shape[0] != truth.pixels.shape[0] or low.shape != (z, y // times, x // times):
        shapes = ["x".join(map(str, one.pixels.shape)) for one in (truth, low)]
        raise InputError(
            f"Expected a low image with a whole fraction of the truth's rows and columns and as many slices, found {shapes[1]} for a truth "
            f"of {shapes[0]} (c, z, y, x). Name the image that was enlarged."
        )
    return times


def centred_on(low: Image, truth: Image) -> bool:
    """Whether low pixels lie at the centres of those that they stand for, by the geometry of both; so they do where it does not say."""
    times = enlargement(low, truth)
    first = geometry.resample(truth.affine, (1 / times, 1 / times, 1), centred=False)
    return not np.allclose(low.affine, first, atol=CLOSE * min(truth.spacing))


def cropped(image: Image, scale: int) -> Image:
    """An image without the last rows and columns that fill no low pixel."""
    return replace(image, pixels=degradation.cropped(image.pixels, scale))
