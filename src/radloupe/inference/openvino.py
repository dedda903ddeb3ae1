"""OpenVINO engine, the fastest on a CPU (extra `openvino`)."""

import copy
import os
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from radloupe.core.errors import UsageError
from radloupe.inference.compiled_network import compiled
from radloupe.inference.tiles import Run, batched
from radloupe.networks.int8 import quantised
from radloupe.networks.model import Model

SIDE = 64  # of the example that a network is traced with


class Finish(nn.Module):
    """Last step of a network with a body: `finish` as a module."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, deep: Tensor, features: Tensor, low: Tensor) -> Tensor:
        """The enlarged images."""
        enlarged: Tensor = self.network.finish(deep, features, low)  # type: ignore[operator]
        return enlarged


def openvino_engine(model: Model, precision: str, device: str) -> Run:
    """The network compiled by OpenVINO for sizes that may change; raises `UsageError` where it is not installed.

    In bfloat16 and int8 the precision applies to the body alone: OpenVINO would cast the first and last convolution and the bicubic path to
    bfloat16 too, which costs radiographs 0.3 dB, so these are compiled separately in float32. In int8 one graph marks the quantised
    convolutions.
    """
    try:
        os.environ.setdefault("OPENVINO_TELEMETRY", "0")
        import openvino  # noqa: F401  whether it is there
    except ImportError as error:
        raise UsageError(
            "The OpenVINO engine is not installed. Run: pip install 'radloupe[openvino]', or choose the `engine` torch."
        ) from error
    if device != "cpu":
        raise UsageError("The OpenVINO engine runs on the CPU. Choose the `device` cpu, or the `engine` torch.")
    network: Any = copy.deepcopy(model.network).eval().cpu()
    low = torch.zeros(1, model.spec.input_channels, *(max(model.spec.minimum_size, SIDE),) * 2)
    if precision == "bf16":
        with torch.no_grad():
            features = network.head(low)
        head, body = compiled(network.head, (low,)), compiled(network.body, (features,), "bf16")
        finish = compiled(Finish(network), (features, features, low))

        def enlarge(low: np.ndarray) -> np.ndarray:
            features = head(low)
            return finish(body(features), features, low)
    else:
        enlarge = compiled(quantised(network, model.int8_ranges) if precision == "int8" else network, (low,))

    return lambda low: np.array(enlarge(batched(low, model.spec))[0, 0])
