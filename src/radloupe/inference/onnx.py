"""ONNX Runtime engine, and export to ONNX (extra `onnx`)."""

import copy
import logging
import warnings

import numpy as np
import torch

from radloupe.core.errors import UsageError
from radloupe.inference.tiles import Run, batched
from radloupe.networks.model import Model


def export(model: Model) -> bytes:
    """The network as an ONNX graph for images `1 1 y x` of any size, or `1 3 y x` with maps of noise and blur where it takes them."""
    side = torch.export.Dim("y", min=2, max=2**16), torch.export.Dim("x", min=2, max=2**16)
    example = torch.zeros(1, model.spec.input_channels, max(model.spec.minimum_size, 64), max(model.spec.minimum_size, 48))
    network = copy.deepcopy(model.network).eval().cpu()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it reports packages that are not needed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network, (example,), dynamo=True, input_names=["low"], dynamic_shapes=({2: side[0], 3: side[1]},), verbose=False
        )
    graph: bytes = program.model_proto.SerializeToString()  # type: ignore[union-attr]
    return graph


def onnx_engine(model: Model, precision: str, device: str) -> Run:
    """The network in ONNX Runtime; raises `UsageError` where it is not installed or another precision or device is asked for."""
    try:
        import onnxruntime
        import onnxscript  # noqa: F401  the exporter needs it
    except ImportError as error:
        raise UsageError("The ONNX engine is not installed. Run: pip install 'radloupe[onnx]', or choose the `engine` torch.") from error
    if precision != "32" or device != "cpu":
        raise UsageError(
            "The ONNX engine runs in float32 on the CPU. Choose the `precision` 32 and the `device` cpu, or the `engine` torch."
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(export(model), options, providers=["CPUExecutionProvider"])

    def run(low: np.ndarray) -> np.ndarray:
        return np.asarray(session.run(None, {"low": batched(low, model.spec)})[0][0, 0])

    return run
