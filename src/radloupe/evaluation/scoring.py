"""Metrics of one image against the truth: in the anatomy, in the whole image, and gains over interpolation."""

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
from radloupe.metrics.anatomy_mask import Anatomy, anatomy
from radloupe.metrics.inside import PREFIX, flat, masked_metrics, nested
from radloupe.metrics.protocol_settings import SCALE
from radloupe.metrics.statistics import Interval, mean_and_interval

ASSUMED = {"MR": "kspace-centred"}
"""Assumed degradation by modality where only a scale is known: that of the default models, else `bicubic`."""
FOUND = "found"
"""Name of the flag of a found anatomy."""
CLOSE = 0.01
"""Distance, relative to a pixel, below which two grids count as equal."""


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
    """Metrics of an image against the truth, in the anatomy and in the whole image.

    The anatomy is segmented in the truth (`radloupe.metrics.anatomy_mask`) and always scored in whole slices. A low-resolution image, or a
    scale, adds gains over interpolation; with a scale alone the low-resolution image is the truth degraded as for the default
    models, `kspace-centred` for MR and `bicubic` for all others.

    Args:
        image: Pixels `c z y x`.
        truth: Truth of the same shape and unit.
        protocol: A row of `PROTOCOLS`: `plain`, `ttsr`, `xpgan`, `mri`, `uct` or `aid`.
        scale: Super-resolution factor, which determines a protocol's border.
        low: The image that was super-resolved.
        more: Additional rows of `METRICS`, such as `ms_ssim`.
        patch: Side of the patches over which whole-image metrics are averaged; default: whole slices.
        weights: Folder of LPIPS's weights.

    Returns:
        Metrics of the whole image by name, and under `anatomy` `psnr` in dB, `ssim` and `found` (False where no anatomy was found and all
        pixels but the rim were scored); with a low-resolution image also `gain_db`, `median_block_gain_db` and `blocks_below_bicubic`, for
        MR also `gain_over_zero_filling_db`. A metric that is unavailable is NaN.

    Raises:
        UsageError: For an unknown protocol or metric.
        InputError: For different shapes, NaN, a constant truth, or a low-resolution image whose size does not divide the truth's.
        WeightsError: For damaged weights.

    >>> import numpy as np
    >>> import radloupe as rl
    >>> truth = rl.Image(np.arange(64 * 64, dtype=np.uint16).reshape(1, 1, 64, 64))
    >>> noisy = rl.Image(truth.pixels + np.uint16(10))
    >>> round(measure(noisy, truth)["psnr"], 2)  # a constant error of 10 of 4095: 20 log10(409.5)
    52.25

    """
    return nested(flat_metrics(image, truth, protocol, scale=scale, low=low, more=more, patch=patch, weights=weights))


def flat_metrics(
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
    """As `measure`, as one flat row: metrics in the anatomy have a prefix (`metrics.inside.flat`)."""
    everywhere = whole.measure(image, truth, protocol, scale=scale or SCALE, more=more, patch=patch, weights=weights)
    if low is None and scale and scale > 1:
        low = degradation.degrade(truth, ASSUMED.get(truth.info.modality, "bicubic"), scale)
    centred, where = low is None or centred_on(low, truth), anatomy(truth)
    found = inside(image, truth, where, protocol, low=low, scale=scale or SCALE, centred=centred)
    return flat(found | {FOUND: not where.whole}) | everywhere


@dataclass(frozen=True)
class Summary:
    """Means over images, or over patients where all patients are known."""

    mean: dict[str, float]
    ci95: dict[str, Interval]
    patients: int | None
    """Number of patients; None where some are unknown, which leaves no intervals: a patient may have several images."""
    without_anatomy: int


def summary(rows: Sequence[Mapping[str, Any]], patients: Sequence[str]) -> Summary:
    """Summary of rows of `flat_metrics`; `patients` has a key for each, empty for an unknown patient."""
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
    """Metrics in the anatomy, with gains over interpolation of the low-resolution image where there is one.

    `scale` determines a protocol's border; `centred` is the grid of the low-resolution image (`degradation.centred`).
    """
    if low is None:
        return masked_metrics(image, truth, where, protocol, scale=scale)
    times = enlargement(low, truth)
    bicubic = interpolated(low, times, "bicubic", centred)
    zeros = interpolated(low, times, "zero-filling", centred) if truth.info.modality == "MR" else None
    image, truth = (cropped(one, times) for one in (image, truth))
    where = replace(where, mask=degradation.cropped(where.mask, times))
    return masked_metrics(image, truth, where, protocol, scale=scale, bicubic=bicubic, zero_filled=zeros)


def enlargement(low: Image, truth: Image) -> int:
    """Factor between a truth and its low-resolution image; raises `InputError` unless it is a whole number above one."""
    times = truth.shape[1] // low.shape[1]
    z, y, x = truth.shape
    if times < 2 or low.pixels.shape[0] != truth.pixels.shape[0] or low.shape != (z, y // times, x // times):
        shapes = ["x".join(map(str, one.pixels.shape)) for one in (truth, low)]
        raise InputError(
            f"Expected a low image whose rows and columns divide the truth's, with as many slices, found {shapes[1]} for a truth "
            f"of {shapes[0]} (c, z, y, x). Name the image that was enlarged."
        )
    return times


def centred_on(low: Image, truth: Image) -> bool:
    """Whether both grids share pixel centres (half-pixel convention) by their geometry; True where it is unknown."""
    times = enlargement(low, truth)
    first = geometry.resample(truth.affine, (1 / times, 1 / times, 1), centred=False)
    return not np.allclose(low.affine, first, atol=CLOSE * min(truth.spacing))


def cropped(image: Image, scale: int) -> Image:
    """Image cropped to whole low-resolution pixels."""
    return replace(image, pixels=degradation.cropped(image.pixels, scale))
