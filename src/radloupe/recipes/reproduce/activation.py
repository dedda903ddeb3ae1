"""What the denoising head of AID-SRGAN looks at under different degradations, as heat maps (the paper's figure 3)."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn

from radloupe.nets.adapter import OnGrey, on_grey


def heat(network: nn.Module, low: Float32[np.ndarray, "y x"]) -> Float32[np.ndarray, "y x"]:
    """Gradient-weighted class activation (Selvaraju et al., ICCV 2017) of the head's features, from 0 to 1, for a low picture in 0..1.

    The network has no classes: what is asked for is how much of the picture it takes for damage, the mean square of what denoising changes,
    and features count in whichever direction they change that.
    """
    adapted = on_grey(network).cpu()
    entered = torch.from_numpy(low)[None, None]
    entered = adapted.enter(entered) if isinstance(adapted, OnGrey) else entered
    kept: list[Tensor] = []
    hook = network.get_submodule("head").register_forward_hook(lambda module, inputs, output: kept.append(output))
    try:
        changed = (network.parts(entered).denoised - entered).square().mean()  # type: ignore[operator]
    finally:
        hook.remove()
    (gradient,) = torch.autograd.grad(changed, kept[0])
    weighted = (gradient.mean((-2, -1), keepdim=True) * kept[0]).sum(1)[0].abs().detach()
    return (weighted / weighted.max().clamp(min=torch.finfo(torch.float32).tiny)).numpy()


def heats(network: nn.Module, lows: Mapping[str, Float32[np.ndarray, "y x"]]) -> dict[str, Float32[np.ndarray, "y x"]]:
    """The maps of one picture under several degradations."""
    return {name: heat(network, low) for name, low in lows.items()}
