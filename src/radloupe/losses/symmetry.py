"""How far a pair of transforms is from undoing each other."""

import torch

from radloupe.losses.loss import Loss, Maps, Value, check_lists, in_float32, reduced


@in_float32
def symmetry(restored: Maps, given: Maps, reduction: str = "mean") -> Value:
    """Sum over modules of the squared difference between what went in and what came back (transform-domain MRI, equation 12).

    `given` are the features before the transform, `restored` those after transform and inverse without the threshold. `reduction="mean"`
    averages over elements, as ISTA-Net's code does; `sum` adds them up, as printed. Raises `InputError` for lists that do not match.
    """
    check_lists(restored, given)
    return torch.stack([reduced((after - before).square(), reduction) for after, before in zip(restored, given, strict=True)]).sum()


SYMMETRY = Loss(symmetry, "maps")
