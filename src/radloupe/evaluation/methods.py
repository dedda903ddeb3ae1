"""Methods of an evaluation: trained models, and interpolation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from radloupe import degradation
from radloupe.core.errors import UsageError
from radloupe.evaluation.evaluate_options import INTERPOLATIONS
from radloupe.imaging import pixel_info
from radloupe.imaging.image import Image
from radloupe.inference.options import InferenceOptions
from radloupe.inference.super_resolve import super_resolve
from radloupe.networks.model import Model
from radloupe.zoo.load import find, load_model
from radloupe.zoo.manifest import read_manifest

TILES_BYTES = 2**30
"""Memory for tiles in bytes: fixed, so that metrics of networks with a global receptive field do not depend on free memory."""


@dataclass(frozen=True)
class Method:
    """A named method of super-resolution at one scale."""

    name: str
    upscale: Callable[[Image], Image]
    modality: str | None = None
    """Modality of a model; None for interpolation, which applies to every image."""
    sha256: str | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    """`training` of the model's manifest, with the patients and images that `leakage` checks."""
    centred: bool = True
    """Whether the output grid shares pixel centres with the input's (half-pixel convention); see `degradation.centred`."""


def upscaled(low: Image, model: Model, precision: str = "32", device: str = "cpu", engine: str = "torch") -> Image:
    """A low-resolution image super-resolved as by `rl.upscale`, regardless of the checks of the result."""
    options = InferenceOptions(engine=engine, precision=precision, device=device, tile_bytes=TILES_BYTES)
    return super_resolve(low, model, options).run(check=False)


def interpolated(low: Image, scale: int, name: str, centred: bool = True) -> Image:
    """A low-resolution image interpolated by a method of `INTERPOLATIONS`, in its own dtype, onto the grid of the truth."""
    planes = np.stack([pixel_info.quantise(INTERPOLATIONS[name](p, scale, centred), low.info, low.pixels.dtype) for p in low.slices()])
    pixels = planes.reshape(*low.pixels.shape[:2], *planes.shape[-2:])
    return low.resampled(pixels, (scale, scale, 1), f"enlarged x{scale} by {name}", centred)


def methods_named(names: Sequence[str], scale: int, device: str = "auto", centred: bool = True) -> list[Method]:
    """Methods by name; repeated names are numbered.

    Args:
        names: Shipped models, model folders, or rows of `INTERPOLATIONS`.
        scale: Factor of the enlargement.
        device: Device of the models.
        centred: The grid of the low-resolution images (`degradation.centred`), which interpolation follows.

    Raises:
        UsageError: For an unknown name or a model of another scale.
        WeightsError: For missing or damaged weights.

    """
    methods: list[Method] = []
    for name in names:
        method = interpolation(name, scale, centred) if name in INTERPOLATIONS else trained(name, scale, device)
        taken = [other.name for other in methods]
        again = 2 + sum(other.startswith(f"{method.name} (") for other in taken)
        methods.append(replace(method, name=f"{method.name} ({again})") if method.name in taken else method)
    return methods


def interpolation(name: str, scale: int, centred: bool = True) -> Method:
    """Interpolation as a method."""
    return Method(name, partial(interpolated, scale=scale, name=name, centred=centred), centred=centred)


def trained(name: str, scale: int, device: str) -> Method:
    """A shipped model or a model folder as a method."""
    model = load_model(name)
    if model.spec.scale != scale:
        raise UsageError(
            f"Expected models that enlarge by {scale}, found {model.name}, which enlarges by {model.spec.scale}. Choose that scale."
        )
    training = read_manifest(find(name)).training
    on_centres = degradation.centred(model.degradation, scale)
    return Method(model.name, partial(upscaled, model=model, device=device), model.modality, model.sha256, training, on_centres)
