"""SSIM loss."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from radloupe.core.errors import InputError
from radloupe.losses.loss import Batch, Loss, Value, chosen, in_float32

CONSTANTS: Mapping[str, tuple[float, float]] = {
    "paper": (0.02, 0.06),
    "squared": (4e-4, 3.6e-3),
    "released": (1e-4, 9e-4),
}
"""C1 and C2. `paper`: as the micro-CT paper prints them; `squared`: (0.01 * 2)^2 and (0.03 * 2)^2, Wang et al.'s for values from -1 to 1;
`released`: the same for values from 0 to 1, which the code of the micro-CT group and of AID-SRGAN uses for every range."""
RADIUS, SIGMA = 5, 1.5
PADDINGS = {"zero": RADIUS, "valid": 0, "global": 0}


@in_float32
def ssim(image: Batch, truth: Batch, window: str = "zero", constants: str | tuple[float, float] = "paper") -> Value:
    """SSIM loss, 1 - SSIM (Wang et al., IEEE TIP 13(4), 2004, equation 13), the mean over positions, channels and batch.

    Windows are Gaussian, 11 x 11, sigma 1.5: `zero` has one at each pixel, with zero padding, `valid` only where it lies inside the image;
    `global` takes the whole image as one window. `constants` are C1 and C2, or a row of `CONSTANTS`. Raises `UsageError` for unknown
    settings, `InputError` for images smaller than the window of `valid`.

    >>> import torch
    >>> from radloupe.losses.structure import ssim
    >>> image = torch.rand(1, 1, 16, 16)
    >>> round(ssim(image, image).item(), 6)
    0.0
    """
    c1, c2 = chosen("constants", constants, CONSTANTS) if isinstance(constants, str) else constants
    mean_a, mean_b, power, product = (averaged(m, window) for m in (image, truth, image**2 + truth**2, image * truth))
    means, squares = mean_a * mean_b, mean_a**2 + mean_b**2
    similarity = (2 * means + c1) / (squares + c1) * (2 * (product - means) + c2) / (power - squares + c2)
    return 1 - similarity.mean()


def averaged(values: Tensor, window: str) -> Tensor:
    """Local means over windows, or means over each channel; raises `UsageError`, `InputError`."""
    margin = chosen("window", window, PADDINGS)
    if window == "global":
        return values.mean((-2, -1), keepdim=True)
    if window == "valid" and min(values.shape[-2:]) <= 2 * RADIUS:
        raise InputError(f"Expected images of at least {2 * RADIUS + 1} pixels a side for SSIM, found {tuple(values.shape[-2:])}.")
    taps = torch.exp(-0.5 * (torch.arange(-RADIUS, RADIUS + 1, device=values.device, dtype=values.dtype) / SIGMA) ** 2)
    kernel = (taps / taps.sum()).reshape(1, 1, -1, 1)
    planes = values.reshape(-1, 1, *values.shape[-2:])
    return F.conv2d(F.conv2d(planes, kernel, padding=(margin, 0)), kernel.mT, padding=(0, margin))


SSIM = Loss(ssim)
