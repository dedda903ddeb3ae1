"""How much better than bicubic enlargement a model is, image by image, the way its users run it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from radloupe import intensity
from radloupe.data.sources import Item
from radloupe.degradation import degrade
from radloupe.degradation.resample import bicubic
from radloupe.image import Image
from radloupe.infer.engines import prepare
from radloupe.infer.plan import plan_tiles
from radloupe.infer.volume import announce, assemble, enlarge
from radloupe.metrics.fidelity import psnr, ssim
from radloupe.metrics.protocol import value_range
from radloupe.metrics.statistics import mean_and_interval
from radloupe.nets.model import Model

TILES_BYTES = 2**30


@dataclass(frozen=True)
class Score:
    """Means over the slices of one image."""

    name: str
    patient: str
    psnr: float
    ssim: float
    bicubic_psnr: float
    bicubic_ssim: float


def enlarged(low: Image, model: Model, precision: str = "32") -> Image:
    """A low image super-resolved in its own type, as `radloupe upscale` does it."""
    run, _ = prepare(model, "torch", precision, "cpu")
    plan = plan_tiles(low.shape, model.spec, TILES_BYTES)
    return assemble(announce(low, model, ""), enlarge(low, model, run, plan))


def enlarged_bicubic(low: Image, scale: int) -> Image:
    """A low image enlarged by bicubic interpolation in its own type."""
    z, y, x = low.shape
    values = bicubic(low.pixels[0], scale, border="edge")
    pixels = intensity.quantise(values, low.meaning, low.pixels.dtype).reshape(1, z, y * scale, x * scale)
    return low.resampled(pixels, (scale, scale, 1), f"enlarged x{scale} by bicubic")


def score(item: Item, model: Model, precision: str = "32") -> Score:
    """Degrade an image as the model's training images were, enlarge it both ways, and compare with the original."""
    scale = model.spec.scale
    _, y, x = item.image.shape
    truth = replace(item.image, pixels=item.image.pixels[..., : y // scale * scale, : x // scale * scale])
    low = degrade(truth, model.degradation, scale)
    span = value_range(truth)
    ways = (enlarged(low, model, precision), enlarged_bicubic(low, scale))
    figures = [over_slices(metric, way, truth, span) for way in ways for metric in (psnr, ssim)]
    return Score(item.name, item.patient, *figures)


def over_slices(metric: Callable[[np.ndarray, np.ndarray, float], float], image: Image, truth: Image, span: float) -> float:
    """The mean of a metric over the slices of an image."""
    return float(np.mean([metric(a, b, span) for a, b in zip(image.slices(), truth.slices(), strict=True)]))


def summarise(scores: Iterable[Score]) -> dict[str, object]:
    """Mean figures over images, the gain over bicubic with its 95 % bootstrap interval over images, and what was counted."""
    rows = list(scores)
    gain, interval = mean_and_interval([row.psnr - row.bicubic_psnr for row in rows])
    means = {key: round(float(np.mean([getattr(row, key) for row in rows])), 4) for key in ("psnr", "ssim", "bicubic_psnr", "bicubic_ssim")}
    rounded = [round(value, 3) for value in interval] if interval else None
    patients = len({row.patient for row in rows})
    return means | {"gain_db": round(gain, 3), "gain_db_ci95": rounded, "images": len(rows), "patients": patients, "protocol": "plain"}
