"""Edge loss."""

import torch
from torch import Tensor
from torch.nn import functional as F

from radloupe.losses.loss import Batch, Loss, Value, chosen, in_float32, reduced

DOWN = ((-1.0, -2.0, -1.0), (0.0, 0.0, 0.0), (1.0, 2.0, 1.0))  # Sobel kernel along y; its transpose is the one along x
FLAT = 1e-6
"""Added under the square root, where the gradient of the magnitude would be infinite in flat regions."""


@in_float32
def edge(image: Batch, truth: Batch, form: str = "magnitude", reduction: str = "mean") -> Value:
    """Edge loss: mean squared difference of Sobel gradients with a mirrored border (transform-domain MRI, equation 12).

    `magnitude` compares sqrt(gx^2 + gy^2 + 1e-6); `components` adds the squared differences of both gradients. Raises `UsageError` for
    another form.
    """
    if chosen("form", form, {"magnitude": True, "components": False}):
        return reduced((magnitude(image) - magnitude(truth)).square(), reduction)
    return reduced(gradients(image - truth).square().sum(1), reduction)


def gradients(image: Batch) -> Tensor:
    """Sobel gradients (batch 2 channel y x), along y and along x."""
    down = torch.tensor(DOWN, dtype=image.dtype, device=image.device)
    planes = F.pad(image, [1] * 4, "reflect").reshape(-1, 1, image.shape[-2] + 2, image.shape[-1] + 2)
    both = F.conv2d(planes, torch.stack([down, down.mT])[:, None])
    return both.reshape(*image.shape[:2], 2, *image.shape[2:]).transpose(1, 2)


def magnitude(image: Batch) -> Batch:
    """Magnitudes of the Sobel gradients."""
    return (gradients(image).square().sum(1) + FLAT).sqrt()


EDGE = Loss(edge)
