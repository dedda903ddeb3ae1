"""Eager PyTorch: the reference engine, and the only one on an accelerator."""

import copy

import numpy as np
import torch

from radloupe.inference.tiles import Run, batched
from radloupe.networks.model import Model


def torch_engine(model: Model, precision: str, device: str) -> Run:
    """Eager PyTorch, channels last."""
    network = model.network.eval()
    if precision == "bf16":
        network = copy.deepcopy(network).body_in(torch.bfloat16)  # type: ignore[operator]
    network = network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def run(low: np.ndarray) -> np.ndarray:
        batch = torch.from_numpy(batched(low, model.spec)).to(device).contiguous(memory_format=torch.channels_last)
        out: np.ndarray = network(batch)[0, 0].float().cpu().numpy()
        return out

    return run
