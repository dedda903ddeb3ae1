"""Heat maps of AID-SRGAN's denoising head under several degradations (class activation, the paper's figure 3)."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor
from torch.nn import functional as F

from radloupe.networks.adapters import OnGrey, on_grey
from radloupe.networks.network import Network, unwrapped

FIELDS = 16  # along each side of a coarse map
Map = Float32[np.ndarray, "y x"]


def heat(network: Network, low: Map) -> Map:
    """Class activation of the head's features, from 0 to 1, for a low image in 0..1.

    The network has no classes: the target is the mean square of the residual that denoising subtracts.
    Features are multiplied by their own gradients and not by the gradients' means (Draelos and Carin, arXiv 2011.08891): these features
    carry the image itself, which such means would show under any degradation.
    """
    adapted = on_grey(network).cpu()
    entered = torch.from_numpy(low)[None, None]
    entered = adapted.enter(entered) if isinstance(adapted, OnGrey) else entered
    kept: list[Tensor] = []
    hook = unwrapped(network).get_submodule("head").register_forward_hook(lambda module, inputs, output: kept.append(output))
    try:
        changed = (network.parts(entered).denoised - entered).square().mean()  # type: ignore[operator]
    finally:
        hook.remove()
    (gradient,) = torch.autograd.grad(changed, kept[0])
    return upto_one((gradient * kept[0]).sum(1)[0].abs().detach()).numpy()


def upto_one(seen: Tensor) -> Tensor:
    """Values divided by their maximum."""
    return seen / seen.max().clamp(min=torch.finfo(torch.float32).tiny)


def coarse(seen: Map) -> Map:
    """Means over 16 x 16 fields at the size of the map, which do not show the image."""
    means = F.adaptive_avg_pool2d(torch.from_numpy(seen)[None, None], FIELDS)
    return upto_one(F.interpolate(means, seen.shape)[0, 0]).numpy()


def heats(network: Network, lows: Mapping[str, Map], fine: bool) -> dict[str, Map]:
    """The maps of one image under several degradations, `fine` or coarse."""
    maps = {name: heat(network, low) for name, low in lows.items()}
    return maps if fine else {name: coarse(seen) for name, seen in maps.items()}
