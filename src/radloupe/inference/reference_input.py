"""Conditioning of reference-based models on their reference image."""

from dataclasses import replace

import torch

from radloupe.core.errors import InputError
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import network_range
from radloupe.networks.adapters import with_reference
from radloupe.networks.model import Model


def conditioned_on(model: Model, reference: Image) -> Model:
    """The model conditioned on a reference image of one slice, which enters the network in network range as the image does.

    Raises `UsageError` for a model that takes no reference, `InputError` for a reference of several slices.
    """
    if reference.pixels.shape[:2] != (1, 1):
        raise InputError(f"Expected a reference of one slice, found one of shape {'x'.join(map(str, reference.shape))}.")
    values = network_range(reference.pixels, reference.info).enter(reference.pixels)
    return replace(model, network=with_reference(model.network, torch.from_numpy(values)))
