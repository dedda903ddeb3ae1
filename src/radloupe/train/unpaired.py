"""Two domains without pairs: first a translation both ways (CycleGAN), then super-resolution from translated images."""

from typing import Any

import torch

from radloupe.train.procedures import Batch, Networks, enlarged


def translation(networks: Networks, batch: Batch) -> dict[str, Any]:
    """`fine` (a reduced micro-CT) made `clinical` and back, and the other way round; and each translated into its own domain.

    Gives `made_clinical`, `back_fine`, `made_fine`, `back_clinical`, `same_clinical`, `same_fine`.
    """
    forth, back = networks["generator"], networks["backward"]
    made_clinical, made_fine = forth(batch["fine"]), back(batch["clinical"])
    return {
        "made_clinical": made_clinical,
        "back_fine": back(made_clinical),
        "made_fine": made_fine,
        "back_clinical": forth(made_fine),
        "same_clinical": forth(batch["clinical"]),
        "same_fine": back(batch["fine"]),
    }


def translated(networks: Networks, batch: Batch) -> dict[str, Any]:
    """`sr` from the reduced micro-CT that the finished translator, as a constant, has made look clinical; `low` is that image."""
    with torch.no_grad():
        low = networks["translator"](batch["fine"])
    return {"low": low} | enlarged(networks["generator"], low, batch)
