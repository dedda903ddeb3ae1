"""Gradient-guided super-resolution (SPSR)."""

from typing import Any

from radloupe.networks.architectures.spsr import GradientMagnitude
from radloupe.training.supervised import Batch, Networks, enlarged


def gradients(networks: Networks, batch: Batch) -> dict[str, Any]:
    """`sr` and the generator's own `gradient` image, with the gradient magnitudes `sr_gradient` and `high_gradient` to compare with."""
    outputs = enlarged(networks["generator"], batch["low"], batch)
    magnitude = GradientMagnitude().to(batch["high"].device)
    return outputs | {"sr_gradient": magnitude(outputs["sr"]), "high_gradient": magnitude(batch["high"])}
