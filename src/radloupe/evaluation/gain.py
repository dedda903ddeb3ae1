"""How much better than bicubic enlargement a model is, image by image, the way its users run it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from radloupe.data.sources import Item
from radloupe.degradation import centred, degrade
from radloupe.evaluation.methods import enlarged, interpolated
from radloupe.evaluation.patient_statistics import patient_means
from radloupe.evaluation.scoring import cropped, inside
from radloupe.imaging.image import Image
from radloupe.inference.engines import bf16_engines, cannot_bf16
from radloupe.metrics.anatomy import anatomy
from radloupe.metrics.inside import figures_inside, flat, nested
from radloupe.metrics.protocol import measure
from radloupe.metrics.statistics import mean_and_interval
from radloupe.networks.model import Model

WITH_INTERVAL = ("anatomy_gain_db", "anatomy_median_block_gain_db", "gain_db")
"""Figures whose interval over patients is given beside them."""
DIGITS = 4


@dataclass(frozen=True)
class Score:
    """The figures of one image under the protocol `plain`."""

    name: str
    patient: str
    figures: dict[str, float]
    """Flat: those in the anatomy with a prefix (`metrics.inside.flat`)."""


def score(item: Item, model: Model) -> Score:
    """Degrade an image as the model's training images were, enlarge it both ways, and compare with the original."""
    low, truth = pair(item, model)
    grid, where = centred(model.degradation, model.spec.scale), anatomy(truth)
    large, bicubic = enlarged(low, model), interpolated(low, model.spec.scale, "bicubic", grid)
    found = flat(inside(large, truth, where, "plain", low=low, centred=grid))
    found |= flat({f"bicubic_{name}": value for name, value in figures_inside(bicubic, truth, where).items()})
    for kind, image in (("", large), ("bicubic_", bicubic)):
        figures = measure(image, truth)
        found |= {f"{kind}{name}": figures[name] for name in ("psnr", "ssim")}
    return Score(item.name, item.patient, found | {"gain_db": found["psnr"] - found["bicubic_psnr"]})


def lost(items: Iterable[Item], model: Model) -> dict[str, float]:
    """The PSNR in dB in the anatomy that bfloat16 loses against eager float32, the mean over images, by engine and precision.

    Empty for a model that cannot run in bfloat16 on this machine; an engine that is not installed is left out.
    """
    engines = bf16_engines()
    free = replace(model, engine_loss_db={f"{name}-bf16": 0.0 for name in engines})  # to be measured, not yet to be judged
    if not engines or cannot_bf16(free, "torch", "cpu"):
        return {}
    losses = [loss_of(item, free, engines) for item in items]
    return {f"{name}-bf16": round(float(np.mean([loss[name] for loss in losses])), DIGITS) for name in engines}


def loss_of(item: Item, model: Model, engines: Iterable[str]) -> dict[str, float]:
    """What each engine in bfloat16 loses on one image."""
    low, truth = pair(item, model)
    where = anatomy(truth)
    plain, *others = (
        figures_inside(enlarged(low, model, *how), truth, where)["psnr"] for how in [("32",), *(("bf16", "cpu", name) for name in engines)]
    )
    return {name: plain - other for name, other in zip(engines, others, strict=True)}


def pair(item: Item, model: Model) -> tuple[Image, Image]:
    """The low image, degraded as the model's training images were, and the truth."""
    truth = cropped(item.image, model.spec.scale)
    return degrade(truth, model.degradation, model.spec.scale), truth


def summarise(scores: Iterable[Score]) -> dict[str, Any]:
    """Means of patients' means with 95 % intervals over patients, where there are five, and what was counted.

    The figures in the anatomy stand under `anatomy`; `..._ci95` are the intervals, None where there is none.
    """
    rows = list(scores)
    patients = [row.patient for row in rows]
    found: dict[str, Any] = {}
    for name in rows[0].figures:
        mean, interval = mean_and_interval(patient_means(np.array([row.figures[name] for row in rows]), patients).tolist())
        found[name] = round(mean, DIGITS)
        if name in WITH_INTERVAL:
            found[f"{name}_ci95"] = [round(end, DIGITS) for end in interval] if interval else None
    return nested(found) | {"images": len(rows), "patients": len(set(patients)), "protocol": "plain"}
