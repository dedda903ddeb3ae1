"""Write a model folder: weights, manifest, card."""

from dataclasses import replace
from pathlib import Path

from safetensors.torch import save
from torch import nn

from radloupe import files
from radloupe.nets.spec import Spec
from radloupe.nets.survey import trainable
from radloupe.zoo.card import card
from radloupe.zoo.manifest import CARD, MANIFEST, WEIGHTS, Manifest, with_weights


def publish(network: nn.Module, manifest: Manifest, folder: Path) -> Manifest:
    """Write `network` and its manifest as a whole folder in place of an older one; returns the completed manifest."""
    data = save({key: value.contiguous() for key, value in network.state_dict().items()})
    spec: Spec = network.spec  # type: ignore[assignment]
    measured = replace(manifest, parameters=trainable(network), reach=spec.reach if spec.finite else None)
    complete = with_weights(measured, data)
    write_folder(data, complete, folder)
    return complete


def write_folder(data: bytes, manifest: Manifest, folder: Path) -> None:
    """Put the three files of a model folder in place in one step."""
    with files.atomic(folder, overwrite=True, folder=True) as new:
        (new / WEIGHTS).write_bytes(data)
        (new / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        (new / CARD).write_text(card(manifest), encoding="utf-8")
