"""Two domains without pairs: first a translation both ways (CycleGAN), then super-resolution from translated images."""

from typing import Any

import torch
from torch.nn import functional as F

from radloupe.training.supervised import Batch, Networks, enlarged


def translation(networks: Networks, batch: Batch) -> dict[str, Any]:
    """CycleGAN (Zhu et al., ICCV 2017) between domains of one pixel size, by the networks `translator` and `backward`.

    `fine` (a reduced micro-CT) is made `clinical` and back, and the other way round; and each is translated into its own domain.

    Gives `made_clinical`, `back_fine`, `made_fine`, `back_clinical`, `same_clinical`, `same_fine`.
    """
    forth, back = networks["translator"], networks["backward"]
    made_clinical, made_fine = forth(batch["fine"]), back(batch["clinical"])
    return {
        "made_clinical": made_clinical,
        "back_fine": back(made_clinical),
        "made_fine": made_fine,
        "back_clinical": forth(made_fine),
        "same_clinical": forth(batch["clinical"]),
        "same_fine": back(batch["fine"]),
    }


def scaling(networks: Networks, batch: Batch) -> dict[str, Any]:
    """SR-CycleGAN: `clinical` enlarged to the look of `high` by `generator`, and `high` reduced to the look of `clinical` by `backward`.

    Gives `made_high`, `back_clinical`, `made_clinical`, `back_high`, what each network does to its own domain brought to its size
    (`same_clinical`, `same_high`), and both made images brought to the size of what they came from (`pooled`, `repeated`). `sr` is
    `made_high` of the reduced truth, which is only looked at.
    """
    up, down = networks["generator"], networks["backward"]
    high, clinical = batch["high"], batch["clinical"]
    factor = high.shape[-1] // clinical.shape[-1]
    made_high, made_clinical = up(clinical), down(high)
    with torch.no_grad():
        sr = up(batch["fine"])
    return {
        "sr": sr,
        "made_high": made_high,
        "back_clinical": down(made_high),
        "made_clinical": made_clinical,
        "back_high": up(made_clinical),
        "same_high": up(F.avg_pool2d(high, factor)),
        "same_clinical": down(F.interpolate(clinical, scale_factor=float(factor), mode="bilinear")),
        "pooled": F.avg_pool2d(made_high, factor),
        "repeated": F.interpolate(made_clinical, scale_factor=float(factor), mode="nearest"),
    }


def translated(networks: Networks, batch: Batch) -> dict[str, Any]:
    """`sr` from the reduced micro-CT that the finished translator, as a constant, has made look clinical; `low` is that image."""
    with torch.no_grad():
        low = networks["translator"](batch["fine"])
    return {"low": low} | enlarged(networks["generator"], low, batch)
