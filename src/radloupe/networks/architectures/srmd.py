"""SRMD: a non-blind network conditioned on blur kernel and noise level (Zhang et al., CVPR 2018)."""

import functools

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.core import seeds
from radloupe.core.errors import InputError
from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.checkpoints.keys import Rules, official
from radloupe.networks.layers.blocks import conv
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

SIDE = 15  # of the blur kernels, pixels
COEFFICIENTS = 15  # PCA coefficients of a kernel
SAMPLES = 10_000  # kernels that the basis is computed from


def gaussian_kernels(
    first: Float[np.ndarray, " n"], second: Float[np.ndarray, " n"], angle: Float[np.ndarray, " n"], side: int = SIDE
) -> Float[np.ndarray, "n side side"]:
    """Anisotropic Gaussians that sum to 1: variances in pixels squared along two axes, the first turned by `angle` radians from x to y."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    along, across = cos * x + sin * y, cos * y - sin * x
    weights = np.exp(-0.5 * (along**2 / first[:, None, None] + across**2 / second[:, None, None]))
    return weights / weights.sum((1, 2), keepdims=True)


def delta_kernel() -> Float[Tensor, "1 side side"]:
    """Kernel for an unknown blur: the narrowest Gaussian of training."""
    narrow = np.full(1, 0.1)
    return torch.from_numpy(gaussian_kernels(narrow, narrow, np.zeros(1))).float()


@functools.cache
def kernel_basis() -> Float[np.ndarray, "coefficients pixels"]:
    """PCA basis of sampled kernels: unit vectors over a kernel's pixels, column by column.

    Variances from 0.1 to 10.1 and from 0.1 to the first, any angle. The official basis came from other samples and cannot be had again.
    """
    draw = seeds.generator(0, "srmd", "kernels")
    first = draw.uniform(0.1, 10.1, SAMPLES)
    kernels = gaussian_kernels(first, draw.uniform(0.1, first), draw.uniform(0, np.pi, SAMPLES))
    vectors = kernels.transpose(0, 2, 1).reshape(SAMPLES, -1)
    basis = np.linalg.eigh(vectors.T @ vectors)[1].T[::-1][:COEFFICIENTS]
    largest = np.take_along_axis(basis, np.abs(basis).argmax(1, keepdims=True), 1)
    return (basis * np.sign(largest)).astype(np.float32)  # sign such that the largest component is positive


class SRMD(Network):
    """SRMD: non-blind super-resolution for multiple degradations (Zhang et al., CVPR 2018, figure 3); images in 0..1.

    `forward(low, kernel, noise)`: `batch channels y x`, blur kernels `batch|1 15 15` of sum 1 and noise levels `batch|1`
    (standard deviation, 0..1) to `batch channels scale*y scale*x`. The PCA basis of kernels is saved with the weights:
    a foreign checkpoint needs its own.

    Args:
        scale: Enlargement factor.
        channels: Of the images.
        width: Feature channels.
        layers: Convolutions.
    """

    basis: Tensor

    def __init__(self, scale: int, channels: int = 3, width: int = 128, layers: int = 12) -> None:
        super().__init__()
        self.register_buffer("basis", torch.from_numpy(kernel_basis().copy()))
        middle = [layer for _ in range(layers - 2) for layer in (conv(width, width), nn.ReLU(inplace=True))]
        self.layers = nn.Sequential(
            conv(channels + COEFFICIENTS + 1, width),
            nn.ReLU(inplace=True),
            *middle,
            conv(width, channels * scale * scale),
            nn.PixelShuffle(scale),
        )
        widest = max(2 * width, width + channels * scale**2, 2 * channels * scale**2)  # two layers' results beside the input planes
        self.spec = NetworkSpec(scale, layers, 4 * (channels + COEFFICIENTS + 2 + widest), channels, needs=("kernel", "noise"))

    def forward(
        self,
        low: Float[Tensor, "b c y x"],
        kernel: Float[Tensor, "k side side"] | None = None,
        noise: Float[Tensor, " n"] | None = None,
    ) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images; one kernel and one noise for each, or one for all."""
        check_input(self.spec, low, kernel=kernel, noise=noise)
        if kernel is None or noise is None or kernel.shape[-2:] != (SIDE, SIDE):
            found = "none" if kernel is None else tuple(kernel.shape)
            raise InputError(f"The network expects kernels of {SIDE} by {SIDE} pixels and as many noises, found {found}.")
        coefficients = kernel.transpose(1, 2).flatten(1) @ self.basis.T
        planes = [low, *(value[:, :, None, None].expand(len(low), -1, *low.shape[2:]) for value in (coefficients, noise[:, None]))]
        return self.layers(torch.cat(planes, 1))


NAMES: Rules = [(r"^layers", "model")]
"""The basis is no part of the official files: for conversion, add its 15 by 225 matrix as `basis`."""
SRMD_ROW = Architecture(
    SRMD,
    (4, 2, 3),
    "Zhang et al., CVPR 2018",
    small={"width": 16, "layers": 3},
    keys=official(SRMD, NAMES),
    note="The basis for kernels is Radloupe's own.",
)
