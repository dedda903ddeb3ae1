"""Write a model folder: weights, manifest, card."""

from pathlib import Path

from safetensors.torch import save
from torch import nn

from radloupe import files
from radloupe.zoo.card import card
from radloupe.zoo.manifest import CARD, MANIFEST, WEIGHTS, Manifest


def publish(network: nn.Module, manifest: Manifest, folder: Path) -> Manifest:
    """Write `network` and its manifest as a whole folder in place of an older one; returns the manifest with sha256 and size."""
    data = save({key: value.contiguous() for key, value in network.state_dict().items()})
    complete = manifest.with_weights(data)
    write_folder(data, complete, folder)
    return complete


def write_folder(data: bytes, manifest: Manifest, folder: Path) -> None:
    """Put the three files of a model folder in place in one step."""
    with files.atomic(folder, overwrite=True, folder=True) as new:
        (new / WEIGHTS).write_bytes(data)
        (new / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        (new / CARD).write_text(card(manifest), encoding="utf-8")
