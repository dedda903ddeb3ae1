"""Networks compiled by OpenVINO, kept in this process and on disk: conversion and compilation take longer than one small image."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe import __version__
from radloupe.core.user_cache import user_cache
from radloupe.networks.spec import NetworkSpec

Function = Callable[..., Float[np.ndarray, "1 c y x"]]
COMPILED: dict[str, Any] = {}
"""By fingerprint, precision and number of threads."""


def compiled(network: nn.Module, example: tuple[Tensor, ...], precision: str = "f32") -> Function:
    """A network as a function of arrays `1 c y x`, any y and x; one that was compiled before is taken from memory or from the disk."""
    threads = torch.get_num_threads()
    name = fingerprint(network, [image.shape[1] for image in example])
    key = f"{name}-{precision}-{threads}"
    if key not in COMPILED:
        hint = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads}
        folder = user_cache("openvino")
        kept = {"CACHE_DIR": str(folder)} if folder else {}
        COMPILED[key] = core().compile_model(graph(network, example, folder / f"{name}.xml" if folder else None), "CPU", hint | kept)
    request = COMPILED[key].create_infer_request()  # each caller has its own, so that threads do not share results
    return lambda *images: request.infer(list(images))[0]


@cache
def core() -> Any:
    """OpenVINO's runtime."""
    import openvino

    return openvino.Core()


def graph(network: nn.Module, example: tuple[Tensor, ...], path: Path | None) -> Any:
    """The network as OpenVINO's graph: read from `path` where it is there and whole, or else converted and kept there."""
    import openvino

    if path and path.exists():
        with suppress(RuntimeError):  # a damaged file is replaced
            return core().read_model(path)
    shapes = [(1, image.shape[1], -1, -1) for image in example]
    made = openvino.convert_model(network, example_input=example, input=shapes)
    if path:
        with suppress(OSError, RuntimeError), TemporaryDirectory(dir=path.parent) as folder:  # a full disk is no reason to stop
            new = Path(folder) / path.name
            openvino.save_model(made, new, compress_to_fp16=False)
            for suffix in (".bin", ".xml"):  # the graph last: it is looked for
                new.with_suffix(suffix).replace(path.with_suffix(suffix))
    return made


def fingerprint(network: nn.Module, channels: list[int]) -> str:
    """What a compiled network depends on: version of the compiler, modules with their plain settings, weights, channels of the inputs."""
    import openvino

    digest = hashlib.sha256(f"{__version__} {openvino.__version__} {torch.__version__} {channels}".encode())
    for name, module in network.named_modules():
        plain = {
            key: value for key, value in sorted(vars(module).items()) if isinstance(value, bool | int | float | str | tuple | NetworkSpec)
        }
        digest.update(f"{name} {type(module).__qualname__} {plain}".encode())
    for name, tensor in (*network.named_parameters(), *network.named_buffers()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes() if tensor.numel() else b"")
    return digest.hexdigest()[:32]
