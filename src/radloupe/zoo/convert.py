"""Released checkpoints as model folders: read once, without running what they may hold, renamed by the architecture's table, written safely."""

import math
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from radloupe import files
from radloupe.errors import UsageError, WeightsError
from radloupe.intensity import Modality
from radloupe.nets import NETWORKS
from radloupe.nets.architecture import Architecture
from radloupe.nets.spec import Spec
from radloupe.nets.survey import trainable
from radloupe.zoo.manifest import Manifest
from radloupe.zoo.publish import publish

WRAPPINGS = ("params_ema", "params", "state_dict", "gen_state_dict", "model", "sd", "network", "net")
"""Under what released files keep the tensors, one inside the other; running means of weights come first."""


def convert(
    path: Path, name: str, network: str, scale: int, folder: Path, modality: Modality, degradation: str, licence: str, overwrite: bool
) -> Manifest:
    """Write a model folder with the tensors of a foreign file.

    Raises `WeightsError` for a file that is damaged, needs code to be read, or does not hold exactly this network; `UsageError`.
    """
    files.check_output(folder, overwrite)
    row: Architecture = NETWORKS[network]
    if scale not in row.scales:
        raise UsageError(f"{network} is defined for the scales {', '.join(map(str, row.scales))}, not for {scale}.")
    tensors = unwrapped(read(path), path)
    module = row(scale)
    own = module.state_dict()
    ours = renamed(tensors, row.keys(scale), path) if row.keys and not own.keys() <= tensors.keys() else tensors
    counts = {key: value for key, value in own.items() if key.endswith("num_batches_tracked")}  # older files have none
    try:
        module.load_state_dict(counts | ours)
    except RuntimeError as error:
        raise WeightsError(f"The weights {path} are not those of {network} at scale {scale}: {error}") from error
    spec: Spec = module.spec  # type: ignore[assignment]
    manifest = Manifest(
        name=name,
        modality=modality,
        scale=scale,
        network=network,
        arguments={},
        parameters=trainable(module),
        reach=spec.reach if math.isfinite(spec.reach) else None,
        sha256="",
        bytes=0,
        trained_on=f"unknown to Radloupe; converted from {path.name}",
        degradation=degradation,
        metrics={},
        licence=licence,
        bf16_loss_db=None,
        training={"converted_from": path.name, "converted_sha256": files.sha256(path)},
    )
    return publish(module, manifest, folder)


def read(path: Path) -> Any:
    """What a `.safetensors` or PyTorch file holds: tensors and plain containers, nothing else is unpickled."""
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}.") from error
    except (UnpicklingError, SafetensorError, RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise WeightsError(
            f"The weights {path} cannot be read without running code that they may hold, or are damaged. "
            "Save their state_dict alone with the program they come from."
        ) from error


def unwrapped(held: Any, path: Path) -> dict[str, Tensor]:
    """The tensors inside whatever released files put around them, without the prefix that training on several devices adds."""
    while isinstance(held, Mapping) and not any(isinstance(value, Tensor) for value in held.values()):
        inner = next((held[name] for name in WRAPPINGS if isinstance(held.get(name), Mapping)), None)
        if inner is None:
            raise WeightsError(f"Expected named tensors in {path}, found {', '.join(map(str, list(held)[:5])) or 'nothing'}.")
        held = inner
    if not isinstance(held, Mapping):
        raise WeightsError(f"Expected named tensors in {path}, found a {type(held).__name__}.")
    return {str(key).removeprefix("module."): value for key, value in held.items() if isinstance(value, Tensor)}


def renamed(tensors: Mapping[str, Tensor], keys: Mapping[str, str], path: Path) -> dict[str, Tensor]:
    """The tensors under our names; every official one must be known, and those that share one of ours must agree.

    Raises `WeightsError` with the first names that do not fit.
    """
    unknown = [key for key in tensors if key not in keys]
    if unknown:
        raise WeightsError(f"Expected tensors such as {next(iter(keys), 'none')!r} in {path}, found {', '.join(unknown[:3])} too.")
    ours: dict[str, Tensor] = {}
    for key, value in tensors.items():
        name = keys[key]
        if name in ours and not torch.equal(ours[name], value):
            raise WeightsError(f"Expected the copies of {name!r} in {path} to agree, found different values in {key!r}.")
        if name:
            ours[name] = value
    return ours
