"""Bicubic enlargement by a whole factor as one convolution: the base that residual networks add to."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.kernels import cubic

TAPS = 5  # each phase of Keys' kernel uses 4 of them; an odd window holds the phases on both sides of the centre


def phase_kernels(scale: int) -> Float[Tensor, "phases 1 5 5"]:
    """The kernel of each of the scale*scale output phases, in the order that `pixel_shuffle` reads channels."""
    taps = torch.arange(TAPS, dtype=torch.float64) - TAPS // 2
    offsets = (torch.arange(scale, dtype=torch.float64) + 0.5) / scale - 0.5
    weights = torch.from_numpy(cubic((offsets[:, None] - taps).numpy()))
    return torch.einsum("ai,bj->abij", weights, weights).reshape(scale * scale, 1, TAPS, TAPS).float()


class Bicubic(nn.Module):
    """Keys' cubic (a = -1/2, as MATLAB and Pillow) onto scale*scale channels; `pixel_shuffle` makes them the enlarged image.

    Beyond the image its edge pixels go on. The kernels depend on the scale alone, so they are no part of a checkpoint.
    """

    kernels: Tensor

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.register_buffer("kernels", phase_kernels(scale), persistent=False)

    def forward(self, low: Float[Tensor, "batch 1 y x"]) -> Float[Tensor, "batch phases y x"]:
        """The output phases of each low pixel."""
        return F.conv2d(F.pad(low, (TAPS // 2,) * 4, mode="replicate"), self.kernels)
