"""Total-variation loss."""

from radloupe.losses.loss import Batch, Loss, Value, chosen, in_float32


@in_float32
def total_variation(image: Batch, form: str = "released") -> Value:
    """Total-variation loss: squared differences of vertical and horizontal neighbours.

    `released` (XPGAN's code): twice the sum of both mean squares over the image. `paper` (XPGAN, equation 5): the sum over the pixels
    that have both neighbours, averaged over the batch. Raises `UsageError` for another form.
    """
    down, across = (image.diff(dim=axis).square() for axis in (-2, -1))
    if chosen("form", form, {"released": True, "paper": False}):
        return 2 * (down.mean() + across.mean())
    return (down[..., :-1].sum() + across[..., :-1, :].sum()) / len(image)


TOTAL_VARIATION = Loss(total_variation, "image", identical=None)
