"""Unpaired training: translation between two domains (CycleGAN), then super-resolution from translated images."""

from typing import Any

import torch
from torch.nn import functional as F

from radloupe.training.supervised import Batch, Networks, enlarged


def translation(networks: Networks, batch: Batch) -> dict[str, Any]:
    """CycleGAN (Zhu et al., ICCV 2017) between domains of one pixel size, by the networks `translator` and `backward`.

    `fine` (a reduced micro-CT) is translated to `clinical` and back, and the other way round; and each into its own domain.

    Gives `fake_clinical`, `reconstructed_fine`, `fake_fine`, `reconstructed_clinical`, `identity_clinical`, `identity_fine`.
    """
    forth, back = networks["translator"], networks["backward"]
    fake_clinical, fake_fine = forth(batch["fine"]), back(batch["clinical"])
    return {
        "fake_clinical": fake_clinical,
        "reconstructed_fine": back(fake_clinical),
        "fake_fine": fake_fine,
        "reconstructed_clinical": forth(fake_fine),
        "identity_clinical": forth(batch["clinical"]),
        "identity_fine": back(batch["fine"]),
    }


def scaling(networks: Networks, batch: Batch) -> dict[str, Any]:
    """SR-CycleGAN: `generator` enlarges `clinical` to the domain of `high`, and `backward` reduces `high` to the domain of `clinical`.

    Gives `fake_high`, `reconstructed_clinical`, `fake_clinical`, `reconstructed_high`, what each network does to its own domain,
    brought to its size (`identity_clinical`, `identity_high`), and both fakes brought to the size of their sources
    (`pooled`, `repeated`). `sr` is `fake_high` of the reduced truth, for validation alone.
    """
    up, down = networks["generator"], networks["backward"]
    high, clinical = batch["high"], batch["clinical"]
    factor = high.shape[-1] // clinical.shape[-1]
    fake_high, fake_clinical = up(clinical), down(high)
    with torch.no_grad():
        sr = up(batch["fine"])
    return {
        "sr": sr,
        "fake_high": fake_high,
        "reconstructed_clinical": down(fake_high),
        "fake_clinical": fake_clinical,
        "reconstructed_high": up(fake_clinical),
        "identity_high": up(F.avg_pool2d(high, factor)),
        "identity_clinical": down(F.interpolate(clinical, scale_factor=float(factor), mode="bilinear")),
        "pooled": F.avg_pool2d(fake_high, factor),
        "repeated": F.interpolate(fake_clinical, scale_factor=float(factor), mode="nearest"),
    }


def translated(networks: Networks, batch: Batch) -> dict[str, Any]:
    """`sr` from the reduced micro-CT translated to clinical CT by the finished, frozen translator; `low` is that translation."""
    with torch.no_grad():
        low = networks["translator"](batch["fine"])
    return {"low": low} | enlarged(networks["generator"], low, batch)
