"""Reference-based super-resolution (TTSR)."""

import copy
from typing import Any

import torch

from radloupe.networks.network import unwrapped
from radloupe.training.related_reference import related_reference
from radloupe.training.supervised import Batch, Networks, enlarged


def reference(networks: Networks, batch: Batch, related: float = 0.0, level: float = 1.0) -> dict[str, Any]:
    """`sr`, the transferred `textures`, and `levels`: the extractor's features of the result, by a frozen copy of it.

    TTSR compares textures with those of the copy: the transferal perceptual loss trains the main network and never the extractor.

    Args:
        networks: The `generator`.
        batch: `low`, `high` and `reference` in -1..1.
        related: The probability that a reference is replaced by one that resembles the true image (`related_reference`).
        level: Their largest deviation from it, 0 to 1.
    """
    generator = networks["generator"]
    if related:
        own = torch.rand(len(batch["high"]), 1, 1, 1).to(batch["high"]) < related
        batch = {**batch, "reference": torch.where(own, related_reference(batch["high"], level), batch["reference"])}
    outputs = enlarged(generator, batch["low"], batch)
    extractor: Any = copy.deepcopy(unwrapped(generator).extractor).requires_grad_(False)
    return outputs | {"levels": extractor(outputs["sr"])[::-1]}  # as the textures: the coarsest first
