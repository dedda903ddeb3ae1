"""Super-resolution that looks at the picture's gradients too (SPSR)."""

from typing import Any

from radloupe.losses.edge import magnitude
from radloupe.train.procedures import Batch, Networks, enlarged


def gradients(networks: Networks, batch: Batch) -> dict[str, Any]:
    """`sr` and the generator's own gradient picture, with the gradient magnitudes of `sr` and `high` to compare them with."""
    made = enlarged(networks["generator"], batch["low"], batch)
    return made | {"sr_gradient": magnitude(made["sr"]), "high_gradient": magnitude(batch["high"])}
