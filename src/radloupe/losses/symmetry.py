"""Symmetry loss of a learnt transform and its inverse."""

import torch

from radloupe.losses.loss import Loss, Maps, Value, check_lists, in_float32, reduced


@in_float32
def symmetry(restored: Maps, given: Maps, reduction: str = "mean") -> Value:
    """Symmetry loss: squared difference of features and their reconstruction, summed over modules (transform-domain MRI, equation 12).

    `given` are the features before the transform, `restored` those after transform and inverse without the threshold. `reduction="mean"`
    averages over elements, as ISTA-Net's code does; `sum` adds them, as printed. Raises `InputError` for lists that do not match.
    """
    check_lists(restored, given)
    return torch.stack([reduced((after - before).square(), reduction) for after, before in zip(restored, given, strict=True)]).sum()


SYMMETRY = Loss(symmetry, "maps")
