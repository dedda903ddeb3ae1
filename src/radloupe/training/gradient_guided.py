"""Super-resolution that looks at the picture's gradients too (SPSR)."""

from typing import Any

from radloupe.networks.architectures.spsr import GradientMagnitude
from radloupe.training.supervised import Batch, Networks, enlarged


def gradients(networks: Networks, batch: Batch) -> dict[str, Any]:
    """`sr` and the generator's own `gradient` picture, with the gradient magnitudes `sr_gradient` and `high_gradient` to compare with."""
    made = enlarged(networks["generator"], batch["low"], batch)
    magnitude = GradientMagnitude().to(batch["high"].device)
    return made | {"sr_gradient": magnitude(made["sr"]), "high_gradient": magnitude(batch["high"])}
