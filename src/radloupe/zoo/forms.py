"""The forms in which a model is published: Radloupe's folder, a MONAI bundle, a repository of the Hugging Face Hub.

A form is a function from the manifest and the bytes of the weights (safetensors) to the files of the folder, by path. Each holds a
model folder that `radloupe.load_model` takes, and what the other program needs.
"""

import io
import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import torch
from safetensors.torch import load

from radloupe.zoo.card import card
from radloupe.zoo.manifest import CARD, MANIFEST, MODELS, WEIGHTS, Manifest

Files = dict[str, bytes]
MODALITY_WORDS = {"XR": "X-ray", "MR": "MR", "CT": "CT", "other": "n/a"}
BUNDLE_SCHEMA = "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/meta_schema_20240725.json"


def model_folder(manifest: Manifest, weights: bytes) -> Files:
    """Radloupe's own form: weights, manifest, card."""
    return {WEIGHTS: weights, MANIFEST: manifest.to_json().encode(), CARD: card(manifest).encode()}


def hugging_face(manifest: Manifest, weights: bytes) -> Files:
    """A repository of the Hugging Face Hub: the model folder, whose README is the model card, and `config.json`."""
    config = {"library_name": "radloupe", "model_type": "radloupe", **network_definition(manifest)}
    return model_folder(manifest, weights) | {"config.json": text(config)}


def monai_bundle(manifest: Manifest, weights: bytes) -> Files:
    """A MONAI bundle: `configs` (metadata and inference), `models` (a state dict beside the model folder), `docs`.

    The inference configuration calls `radloupe.upscale`, which gives outputs their spacing and affine; MONAI's own sliding window would
    give them the input's.
    """
    state_dict = io.BytesIO()
    torch.save(load(weights), state_dict)
    inside = {f"{MODELS}/{name}": data for name, data in model_folder(manifest, weights).items()}
    return inside | {
        f"{MODELS}/model.pt": state_dict.getvalue(),
        "configs/metadata.json": text(bundle_metadata(manifest)),
        "configs/inference.json": text(bundle_inference(manifest)),
        "docs/README.md": card(manifest).encode(),
    }


def network_definition(manifest: Manifest) -> dict[str, Any]:
    """How `radloupe.networks.create_network` builds the network, as its keyword arguments."""
    return {"name": manifest.network, "scale": manifest.scale, **manifest.arguments}


def bundle_metadata(manifest: Manifest) -> dict[str, Any]:
    """The contents of `configs/metadata.json` (MONAI Bundle Specification)."""
    channels = manifest.arguments.get("channels", 1)
    image = {
        "type": "image",
        "format": "hounsfield" if manifest.modality == "CT" else "magnitude",
        "modality": MODALITY_WORDS[manifest.modality],
        "num_channels": channels,
        "dtype": "float32",
        "value_range": [0, 1],
        "is_patch_data": True,
        "channel_def": {str(number): "image" for number in range(channels)},
    }
    return {
        "schema": BUNDLE_SCHEMA,
        "version": "1.0.0",
        "changelog": {"1.0.0": "published by Radloupe"},
        "monai_version": "1.5.0",
        "pytorch_version": torch.__version__.split("+")[0],
        "numpy_version": version("numpy"),
        "required_packages_version": {"radloupe": version("radloupe")},
        "name": manifest.name,
        "task": f"Super-resolution by {manifest.scale} in plane",
        "description": f"Trained on {manifest.trained_on}; low-resolution images by {manifest.degradation}.",
        "authors": "unstated",
        "copyright": f"Licence of the weights: {manifest.licence}",
        "data_source": manifest.trained_on,
        "data_type": "DICOM, NIfTI",
        "image_classes": f"single-slice {MODALITY_WORDS[manifest.modality]} image",
        "eval_metrics": {name: value for name, value in manifest.metrics.items() if isinstance(value, float | int)},
        "intended_use": "Research only; not a medical device.",
        "network_data_format": {
            "inputs": {"image": image | {"spatial_shape": ["*", "*"]}},
            "outputs": {"pred": image | {"spatial_shape": [f"{manifest.scale}*n", f"{manifest.scale}*n"]}},
        },
    }


def bundle_inference(manifest: Manifest) -> dict[str, Any]:
    """The contents of `configs/inference.json`: `python -m monai.bundle run --config_file configs/inference.json`."""
    return {
        "imports": ["$import pathlib", "$import radloupe"],
        "bundle_root": ".",
        "dataset_dir": "$@bundle_root + '/input'",
        "output_dir": "$@bundle_root + '/output'",
        "network_def": {"_target_": "radloupe.networks.create_network", **network_definition(manifest)},
        "checkpoint": f"$@bundle_root + '/{MODELS}/model.pt'",
        "model": f"$@bundle_root + '/{MODELS}'",
        "inputs": "$sorted(path for path in pathlib.Path(@dataset_dir).iterdir() if path.is_file())",
        "run": [
            "$[radloupe.write(radloupe.upscale(radloupe.read(path), model=@model), pathlib.Path(@output_dir) / path.name)"
            " for path in @inputs]"
        ],
    }


def text(record: Mapping[str, Any]) -> bytes:
    """A record as JSON."""
    return (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode()
