"""Gain of a model over bicubic interpolation on images degraded as its training images were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from radloupe.data.sources import Item
from radloupe.degradation import centred, degrade
from radloupe.evaluation.methods import interpolated, upscaled
from radloupe.evaluation.patient_statistics import patient_means
from radloupe.evaluation.scoring import cropped, inside
from radloupe.imaging.image import Image
from radloupe.inference.engines import lossy_forms
from radloupe.metrics.anatomy_mask import anatomy
from radloupe.metrics.inside import flat, masked_metrics, nested
from radloupe.metrics.protocol import measure
from radloupe.metrics.statistics import mean_and_interval
from radloupe.networks.model import Model

WITH_INTERVAL = ("anatomy_gain_db", "anatomy_median_block_gain_db", "gain_db")
"""Metrics reported with a confidence interval over patients."""
DIGITS = 4
Form = tuple[str, str]
"""An engine and a precision."""


@dataclass(frozen=True)
class Score:
    """Metrics of one image under the protocol `plain`, for the model and for bicubic interpolation."""

    name: str
    patient: str
    metrics: dict[str, float]
    """Metrics by name; those in the anatomy have a prefix (`metrics.inside.flat`)."""


def score(item: Item, model: Model) -> Score:
    """Metrics of one image: degraded as the model's training images were, super-resolved and interpolated, compared with the original."""
    low, truth = pair(item, model)
    grid, where = centred(model.degradation, model.spec.scale), anatomy(truth)
    large, bicubic = upscaled(low, model), interpolated(low, model.spec.scale, "bicubic", grid)
    found = flat(inside(large, truth, where, "plain", low=low, centred=grid))
    found |= flat({f"bicubic_{name}": value for name, value in masked_metrics(bicubic, truth, where).items()})
    for kind, image in (("", large), ("bicubic_", bicubic)):
        values = measure(image, truth)
        found |= {f"{kind}{name}": values[name] for name in ("psnr", "ssim")}
    return Score(item.name, item.patient, found | {"gain_db": found["psnr"] - found["bicubic_psnr"]})


def lost(items: Iterable[Item], model: Model, forms: Sequence[Form] | None = None) -> dict[str, float]:
    """Mean loss of PSNR in the anatomy, in dB, against eager float32, by engine and precision.

    `forms` are by default all that the model supports on this machine; the result is empty for a model without any.
    """
    forms = lossy_forms(model) if forms is None else forms
    if not forms:
        return {}
    names = [f"{engine}-{precision}" for engine, precision in forms]
    free = replace(model, engine_loss_db=dict.fromkeys(names, 0.0))  # to be measured: no engine is excluded
    losses = [losses_of(item, free, forms) for item in items]
    return {name: round(float(np.mean(column)), DIGITS) for name, column in zip(names, zip(*losses, strict=True), strict=True)}


def losses_of(item: Item, model: Model, forms: Iterable[Form]) -> list[float]:
    """Loss of PSNR of each engine and precision on one image."""
    low, truth = pair(item, model)
    where = anatomy(truth)

    def psnr(engine: str, precision: str) -> float:
        return masked_metrics(upscaled(low, model, precision, "cpu", engine), truth, where)["psnr"]

    plain = psnr("torch", "32")
    return [plain - psnr(*form) for form in forms]


def pair(item: Item, model: Model) -> tuple[Image, Image]:
    """The low-resolution image, degraded as the model's training images were, and the truth."""
    truth = cropped(item.image, model.spec.scale)
    return degrade(truth, model.degradation, model.spec.scale), truth


def summarise(scores: Iterable[Score]) -> dict[str, Any]:
    """Means over patients with 95 % confidence intervals, and the numbers of images and patients.

    Metrics in the anatomy are under `anatomy`; `..._ci95` are the intervals, None below five patients.
    """
    rows = list(scores)
    patients = [row.patient for row in rows]
    found: dict[str, Any] = {}
    for name in rows[0].metrics:
        mean, interval = mean_and_interval(patient_means(np.array([row.metrics[name] for row in rows]), patients).tolist())
        found[name] = round(mean, DIGITS)
        if name in WITH_INTERVAL:
            found[f"{name}_ci95"] = [round(end, DIGITS) for end in interval] if interval else None
    return nested(found) | {"images": len(rows), "patients": len(set(patients)), "protocol": "plain"}
