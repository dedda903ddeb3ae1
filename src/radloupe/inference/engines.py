"""Inference engines (eager PyTorch, OpenVINO, ONNX Runtime) in float32, bfloat16 and int8, each checked against eager before it is used."""

import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

from radloupe.core import seeds
from radloupe.core.errors import RadloupeWarning, UsageError
from radloupe.core.tables import check_choice
from radloupe.inference.cascade import Cascade, run_both
from radloupe.inference.eager import torch_engine
from radloupe.inference.options import DEVICES, ENGINES, PRECISIONS
from radloupe.inference.tiles import Run
from radloupe.networks.int8 import body_convolutions, quantised
from radloupe.networks.model import Model
from radloupe.networks.network import ReducedPrecisionNetwork

ENGINE_TOLERANCE = 1e-4  # relative to the network range: a third of a 12-bit grey level
BF16_TOLERANCE = 2e-2  # the same for bfloat16, whose 8 bits of mantissa touch only the added detail
INT8_TOLERANCE = 2e-2  # the same for int8 against its float form (`networks.int8`): inputs between two levels may round either way
TOLERANCES = {"32": ENGINE_TOLERANCE, "bf16": BF16_TOLERANCE, "int8": INT8_TOLERANCE}
ENGINE_LOSS_DB = 0.05  # largest loss of PSNR in the anatomy by an engine and precision
FASTEST = (("openvino", "int8"), ("openvino", "bf16"), ("torch", "bf16"), ("openvino", "32"))
"""Engines and precisions that are faster than eager float32, the fastest first (`bench/frontier.py`)."""
COMPILE_WORTH = 2**20
"""Low pixels of an image below which `auto` does not choose OpenVINO: loading and compiling takes the second that it would save."""

Engine = Callable[[Model, str, str], Run]


def prepare(model: Model, engine: str = "auto", precision: str = "32", device: str = "auto", pixels: int = 0) -> tuple[Run, str]:
    """A model as a function of one low slice, and the name of its engine and precision.

    `auto` takes the fastest engine or precision that is installed and suits the model, for an image of that many low `pixels`. An engine or
    precision that the machine or the model does not support, or that fails its check against eager PyTorch, is replaced by eager float32
    with a `RadloupeWarning`. The loss of int8 is read from the manifest; its check compares the engine with the quantised network. Raises
    `UsageError` for unknown names.
    """
    check_choice("precision", precision, PRECISIONS)
    check_choice("engine", engine, ("auto", *ENGINES))
    if isinstance(model, Cascade):
        (first, label), (second, other) = (prepare(stage, engine, precision, device, pixels) for stage in model.stages)
        return run_both(model, first, second), label if label == other else f"{label}+{other}"
    device = choose_device(device)
    name, precision = chosen(model, engine, precision, device, pixels)
    plain = torch_engine(model, "32", device)
    if reason := unfit(model, name, precision, device):
        warnings.warn(f"{reason}; running in float32 instead.", RadloupeWarning, stacklevel=2)
        precision = "32"
    label = f"{name}-{'fp32' if precision == '32' else precision}"
    if (name, precision) == ("torch", "32"):
        return plain, label
    build: Engine = ENGINES[name]
    run = build(model, precision, device)
    quantised_model = replace(model, network=quantised(model.network, model.int8_ranges)) if precision == "int8" else None
    error = disagreement(run, torch_engine(quantised_model, "32", device) if quantised_model else plain, model)
    if error > TOLERANCES[precision]:
        warnings.warn(f"{label} differs from eager PyTorch by {error:.2g} of the range; not used.", RadloupeWarning, stacklevel=2)
        return plain, "torch-fp32"
    return run, label


def chosen(model: Model, engine: str, precision: str, device: str, pixels: int) -> tuple[str, str]:
    """Engine and precision, with the fastest suitable one in place of each `auto`."""
    if "auto" not in (engine, precision):
        return engine, precision
    for name, other in FASTEST:
        asked = engine in ("auto", name) and precision in ("auto", other)
        worth = name == engine or name != "openvino" or pixels >= COMPILE_WORTH
        if (
            asked
            and worth
            and device == "cpu"
            and body_convolutions(model.network)
            and installed(name)
            and not unfit(model, name, other, device)
        ):
            return name, other
    return "torch" if engine == "auto" else engine, "32" if precision == "auto" else precision


def installed(engine: str) -> bool:
    """Whether an engine's packages are installed, without importing them."""
    return find_spec({"openvino": "openvino", "onnx": "onnxruntime"}.get(engine, "torch")) is not None


def choose_device(device: str) -> str:
    """`cpu` or `cuda`; `auto` takes CUDA where there is one. Raises `UsageError`."""
    check_choice("device", device, DEVICES)
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("No CUDA device is available here. Choose the `device` cpu, or install a CUDA build of PyTorch.")
    return ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device


def lossy_forms(model: Model) -> list[tuple[str, str]]:
    """Engines and reduced precisions that a model supports on this machine's processor, whatever their loss."""
    free = replace(model, engine_loss_db={f"{name}-{precision}": 0.0 for name, precision in FASTEST})
    return [form for form in FASTEST if form[1] != "32" and installed(form[0]) and not unfit(free, *form, "cpu")]


def unfit(model: Model, engine: str, precision: str, device: str) -> str:
    """Reason why a model does not run in a precision by an engine on a device; empty if it does. Losses are per engine."""
    if precision == "32":
        return ""
    word = {"bf16": "bfloat16"}.get(precision, precision)
    if precision == "int8" and engine != "openvino":
        return f"The engine {engine} does not compute in int8"
    if not (model.int8_ranges if precision == "int8" else isinstance(model.network, ReducedPrecisionNetwork)):
        return f"{model.name} has no {word} form"
    if model.engine_loss_db.get(f"{engine}-{precision}", math.inf) > ENGINE_LOSS_DB:
        return f"{model.name} is not known to lose less than {ENGINE_LOSS_DB} dB in {word} by the engine {engine}"
    return "" if precision == "int8" or device == "cuda" or cpu_has_bf16() else "This processor has no bfloat16 arithmetic"


@cache
def cpu_has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 (AVX512-BF16 or AMX on x86, the bf16 extension on Arm)."""
    info = Path("/proc/cpuinfo")
    flags = set(info.read_text().split()) if info.exists() else set()
    return bool(flags & {"avx512_bf16", "amx_bf16", "bf16"})


def disagreement(run: Run, plain: Run, model: Model) -> float:
    """Largest difference of two engines on a tile of noise, relative to the range of the network's output."""
    side = max(model.spec.minimum_size, 48)
    low = seeds.generator(0, "engine-check").random((side, side), dtype=np.float32)
    truth = plain(low)
    return float(np.abs(run(low) - truth).max() / np.ptp(truth))
