"""Bicubic enlargement by a whole factor as one convolution: a baseline, and the base that residual networks add to."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.imaging.interpolation import cubic
from radloupe.networks.check import check_input
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

TAPS = 5  # each phase of Keys' kernel uses 4 taps; an odd window holds the phases on both sides of the centre


def phase_kernels(scale: int) -> Float[Tensor, "phases 1 5 5"]:
    """The kernel of each of the scale*scale output phases, in the order that `pixel_shuffle` reads channels."""
    taps = np.arange(TAPS) - TAPS // 2
    offsets = (np.arange(scale) + 0.5) / scale - 0.5
    weights = cubic(offsets[:, None] - taps)
    phases = np.einsum("ai,bj->abij", weights, weights).reshape(scale * scale, 1, TAPS, TAPS)
    return torch.from_numpy(phases.astype(np.float32))


class BicubicPhases(nn.Module):
    """Keys' cubic interpolation (a = -1/2, as in MATLAB and Pillow) to scale*scale channels, which `pixel_shuffle` arranges as an image.

    Edge pixels are replicated beyond the image. The kernels depend on the scale alone, so they are no part of a checkpoint.
    """

    kernels: Tensor

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.register_buffer("kernels", phase_kernels(scale), persistent=False)

    def forward(self, low: Float[Tensor, "batch 1 y x"]) -> Float[Tensor, "batch phases y x"]:
        """The output phases of each low pixel."""
        return F.conv2d(F.pad(low, (TAPS // 2,) * 4, mode="replicate"), self.kernels)


class Bicubic(Network):
    """Bicubic enlargement (Keys, a = -1/2) as a network: the baseline of every table. Edge pixels are replicated beyond the image."""

    def __init__(self, scale: int, channels: int = 1) -> None:
        super().__init__()
        self.base = BicubicPhases(scale)
        self.spec = NetworkSpec(scale, receptive_field_radius=2, bytes_per_pixel=4 * channels * (3 * scale**2 + 2), channels=channels)

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images, in the unit of the input. Raises `InputError` for other channels."""
        check_input(self.spec, low)
        planes = F.pixel_shuffle(self.base(low.flatten(0, 1)[:, None]), self.spec.scale)
        return planes.view(*low.shape[:2], *planes.shape[2:])
