"""The manifest of a model folder: network, training data, metrics, and the weights' fingerprint."""

import copy
import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from radloupe.core import files
from radloupe.core.errors import WeightsError
from radloupe.imaging.modality import Modality
from radloupe.zoo.old_recipes import current_recipe

MANIFEST, WEIGHTS, CARD = "model.json", "model.safetensors", "README.md"
MODELS = "models"
"""Path of the model folder in a MONAI bundle."""
NAMES = (MANIFEST, WEIGHTS, CARD)
"""Files of a shipped model: cards are rewritten separately, so these folders hold no record of their bytes."""

PROVENANCE = "made"
"""Key of `training` for the provenance of a paper's model: table, intended use and known failures."""

OPTIONAL: dict[str, Any] = {"network_source": "", "int8_ranges": {}, "uncertainty": {}, "pixel_range": []}
"""Fields that are omitted from the file where they are empty."""

KINDS = {
    "name": str,
    "modality": str,
    "scale": int,
    "network": str,
    "arguments": dict,
    "sha256": str,
    "degradation": str,
    "engine_loss_db": dict,
    "int8_ranges": dict,
    "uncertainty": dict,
    "pixel_range": list,
}
"""Types of the fields that inference depends on."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The contents of `model.json`."""

    name: str
    modality: Modality
    scale: int
    network: str
    """A name of `networks.NETWORKS`."""
    network_source: str = ""
    """The file or package that defines the network; empty for Radloupe's own. The file itself is no part of a model folder."""
    arguments: dict[str, Any]
    """The network's settings, without its scale."""
    parameters: int = 0
    """Trainable parameters; this and the next three are filled in by `publish`."""
    receptive_field_radius: float | None = None
    """Radius in low pixels; None for networks with global operations."""
    sha256: str = ""
    bytes: int = 0
    trained_on: str
    degradation: str
    """Preset of the degradation to low-resolution images."""
    metrics: dict[str, Any]
    """Metrics on the test split, means over patients: those of the whole images, and under `anatomy` those of the pixels that show the
    patient. `..._ci95` are intervals over patients, None below five of them. Metrics on other images of a training patient
    are under `same_patient`. `card` shows all of them."""
    licence: str
    engine_loss_db: dict[str, float]
    """PSNR in dB lost against eager float32, by engine and precision such as `torch-bf16`: in the anatomy of the validation split; of a
    paper's model, what kernels in bfloat16 lose on some test images."""
    int8_ranges: dict[str, list[float]] = field(default_factory=dict)
    """Smallest and largest input of each convolution of the body (`networks.int8`); empty for a model without an int8 form."""
    uncertainty: dict[str, Any] = field(default_factory=dict)
    """The calibration of intervals (`inference.uncertainty.calibration`); empty for a model without."""
    pixel_range: list[float] = field(default_factory=list)
    """Hounsfield units of the network values 0 and 1 in training; empty for those of `imaging.pixel_info`."""
    training: dict[str, Any]
    """The resolved configuration and a summary of the journal."""

    def to_json(self) -> str:
        """The text of `model.json`."""
        record = asdict(self)
        for name in OPTIONAL:
            if not record[name]:
                del record[name]
        return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def with_weights(manifest: Manifest, data: bytes) -> Manifest:
    """The manifest of a weights file with this content."""
    return replace(manifest, sha256=files.sha256(data), bytes=len(data))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a model folder; raises `WeightsError` when it is missing, damaged or of another shape."""
    path = folder / MANIFEST
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        known = {f.name for f in fields(Manifest)}
        record = translated(record) if isinstance(record, dict) else record
        if not isinstance(record, dict) or set(record) != known:
            odd = ", ".join(sorted(map(str, set(record) ^ known))) if isinstance(record, dict) else f"a {type(record).__name__}"
            raise WeightsError(
                f"Expected the fields {', '.join(sorted(known))} in {path}, found missing or unknown: {odd}. Publish the model again."
            )
        if wrong := [key for key, kind in KINDS.items() if not isinstance(record[key], kind)]:
            raise WeightsError(
                f"Expected values of the right type in {path}, found "
                f"{', '.join(f'{key} of {type(record[key]).__name__}' for key in wrong)}. Publish the model again."
            )
        return Manifest(**record | {"training": current_recipe(record["training"])})
    except (OSError, ValueError) as error:
        raise WeightsError(f"Cannot read the model in {folder}: {error}. A model folder holds {MANIFEST} and {WEIGHTS}.") from error


def translated(record: dict[str, Any]) -> dict[str, Any]:
    """A manifest of any earlier version with today's field names.

    >>> today = translated({"reach": 22, "bf16_loss_db": None, "metrics": {"trials": {}}})
    >>> today["receptive_field_radius"], today["metrics"], today["engine_loss_db"]
    (22, {'columns': {}}, {})
    """
    today = copy.deepcopy(OPTIONAL) | {("receptive_field_radius" if key == "reach" else key): value for key, value in record.items()}
    if "bf16_loss_db" in today:  # before there were several engines
        lost = today.pop("bf16_loss_db")
        today["engine_loss_db"] = {} if lost is None else {"torch-bf16": lost}
    if isinstance(metrics := today.get("metrics"), dict) and "trials" in metrics:  # a table's columns
        today["metrics"] = {("columns" if key == "trials" else key): value for key, value in metrics.items()}
    return today
