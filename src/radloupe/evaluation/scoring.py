"""The public yardstick: figures in the anatomy first, then those of the whole image, and gains where the low image is known."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from radloupe import degradation
from radloupe.core.errors import InputError
from radloupe.evaluation.methods import interpolated
from radloupe.evaluation.patient_statistics import patient_means
from radloupe.imaging import geometry
from radloupe.imaging.image import Image
from radloupe.metrics import protocol as whole
from radloupe.metrics.anatomy import Anatomy, anatomy
from radloupe.metrics.inside import PREFIX, figures_inside, flat, nested
from radloupe.metrics.protocol_settings import SCALE
from radloupe.metrics.statistics import Interval, mean_and_interval

ASSUMED = {"MR": "kspace-centred"}
"""How low images are taken to be made where only a scale is known: as for the default models, `bicubic` but for these."""
FOUND = "found"
"""Among the figures of the anatomy: whether it could be told from the background."""
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

    `anatomy` holds `psnr`, `ssim` and `found`, False where no anatomy could be told from the background and all but the rim stands for it;
    with the low image that was enlarged, or the scale of the enlargement, also `gain_db`, `median_block_gain_db` and
    `blocks_below_bicubic`, for MR `gain_over_zero_filling_db` too (`metrics.inside.figures_inside`). With a scale alone the low image is
    taken to be the truth degraded as for the default models: `kspace-centred` for MR, `bicubic` for all others. Anatomy is found in the
    truth (`metrics.anatomy.anatomy`) and scored in whole slices, `patch` or not. The rest as `metrics.protocol.measure`, which raises the
    same errors; `InputError` for a low image that the truth is no whole multiple of.
    """
    return nested(figures(image, truth, protocol, scale=scale, low=low, more=more, patch=patch, weights=weights))


def figures(
    image: Image,
    truth: Image,
    protocol: str,
    *,
    scale: int | None,
    low: Image | None,
    more: Sequence[str],
    patch: int | None,
    weights: Path | None,
) -> dict[str, Any]:
    """What `measure` gives as one flat row."""
    everywhere = whole.measure(image, truth, protocol, scale=scale or SCALE, more=more, patch=patch, weights=weights)
    if low is None and scale and scale > 1:
        low = degradation.degrade(truth, ASSUMED.get(truth.info.modality, "bicubic"), scale)
    centred, where = low is None or centred_on(low, truth), anatomy(truth)
    found = inside(image, truth, where, protocol, low=low, scale=scale or SCALE, centred=centred)
    return flat(found | {FOUND: not where.whole}) | everywhere


@dataclass(frozen=True)
class Summary:
    """Means over the rows of some images, and over patients where it is known whose they are."""

    mean: dict[str, float]
    ci95: dict[str, Interval]
    patients: int | None
    """None where it is not known whose images they are: there are no intervals then, since a patient may have several of them."""
    without_anatomy: int


def summary(rows: Sequence[Mapping[str, Any]], patients: Sequence[str]) -> Summary:
    """The summary of flat rows of `figures`; `patients` has a key for each, empty for one that is not known."""
    known = bool(patients) and all(patients)
    mean: dict[str, float] = {}
    ci95: dict[str, Interval] = {}
    for name in dict.fromkeys(name for row in rows for name in row if name != PREFIX + FOUND):
        values = np.array([row.get(name, math.nan) for row in rows], float)
        mean[name], interval = mean_and_interval((patient_means(values, patients) if known else values).tolist())
        ci95[name] = interval if known else None
    return Summary(mean, ci95, len(set(patients)) if known else None, sum(not row[PREFIX + FOUND] for row in rows))


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
    zeros = interpolated(low, times, "zero-filling", centred) if truth.info.modality == "MR" else None
    image, truth = (cropped(one, times) for one in (image, truth))
    where = replace(where, mask=degradation.cropped(where.mask, times))
    return figures_inside(image, truth, where, protocol, scale=scale, bicubic=bicubic, zero_filled=zeros)


def enlargement(low: Image, truth: Image) -> int:
    """How many times a truth is as high and wide as its low image; raises `InputError` where that is no whole number."""
    times = truth.shape[1] // low.shape[1]
    z, y, x = truth.shape
    if times < 2 or low.pixels.shape[0] != truth.pixels.shape[0] or low.shape != (z, y // times, x // times):
        shapes = ["x".join(map(str, one.pixels.shape)) for one in (truth, low)]
        raise InputError(
            f"Expected a low image of a whole fraction of the truth's rows and columns and as many slices, found {shapes[1]} for a truth "
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
