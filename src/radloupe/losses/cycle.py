"""Cycle-consistency and identity losses for unpaired translation (CycleGAN)."""

from radloupe.losses.loss import Batch, Loss, Value, in_float32
from radloupe.losses.pixel import l1

CYCLE_WEIGHT, IDENTITY_WEIGHT = 10.0, 5.0  # Zhu et al., ICCV 2017: the identity weight is half the cycle weight in the released code


@in_float32
def cycle(reconstructed: Batch, original: Batch) -> Value:
    """Cycle-consistency loss, one direction: L1 of an image and its reconstruction from the other domain (Zhu et al., equation 2)."""
    return l1(reconstructed, original)


@in_float32
def identity(translated: Batch, original: Batch) -> Value:
    """Identity loss: L1 between an image of a domain and its translation into that domain (Zhu et al., section 5.2)."""
    return l1(translated, original)


CYCLE, IDENTITY = Loss(cycle), Loss(identity)
