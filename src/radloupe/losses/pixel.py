"""Pixel losses."""

from radloupe.losses.loss import Batch, Loss, Value, in_float32


@in_float32
def l1(image: Batch, truth: Batch) -> Value:
    """L1 loss: mean absolute difference, in the images' unit."""
    return (image - truth).abs().mean()


@in_float32
def mse(image: Batch, truth: Batch) -> Value:
    """L2 loss (MSE): mean squared difference, in the square of the images' unit."""
    return (image - truth).square().mean()


@in_float32
def charbonnier(image: Batch, truth: Batch, epsilon: float = 1e-3) -> Value:
    """Charbonnier loss: the mean of sqrt(d^2 + epsilon^2), where d is the difference.

    It is a squared error for small d and an absolute one for large d; identical images give epsilon.

    Source: Charbonnier et al., ICIP 1994; in super-resolution Lai et al., CVPR 2017, with epsilon 1e-3 for values from 0 to 1.
    """
    return ((image - truth).square() + epsilon**2).sqrt().mean()


L1, MSE, CHARBONNIER = Loss(l1), Loss(mse), Loss(charbonnier, identical=1e-3)
