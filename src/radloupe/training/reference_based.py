"""Super-resolution with a sharp image of something else beside it (TTSR)."""

import copy
from typing import Any

from radloupe.networks.network import unwrapped
from radloupe.training.supervised import Batch, Networks, enlarged


def reference(networks: Networks, batch: Batch) -> dict[str, Any]:
    """`sr`, the transferred `textures`, and `levels`: the extractor's features of the result, by a frozen copy of it.

    The copy is what TTSR compares textures with: the transferal perceptual loss trains the main network and never the extractor.
    """
    generator = networks["generator"]
    outputs = enlarged(generator, batch["low"], batch)
    extractor: Any = copy.deepcopy(unwrapped(generator).extractor).requires_grad_(False)
    return outputs | {"levels": extractor(outputs["sr"])[::-1]}  # as the textures: the coarsest first
