"""Networks compiled by OpenVINO, cached in this process and on disk: compilation takes longer than one small image."""

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
"""Cache by fingerprint, precision and number of threads."""


def compiled(network: nn.Module, example: tuple[Tensor, ...], precision: str = "f32") -> Function:
    """A network as a compiled function of arrays `1 c y x`, any y and x, from the cache if it was compiled before."""
    threads = torch.get_num_threads()
    name = fingerprint(network, [image.shape[1] for image in example])
    key = f"{name}-{precision}-{threads}"
    if key not in COMPILED:
        hint = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads}
        folder = user_cache("openvino")
        kept = {"CACHE_DIR": str(folder)} if folder else {}
        COMPILED[key] = core().compile_model(graph(network, example, folder / f"{name}.xml" if folder else None), "CPU", hint | kept)
    request = COMPILED[key].create_infer_request()  # one per caller: threads must not share results
    return lambda *images: request.infer(list(images))[0]


@cache
def core() -> Any:
    """OpenVINO's runtime."""
    import openvino

    return openvino.Core()


def graph(network: nn.Module, example: tuple[Tensor, ...], path: Path | None) -> Any:
    """The network as OpenVINO's graph: read from a valid file at `path`, or else converted and stored there."""
    import openvino

    if path and path.exists():
        with suppress(RuntimeError):  # a damaged file is replaced
            return core().read_model(path)
    shapes = [(1, image.shape[1], -1, -1) for image in example]
    made = openvino.convert_model(network, example_input=example, input=shapes)
    if path:
        with suppress(OSError, RuntimeError), TemporaryDirectory(dir=path.parent) as folder:  # a full disk only disables the cache
            new = Path(folder) / path.name
            openvino.save_model(made, new, compress_to_fp16=False)
            for suffix in (".bin", ".xml"):  # the graph last: its presence marks a complete entry
                new.with_suffix(suffix).replace(path.with_suffix(suffix))
    return made


def fingerprint(network: nn.Module, channels: list[int]) -> str:
    """Hash of everything that a compiled network depends on: compiler version, modules with their settings, weights, input channels."""
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
