"""Transferal perceptual loss of reference-based super-resolution (TTSR)."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from radloupe.losses.loss import Loss, Maps, Value, check_lists, in_float32


@in_float32
def texture(levels: Maps, textures: Maps, soft: Float[Tensor, "batch 1 y x"] | None = None) -> Value:
    """Transferal perceptual loss: mean squared difference of texture features, the mean over levels (TTSR, section 3.3).

    `levels` are the extractor's features of the result, `textures` the transferred ones. `soft`, the soft-attention map of TTSR,
    weights both sides by its sigmoid, upsampled to each level; the released code has that off by default. Raises `InputError` for lists of
    different lengths or shapes.
    """
    check_lists(levels, textures)
    differences = [(level - other) * weight(soft, level) for level, other in zip(levels, textures, strict=True)]
    return torch.stack([difference.square().mean() for difference in differences]).mean()


def weight(soft: Tensor | None, level: Tensor) -> Tensor | float:
    """Soft-attention map upsampled to weights of a level; 1 without a map."""
    if soft is None:
        return 1.0
    same = soft.shape[-2:] == level.shape[-2:]
    return torch.sigmoid(soft if same else F.interpolate(soft, level.shape[-2:], mode="bicubic"))


TEXTURE = Loss(texture, "maps")
