"""Non-blind super-resolution, conditioned on the degradation (SRMD, DPSR), which is drawn anew at every step."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from radloupe.core import seeds
from radloupe.networks.architectures.srmd import delta_kernel, gaussian_kernels
from radloupe.networks.layers.blocks import exactly
from radloupe.networks.spec import NetworkSpec
from radloupe.training.supervised import Batch, Networks, enlarged

NOISE, CLEAN = 50 / 255, 0.1  # largest standard deviation, and probability of none (Zhang et al., CVPR 2018, KAIR's code)
VARIANCES = (0.1, 10.1)  # of the anisotropic Gaussians, in high pixels squared


def non_blind(networks: Networks, batch: Batch, low: str = "") -> dict[str, Any]:
    """`low` made from `high` (values from 0 to 1) by a drawn blur, bicubic downsampling and noise, and `sr` conditioned on them.

    A generator that takes no kernel gets no blur. Random numbers are of torch's generator, seeded at every step. Only the generator
    network uses mixed precision; degradations are in float32. Where `low` names images of the batch, these are enlarged in their
    place, conditioned on no blur and no noise.
    """
    generator, high = networks["generator"], batch["high"]
    spec: NetworkSpec = generator.spec  # type: ignore[assignment]
    if low:
        return enlarged(generator, batch[low], neutral(high))
    with exactly(high):
        image, conditioning = degraded(high, spec)
    return {"low": image} | enlarged(generator, image, conditioning)


def neutral(high: Tensor) -> dict[str, Tensor]:
    """The conditioning inputs of images that are neither blurred nor noisy."""
    return {"kernel": delta_kernel().to(high).expand(len(high), -1, -1), "noise": high.new_zeros(len(high))}


def degraded(high: Tensor, spec: NetworkSpec) -> tuple[Tensor, dict[str, Tensor]]:
    """The low images, and the conditioning inputs that a network of the spec takes."""
    rng = seeds.generator(int(torch.randint(2**31, (1,))), "non-blind")
    conditioning: dict[str, Tensor] = {}
    if "kernel" in spec.needs:
        conditioning["kernel"] = kernels(len(high), rng).to(high)
        high = blurred(high, conditioning["kernel"])
    levels = NOISE * rng.random(len(high)) * (rng.random(len(high)) >= CLEAN)
    conditioning["noise"] = torch.from_numpy(levels).to(high)
    low = F.interpolate(high, scale_factor=1 / spec.scale, mode="bicubic", antialias=True)
    return low + conditioning["noise"][:, None, None, None] * torch.from_numpy(rng.standard_normal(tuple(low.shape))).to(low), conditioning


def kernels(count: int, rng: np.random.Generator) -> Tensor:
    """Anisotropic Gaussian blurs of 15 by 15 pixels, as SRMD is trained with."""
    first = rng.uniform(*VARIANCES, count)
    return torch.from_numpy(gaussian_kernels(first, rng.uniform(VARIANCES[0], first), rng.uniform(0, math.pi, count)))


def blurred(high: Tensor, kernel: Tensor) -> Tensor:
    """Each image blurred by its kernel, wrapping around the border."""
    batch, channels, *sides = high.shape
    margin = kernel.shape[-1] // 2
    planes = F.pad(high, [margin] * 4, mode="circular").transpose(0, 1)
    return F.conv2d(planes, kernel[:, None].flip(-1, -2), groups=batch).transpose(0, 1).reshape(batch, channels, *sides)
