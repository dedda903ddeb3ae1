"""How much better than bicubic enlargement a model is, image by image, the way its users run it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from radloupe.data.sources import Item
from radloupe.degradation import centred, degrade
from radloupe.evaluate.run import cropped
from radloupe.evaluate.ways import enlarged, interpolated
from radloupe.image import Image
from radloupe.metrics.fidelity import psnr
from radloupe.metrics.protocol import value_range
from radloupe.metrics.statistics import mean_and_interval
from radloupe.metrics.structure import ssim
from radloupe.nets.model import Model


@dataclass(frozen=True)
class Score:
    """Means over the slices of one image."""

    name: str
    patient: str
    psnr: float
    ssim: float
    bicubic_psnr: float
    bicubic_ssim: float


def score(item: Item, model: Model, precision: str = "32") -> Score:
    """Degrade an image as the model's training images were, enlarge it both ways, and compare with the original."""
    scale = model.spec.scale
    truth = cropped(item.image, scale)
    low = degrade(truth, model.degradation, scale)
    span = value_range(truth)
    ways = (enlarged(low, model, precision), interpolated(low, scale, "bicubic", centred(model.degradation, scale)))
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
