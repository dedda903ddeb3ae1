"""Inference engines: eager PyTorch, its bfloat16 form, OpenVINO, ONNX Runtime. Each is checked against eager before it is used."""

import math
import warnings
from collections.abc import Callable
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
from radloupe.networks.model import Model
from radloupe.networks.network import ReducedPrecisionNetwork

ENGINE_TOLERANCE = 1e-4  # of the network range: a third of a 12-bit grey level
BF16_TOLERANCE = 2e-2  # the same for bfloat16, whose 8 bits of mantissa touch only the added detail
ENGINE_LOSS_DB = 0.05  # most PSNR in the anatomy that a model may lose to an engine and precision

Engine = Callable[[Model, str, str], Run]


def prepare(model: Model, engine: str = "auto", precision: str = "32", device: str = "auto") -> tuple[Run, str]:
    """A model as a function of one low slice, and the name of what runs it.

    An engine or precision that this machine or this model cannot have, or that fails its check against eager PyTorch, is replaced by
    eager float32 with a `RadloupeWarning`. Raises `UsageError` for unknown names.
    """
    check_choice("precision", precision, PRECISIONS)
    if isinstance(model, Cascade):
        (first, label), (second, other) = (prepare(stage, engine, precision, device) for stage in model.stages)
        return run_both(model, first, second), label if label == other else f"{label}+{other}"
    device = choose_device(device)
    name = "torch" if engine == "auto" else engine
    build: Engine = ENGINES[name]
    plain = torch_engine(model, "32", device)
    if (reason := cannot_bf16(model, name, device)) and precision == "bf16":
        warnings.warn(f"{reason}; running in float32 instead.", RadloupeWarning, stacklevel=2)
        precision = "32"
    label = f"{name}-{'fp32' if precision == '32' else precision}"
    if (name, precision) == ("torch", "32"):
        return plain, label
    run = build(model, precision, device)
    error = disagreement(run, plain, model)
    if error > (ENGINE_TOLERANCE if precision == "32" else BF16_TOLERANCE):
        warnings.warn(f"{label} differs from eager float32 by {error:.2g} of the range; not used.", RadloupeWarning, stacklevel=2)
        return plain, "torch-fp32"
    return run, label


def choose_device(device: str) -> str:
    """`cpu` or `cuda`; `auto` takes CUDA where there is one. Raises `UsageError`."""
    check_choice("device", device, DEVICES)
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("No CUDA device is available here. Choose the `device` cpu, or install a CUDA build of PyTorch.")
    return ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device


def bf16_engines() -> list[str]:
    """The engines of this machine that run in bfloat16 on its processor."""
    names = ["torch", *(["openvino"] if find_spec("openvino") else [])]
    return names if cpu_has_bf16() else []


def cannot_bf16(model: Model, engine: str, device: str) -> str:
    """Why a model is not run in bfloat16 by an engine on a device; empty where it may be. Each engine answers for its own loss."""
    if not isinstance(model.network, ReducedPrecisionNetwork):
        return f"{model.name} has no bfloat16 form"
    if model.engine_loss_db.get(f"{engine}-bf16", math.inf) > ENGINE_LOSS_DB:
        return f"{model.name} is not known to lose less than {ENGINE_LOSS_DB} dB in bfloat16 by the engine {engine}"
    return "" if device == "cuda" or cpu_has_bf16() else "This processor has no bfloat16 arithmetic"


@cache
def cpu_has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 (AVX512-BF16 or AMX on x86, the bf16 extension on Arm)."""
    info = Path("/proc/cpuinfo")
    flags = set(info.read_text().split()) if info.exists() else set()
    return bool(flags & {"avx512_bf16", "amx_bf16", "bf16"})


def disagreement(run: Run, plain: Run, model: Model) -> float:
    """The largest difference of two engines on a tile of noise, as a share of what the network makes of it."""
    side = max(model.spec.minimum_size, 48)
    low = seeds.generator(0, "engine-check").random((side, side), dtype=np.float32)
    truth = plain(low)
    return float(np.abs(run(low) - truth).max() / np.ptp(truth))
