"""Write a model folder: weights, manifest, card."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn

from radloupe.core import files
from radloupe.networks.facts import trainable
from radloupe.networks.network import Network
from radloupe.networks.registry import NETWORKS
from radloupe.zoo.form_table import FORMS
from radloupe.zoo.manifest import Manifest, with_weights


def publish(
    network: Network,
    manifest: Manifest,
    folder: Path,
    kernels: torch.dtype = torch.float32,
    overwrite: bool = False,
    inputs: Sequence[Path] = (),
    names: Sequence[str] | None = None,
    form: str = "folder",
) -> Manifest:
    """Write `network` and its manifest as a whole folder; returns the completed manifest.

    `kernels` in bfloat16 halve the file; reading makes them float32 again. `overwrite` replaces a folder in which everything is as this
    program wrote it, or only files of these `names`; it never is, holds or lies in one of the `inputs` (`UsageError`). `form` is one of
    `zoo.form_table.FORMS`.
    """
    data = save(stored(network, kernels))
    spec = network.spec
    measured = replace(
        manifest,
        parameters=trainable(network),
        receptive_field_radius=spec.receptive_field_radius if spec.finite else None,
        network_source=NETWORKS[manifest.network].source,
    )
    complete = with_weights(measured, data)
    write_folder(data, complete, folder, overwrite, inputs, names, form)
    return complete


def stored(network: nn.Module, kernels: torch.dtype) -> dict[str, Tensor]:
    """The tensors of a network's file: those of two and more axes as `kernels`; biases, norms and counts, which are small, as they are."""
    tensors = network.state_dict()
    return {key: (value.to(kernels) if value.ndim > 1 else value).contiguous() for key, value in tensors.items()}


def as_read(network: Network, kernels: torch.dtype) -> Network:
    """A copy as it is after it was stored and read."""
    copied = copy.deepcopy(network)
    copied.load_state_dict(stored(network, kernels))
    return copied


def write_folder(
    data: bytes,
    manifest: Manifest,
    folder: Path,
    overwrite: bool = False,
    inputs: Sequence[Path] = (),
    names: Sequence[str] | None = None,
    form: str = "folder",
) -> None:
    """Put the files of a model folder in place in one step; the rest as `publish` has it."""
    contents = FORMS[form](manifest, data)
    with files.atomic(folder, overwrite, folder=True, inputs=inputs, names=names) as new:
        for path, content in contents.items():
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            (new / path).write_bytes(content)
