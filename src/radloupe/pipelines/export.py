"""Export of models to ONNX, checked against PyTorch before the file is written."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from radloupe.core import files, seeds
from radloupe.core.errors import UsageError
from radloupe.inference.eager import torch_engine
from radloupe.inference.engines import ENGINE_TOLERANCE
from radloupe.networks.model import Model
from radloupe.zoo.load import load_model

SIZES = ((48, 64), (67, 91))
"""Rows and columns of the comparison images; none is the size that the network is traced with."""


@dataclass(frozen=True)
class OnnxExport:
    """Record of an export, with its agreement with PyTorch."""

    output: Path
    opset: int
    """Version of the default operator set."""
    sizes: tuple[tuple[int, int], ...]
    """Rows and columns of the images compared."""
    difference: float
    """Largest absolute difference to eager float32, relative to the range of its output."""
    sha256: str


def export_onnx(name: str, output: Path, overwrite: bool = False) -> OnnxExport:
    """Write a model as an ONNX graph from `low` (`1 1 y x`, values 0 to 1, any y and x) to the enlarged image.

    Raises:
        UsageError: For a model that needs further inputs, a network that ONNX cannot express, a graph that differs from eager float32
            by more than 1e-4 of the range at one of `SIZES`, a missing extra `onnx`, and for an output that exists.
        WeightsError: For missing or damaged weights.

    """
    files.check_output(output, overwrite)
    model = load_model(name)
    if model.spec.needs or model.spec.dimensions != 2:
        found = f"one that needs {' and '.join(model.spec.needs)}" if model.spec.needs else "one of volumes"
        raise UsageError(f"Expected a model of single slices to export, found {found}: {model.name}. Choose another model.")
    graph, opset = exported(model)
    difference = max(differing(graph, model, size) for size in SIZES)
    if not difference <= ENGINE_TOLERANCE:
        raise UsageError(
            f"The ONNX graph of {model.name} differs from PyTorch by {difference:.2g} of the range, more than {ENGINE_TOLERANCE:g}; "
            "nothing was written. Run this model with PyTorch."
        )
    with files.atomic(output, overwrite) as new:
        new.write_bytes(graph)
    return OnnxExport(output, opset, SIZES, difference, files.sha256(graph))


def exported(model: Model) -> tuple[bytes, int]:
    """The graph and its operator set; raises `UsageError` where the network or this installation cannot be exported."""
    try:
        import onnx

        from radloupe.inference.onnx import export

        graph = export(model)
    except ImportError as error:
        raise UsageError(f"Export needs the extra `onnx` ({error.name} is missing). Run: pip install 'radloupe[onnx]'.") from error
    except Exception as error:  # the exporter raises exceptions of any class
        raise UsageError(f"The network of {model.name} cannot be expressed in ONNX: {str(error).splitlines()[0]}.") from error
    opsets = {one.domain: one.version for one in onnx.load_from_string(graph).opset_import}
    return graph, opsets[""]


def differing(graph: bytes, model: Model, size: tuple[int, int]) -> float:
    """Largest difference between the graph in ONNX Runtime and eager PyTorch on noise, relative to the output's range."""
    import onnxruntime

    rows, columns = (-(-max(n, model.spec.minimum_size) // model.spec.size_multiple) * model.spec.size_multiple for n in size)
    low = seeds.generator(0, "onnx-export").random((rows, columns), dtype=np.float32)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    found = np.asarray(session.run(None, {"low": low[None, None]})[0])[0, 0]
    truth = torch_engine(model, "32", "cpu")(low)
    return float(np.abs(found - truth).max() / np.ptp(truth)) if found.shape == truth.shape else float("inf")
