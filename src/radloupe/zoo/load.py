"""Models by name or folder: manifest, verified weights, network."""

import warnings
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors

from radloupe.core import files
from radloupe.core.errors import RadloupeWarning, UsageError, WeightsError
from radloupe.core.tables import suggest
from radloupe.imaging.modality import Modality
from radloupe.networks.adapters import blind, on_grey
from radloupe.networks.model import Model
from radloupe.networks.registry import NETWORKS
from radloupe.networks.rng import isolated_rng
from radloupe.zoo.manifest import MANIFEST, MODELS, PROVENANCE, WEIGHTS, Manifest, read_manifest

SHIPPED = Path(__file__).parent / "weights"
"""The default models, used where none is named."""
OF_PAPERS = Path(__file__).parent / "papers"
"""The models of the papers."""


def folders(root: Path) -> dict[str, Path]:
    """Model folders below a root, by name."""
    return {path.parent.name: path.parent for path in sorted(root.glob(f"*/{MANIFEST}"))}


def shipped() -> dict[str, Path]:
    """Folders of the shipped models by name: the default models, then those of the papers."""
    return folders(SHIPPED) | folders(OF_PAPERS)


def manifests() -> list[Manifest]:
    """The manifests of the shipped models, in the order of `shipped`."""
    return [read_manifest(folder) for folder in shipped().values()]


def find(name: str) -> Path:
    """Folder of a shipped model, or a given folder or MONAI bundle; raises `UsageError` with the most similar name."""
    known = shipped()
    if name in known:
        return known[name]
    if Path(name).is_dir():
        inside = Path(name) / MODELS
        return inside if (inside / MANIFEST).exists() else Path(name)
    raise UsageError(f"Unknown model {name!r}: no shipped model and no folder.{suggest(name, list(known))}")


def default_model(modality: Modality, scale: int) -> str:
    """Default model of a modality and scale; raises `UsageError` with the available ones."""
    rows = [row for row in map(read_manifest, folders(SHIPPED).values()) if row.modality == modality]
    for row in rows:
        if row.scale == scale:
            return row.name
    scales = " or ".join(str(row.scale) for row in sorted(rows, key=lambda row: row.scale))
    known = (
        f"Those for {modality} enlarge by {scales}: choose such a `scale`" if rows else f"None is made for {modality}: name a `modality`"
    )
    raise UsageError(f"No shipped model enlarges {modality} images by {scale}. {known}, or a `model` out of {', '.join(shipped())}.")


def load_model(name: str) -> Model:
    """Trained model of a name or folder, its weights checked against the manifest's sha256 before they are parsed.

    Args:
        name: A shipped model (`radloupe.list_models`) or a model folder.

    Returns:
        The network in evaluation mode, for grey images `b 1 y x` in network range, with the facts of its manifest.

    Raises:
        UsageError: For an unknown name.
        WeightsError: For missing or damaged weights, or those of another network.

    >>> model = load_model("mri-x2")
    >>> model.modality, model.spec.scale
    ('MR', 2)
    """
    folder = find(name)
    manifest = read_manifest(folder)
    tensors = verified_tensors(folder, manifest)
    try:
        architecture = NETWORKS[manifest.network]
        with isolated_rng():  # initial weights, which are replaced
            network = architecture(manifest.scale, **manifest.arguments)
        network.load_state_dict(tensors)
    except (UsageError, TypeError, ValueError, RuntimeError, MemoryError) as error:
        raise WeightsError(f"The model in {folder} cannot be built from its manifest and weights: {error}") from error
    if architecture.source != manifest.network_source:
        used = f"{manifest.name} was published with the network of {manifest.network_source}, and runs that of {architecture.source}"
        warnings.warn(f"The model {used}.", RadloupeWarning, stacklevel=2)
    network = blind(on_grey(network.eval()))
    strict = PROVENANCE in manifest.training
    return Model(
        manifest.name,
        network,
        manifest.modality,
        manifest.degradation,
        manifest.sha256,
        manifest.engine_loss_db,
        manifest.int8_ranges,
        strict,
        manifest.uncertainty,
        (manifest.pixel_range[0], manifest.pixel_range[1]) if manifest.pixel_range else None,
    )


def verified_tensors(folder: Path, manifest: Manifest) -> dict[str, torch.Tensor]:
    """The tensors of a model folder, in float32; raises `WeightsError` unless the file is the manifest's, to the bit."""
    path = folder / WEIGHTS
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"The weights {path} are missing: {error.strerror}. Install the package again.") from error
    if files.sha256(data) != manifest.sha256:
        raise WeightsError(f"The weights {path} are damaged: their sha256 is not the manifest's. Install the package again.")
    try:
        tensors = {key: value.float() for key, value in read_tensors(data).items()}
    except SafetensorError as error:
        raise WeightsError(f"The weights {path} are not a safetensors file: {error}.") from error
    if not all(torch.isfinite(value).all() for value in tensors.values()):
        raise WeightsError(f"The weights {path} hold values that are not numbers. Train or publish the model again.")
    return tensors
