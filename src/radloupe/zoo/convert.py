"""Conversion of released checkpoints to model folders: safe unpickling, explicit tables of tensor names, safetensors."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from radloupe.core import files
from radloupe.core.errors import UsageError, WeightsError
from radloupe.imaging.modality import Modality
from radloupe.networks.architecture import Architecture
from radloupe.networks.checkpoints.foreign import read
from radloupe.networks.facts import skeleton
from radloupe.networks.network import Network
from radloupe.networks.registry import NETWORKS
from radloupe.zoo.manifest import Manifest
from radloupe.zoo.publish import publish

WRAPPINGS = ("params_ema", "params", "state_dict", "gen_state_dict", "model", "sd", "network", "net")
"""Keys under which released files nest the state dict, in order of preference: exponential moving averages first."""


def convert(
    path: Path,
    name: str,
    network: str,
    scale: int,
    folder: Path,
    modality: Modality,
    degradation: str,
    licence: str,
    overwrite: bool,
    settings: Mapping[str, Any] = MappingProxyType({}),
) -> Manifest:
    """Write a model folder with the tensors of a foreign file, of a network built with `settings` such as `channels`.

    Raises `WeightsError` for a file that is damaged, needs code to be read, or does not hold exactly this network; `UsageError`.
    """
    files.check_output(folder, overwrite, [path])
    row: Architecture = NETWORKS[network]
    if row.scales and scale not in row.scales:
        raise UsageError(f"{network} is defined for the scales {', '.join(map(str, row.scales))}, not for {scale}.")
    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    module = filled(row, scale, unwrapped(read(path), path), path, settings)
    manifest = Manifest(
        name=name,
        modality=modality,
        scale=scale,
        network=network,
        arguments=dict(settings),
        trained_on=f"unknown to Radloupe; converted from {path.name}",
        degradation=degradation,
        metrics={},
        licence=licence,
        engine_loss_db={},
        training={"converted_from": path.name, "converted_sha256": files.sha256(path)},
    )
    return publish(module, manifest, folder, overwrite=overwrite, inputs=[path])


def filled(
    row: Architecture, scale: int, tensors: Mapping[str, Tensor], path: Path, settings: Mapping[str, Any] = MappingProxyType({})
) -> Network:
    """The network with these tensors, by our names or the released ones.

    Raises `WeightsError` with the first tensors that do not fit, and `UsageError` for settings that the network does not take.
    """
    try:
        network = skeleton(row, scale, **settings)
    except (TypeError, ValueError) as error:
        raise UsageError(f"The network cannot be built at scale {scale} with the settings {dict(settings)}: {error}.") from error
    own = network.state_dict()
    released = row.keys(scale) if row.keys and not own.keys() <= tensors.keys() else {key: key for key in own}
    keys = {theirs: ours for theirs, ours in released.items() if ours in own or not ours}
    counts = {key: torch.tensor(0) for key in own if key.endswith("num_batches_tracked")}  # older files have none
    held = counts | renamed(tensors, keys, path)
    theirs = {ours: key for key, ours in keys.items()}
    faults = [f"no {theirs[key]}" for key in own if key not in held]
    for key, value in held.items():
        if value.shape != own[key].shape:
            faults.append(f"{theirs[key]} of shape {tuple(value.shape)} for {tuple(own[key].shape)}")
        elif not numbers(value):
            faults.append(f"{theirs[key]} with values that are not finite numbers")
    if faults:
        raise WeightsError(
            f"Expected the tensors of this network at scale {scale} in {path}, found {some(faults)}. "
            "Where it was built otherwise, say how in `settings`, such as channels=1."
        )
    network.load_state_dict({key: value.to(own[key].dtype) for key, value in held.items()}, assign=True)
    return network


def numbers(tensor: Tensor) -> bool:
    """Whether a tensor is dense, on the CPU, real and finite."""
    plain = tensor.layout == torch.strided and tensor.device.type == "cpu" and not tensor.is_complex() and not tensor.is_quantized
    return plain and bool(torch.isfinite(tensor).all())


def unwrapped(held: Any, path: Path) -> dict[str, Tensor]:
    """The state dict inside the containers of released files, without the `module.` prefix of data-parallel training."""
    for _ in WRAPPINGS:  # no released file nests deeper; the bound also ends self-references
        if isinstance(held, Mapping):
            held = next((held[name] for name in WRAPPINGS if isinstance(held.get(name), Mapping)), held)
    if not isinstance(held, Mapping):
        raise WeightsError(f"Expected named tensors in {path}, found a {type(held).__name__}.")
    found = {str(key).removeprefix("module."): value for key, value in held.items() if isinstance(value, Tensor)}
    if not found:
        raise WeightsError(f"Expected named tensors in {path}, found {some(held) or 'nothing'}.")
    return found


def some(names: Iterable[object]) -> str:
    """The first three in words, and how many more; a foreign name cannot fill the screen or drive it."""
    every = [ascii(str(name))[1:-1][:120] for name in names]
    return ", ".join(every[:3]) + (f" and {len(every) - 3} more" if len(every) > 3 else "")


def renamed(tensors: Mapping[str, Tensor], keys: Mapping[str, str], path: Path) -> dict[str, Tensor]:
    """The tensors under our names; raises `WeightsError` unless every one is known, and those that share one of ours agree."""
    if unknown := [key for key in tensors if key not in keys]:
        raise WeightsError(f"Expected tensors such as {next(iter(keys), 'none')} in {path}, found {some(unknown)}.")
    ours: dict[str, Tensor] = {}
    for key, value in tensors.items():
        name = keys[key]
        if name in ours and not torch.equal(ours[name], value):
            raise WeightsError(f"Expected the copies of one tensor in {path} to agree, found other values in {key}.")
        if name:
            ours[name] = value
    return ours
