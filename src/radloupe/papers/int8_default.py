"""The int8 form of a default model: ranges from its training images, its loss on its validation images."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from radloupe.core import seeds
from radloupe.core.errors import UsageError
from radloupe.data.sources import Item
from radloupe.evaluation.gain import lost, pair
from radloupe.imaging.pixel_info import network_range
from radloupe.inference.checks import BOUNDED_SHARE
from radloupe.inference.options import InferenceOptions
from radloupe.inference.super_resolve import super_resolve
from radloupe.inference.tiles import batched
from radloupe.networks.int8 import body_convolutions, calibrated_ranges
from radloupe.networks.model import Model
from radloupe.papers.default_models import ZooRecipe
from radloupe.papers.train_default import images
from radloupe.zoo.load import load_model
from radloupe.zoo.manifest import Manifest

CROPS = 48
"""Of the training images that ranges are taken from; more change the mean of their ends by less than a level."""
SIDE = 128
"""Low pixels of a crop's side."""
FORM = ("openvino", "int8")


def with_int8(manifest: Manifest, recipe: ZooRecipe, data: Path) -> Manifest:
    """The manifest of a shipped model with its int8 ranges and what they lose in the anatomy of the validation images.

    Raises `UsageError` for a network without a body of its own, and for a form that meets its bounds in many more pixels of a validation
    image than float32 (0.1 % of them), which is not kept.
    """
    model = load_model(manifest.name)
    if not body_convolutions(model.network):
        raise UsageError(f"Expected a network with a body that can be quantised, found {manifest.network} in {manifest.name}.")
    crops = (torch.from_numpy(crop) for crop in calibration_crops(images(recipe, data, "train"), model))
    model = replace(model, int8_ranges=calibrated_ranges(model.network, crops), engine_loss_db={"-".join(FORM): 0.0})
    validation = list(images(recipe, data, "validation"))
    more = max(bounded_share(item, model, *FORM) - bounded_share(item, model, "torch", "32") for item in validation)
    if more > BOUNDED_SHARE:
        raise UsageError(f"{manifest.name} in int8 meets its bounds in {more:.2%} more pixels of a validation image; it is not kept.")
    loss = lost(validation, model, [FORM])
    return replace(
        manifest, int8_ranges={name: list(ends) for name, ends in model.int8_ranges.items()}, engine_loss_db=manifest.engine_loss_db | loss
    )


def calibration_crops(items: Iterator[Item], model: Model) -> Iterator[np.ndarray]:
    """Low-resolution crops `1 c y x` in network range, one of each of `CROPS` slices evenly spaced over the training images."""
    draw = seeds.generator(0, "int8", model.name)
    found = list(items)
    slices = [(item, z) for item in found for z in range(item.image.shape[0])]
    chosen = slices[:: max(len(slices) // CROPS, 1)]
    for item, z in islice(chosen, CROPS):
        one = replace(item, image=replace(item.image, pixels=item.image.pixels[:, z : z + 1]))
        low, _ = pair(one, model)
        values = network_range(low.pixels, low.info).enter(low.pixels[0, 0])
        top, left = (int(draw.integers(max(n - SIDE, 0) + 1)) for n in values.shape)
        yield batched(values[top : top + SIDE, left : left + SIDE], model.spec)


def bounded_share(item: Item, model: Model, engine: str, precision: str) -> float:
    """The share of pixels of an image that the bound changes."""
    low, _ = pair(item, model)
    result = super_resolve(low, model, InferenceOptions(engine=engine, precision=precision, device="cpu"))
    result.run(check=False)
    return result.bound.changed_share
