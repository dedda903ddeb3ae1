"""Metrics in the anatomy of the papers' models, on whole test images of the collections that the default models are measured on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Real

from radloupe.data.sources import SOURCES, Item
from radloupe.evaluation.gain import score, summarise
from radloupe.inference.reference_input import conditioned_on
from radloupe.networks.model import Model
from radloupe.zoo.load import load_model
from radloupe.zoo.manifest import Manifest

COLLECTIONS = {"XR": "chest-xrays", "MR": "brain-mri"}
"""By modality; micro-CT shows specimens, without air around a patient to segment."""
COUNTS = ("images", "patients")
REFERENCE_SIDE = 512
"""Rows and columns of a reference: larger ones exceed the memory of a measurement."""


def measure_published(manifest: Manifest, data: Path) -> Manifest:
    """The manifest with `metrics["anatomy"]`: gains over bicubic interpolation in the anatomy, means over patients.

    `data` holds the collections of `data.sources`. Low-resolution images are made by the model's preset with seed 0; a model that takes a
    reference gets the middle of another patient's image. The manifest of a modality without a collection is returned unchanged.
    """
    if manifest.modality not in COLLECTIONS:
        return manifest
    items = list(SOURCES[COLLECTIONS[manifest.modality]](data, "test"))
    summary = summarise(score(item, model) for item, model in zip(items, models(load_model(manifest.name), items), strict=True))
    anatomy: dict[str, Any] = summary["anatomy"] | {name: summary[name] for name in COUNTS}
    return replace(manifest, metrics=manifest.metrics | {"anatomy": anatomy})


def models(model: Model, items: Sequence[Item]) -> Iterator[Model]:
    """The model for each image: with the middle of the image before it as the reference, where the model takes one."""
    for index in range(len(items)):
        if "reference" not in model.spec.needs:
            yield model
            continue
        other = items[index - 1].image
        yield conditioned_on(model, replace(other, pixels=central(other.pixels)))


def central(pixels: Real[np.ndarray, "c z y x"]) -> Real[np.ndarray, "c z y2 x2"]:
    """The middle of each slice, at most `REFERENCE_SIDE` pixels a side."""
    rows, columns = (slice(max(n - REFERENCE_SIDE, 0) // 2, max(n - REFERENCE_SIDE, 0) // 2 + REFERENCE_SIDE) for n in pixels.shape[-2:])
    return pixels[..., rows, columns]
