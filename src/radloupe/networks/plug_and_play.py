"""Plug-and-play super resolution of a blurred image with a learned prior (DPSR, Zhang et al., CVPR 2019, algorithm 1)."""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from radloupe.core.errors import InputError

ITERATIONS = 15
FIRST_NOISE, LAST_NOISE = 49 / 255, 2.55 / 255  # noise level that conditions the prior in the first and last iteration


@torch.no_grad()
def restore(
    prior: Callable[[Tensor, Tensor], Tensor],
    low: Float[Tensor, "b c y x"],
    kernel: Float[Tensor, "n side side"],
    sigma: float,
    iterations: int = ITERATIONS,
) -> Float[Tensor, "b c sy sx"]:
    """Restore images in 0..1 that were downsampled, blurred by `kernel` (in low pixels, odd side, sum 1) and given noise of `sigma` > 0.

    Deconvolution, regularised by the current estimate, alternates with enlargement by `prior(low, noise)`, whose noise level falls from
    49/255 to 2.55/255. The blur is periodic at the borders. Raises `InputError` for an invalid kernel or noise.
    """
    side = kernel.shape[-1]
    if sigma <= 0 or side % 2 == 0 or kernel.shape[-2] != side or side > min(low.shape[-2:]):
        raise InputError(
            f"Expected noise above 0 and a square kernel of odd side within the image, found sigma {sigma} and {tuple(kernel.shape)}."
        )
    transfer = transfer_function(kernel, low.shape[-2], low.shape[-1])
    estimate, enlarged = low, low
    for noise in np.geomspace(FIRST_NOISE, LAST_NOISE, iterations).tolist():
        sharp = deblur(low, estimate, transfer, sigma**2 / (3 * noise**2))
        enlarged = prior(sharp, torch.full((1,), noise, dtype=low.dtype, device=low.device))
        estimate = F.interpolate(enlarged, low.shape[-2:], mode="bicubic", antialias=True, align_corners=False)
    return enlarged


def transfer_function(kernel: Float[Tensor, "n side side"], height: int, width: int) -> Tensor:
    """Optical transfer function of the blur for an image of that size: complex, `n 1 height width//2+1`."""
    side = kernel.shape[-1]
    whole = F.pad(kernel[:, None], (0, width - side, 0, height - side))
    return torch.fft.rfft2(whole.roll((-(side // 2), -(side // 2)), (-2, -1)))


def deblur(
    blurred: Float[Tensor, "b c y x"], estimate: Float[Tensor, "b c y x"], transfer: Tensor, trust: float
) -> Float[Tensor, "b c y x"]:
    """Regularised deconvolution: the image z that minimises |kernel*z - blurred|^2 + trust |z - estimate|^2."""
    wanted = transfer.conj() * torch.fft.rfft2(blurred) + trust * torch.fft.rfft2(estimate)
    return torch.fft.irfft2(wanted / (transfer.abs().square() + trust), blurred.shape[-2:])
