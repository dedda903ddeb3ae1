"""OpenVINO: the fastest engine on a CPU (extra `openvino`)."""

import copy
import os

import numpy as np
import torch

from radloupe.errors import UsageError
from radloupe.infer.tiles import Run
from radloupe.nets.model import Model


def openvino_engine(model: Model, precision: str, device: str) -> Run:
    """The network compiled by OpenVINO for sizes that may change; raises `UsageError` where it is not installed."""
    try:
        os.environ.setdefault("OPENVINO_TELEMETRY", "0")
        import openvino
    except ImportError as error:
        raise UsageError("The OpenVINO engine is not installed. Run: pip install 'radloupe[openvino]', or pass --engine torch.") from error
    if device != "cpu":
        raise UsageError("The OpenVINO engine runs on the CPU. Pass --device cpu, or --engine torch.")
    side = max(model.spec.minimum_size, 64)
    network = copy.deepcopy(model.network).eval().cpu()
    graph = openvino.convert_model(network, example_input=torch.zeros(1, 1, side, side), input=[(1, 1, -1, -1)])
    hint = {"INFERENCE_PRECISION_HINT": "f32" if precision == "32" else "bf16", "INFERENCE_NUM_THREADS": torch.get_num_threads()}
    compiled = openvino.compile_model(graph, "CPU", hint)

    def run(low: np.ndarray) -> np.ndarray:
        return np.array(compiled(np.ascontiguousarray(low)[None, None])[0][0, 0])

    return run
