"""Ways to enlarge an image that are compared with each other: trained models, and plain interpolation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float, Real
from PIL import Image as Picture

from radloupe import degradation
from radloupe.core.errors import UsageError
from radloupe.degradation.kspace import zero_filled
from radloupe.degradation.resample import bicubic
from radloupe.imaging import pixel_info
from radloupe.imaging.image import Image
from radloupe.inference.engines import prepare
from radloupe.inference.enlarge import announce, assemble, enlarge
from radloupe.inference.tile_plan import plan_tiles
from radloupe.networks.model import Model
from radloupe.zoo.load import find, load_model
from radloupe.zoo.manifest import read_manifest

TILES_BYTES = 2**30
"""Fixed, so that the tiles of networks without finite reach, and with them the figures, do not depend on the memory that is free."""


@dataclass(frozen=True)
class Way:
    """A named way to enlarge low images by the scale that it was made for."""

    name: str
    enlarge: Callable[[Image], Image]
    modality: str | None = None
    """What a model is made for; None for interpolation, which suits everything."""
    sha256: str | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    """What the model's manifest says of its training; `leakage` reads the list of patients and images there."""
    centred: bool = True
    """The grid that it enlarges onto; see `degradation.centred`."""


def enlarged(low: Image, model: Model, precision: str = "32", device: str = "cpu", engine: str = "torch") -> Image:
    """A low image super-resolved in its own type, as `radloupe upscale` does it."""
    run, _ = prepare(model, engine, precision, device)
    plan = plan_tiles(low.shape, model.spec, TILES_BYTES)
    return assemble(announce(low, model, ""), enlarge(low, model, run, plan))


def interpolated(low: Image, scale: int, name: str, centred: bool = True) -> Image:
    """A low image enlarged by a method of `INTERPOLATIONS` in its own type, onto the grid that its low pixels come from."""
    planes = np.stack([pixel_info.quantise(INTERPOLATIONS[name](p, scale, centred), low.info, low.pixels.dtype) for p in low.slices()])
    pixels = planes.reshape(*low.pixels.shape[:2], *planes.shape[-2:])
    return low.resampled(pixels, (scale, scale, 1), f"enlarged x{scale} by {name}", centred)


def nearest(plane: Real[np.ndarray, "y x"], scale: int, centred: bool = True) -> Real[np.ndarray, "sy sx"]:
    """Every pixel as a square; not `centred`, around the place of its first high pixel."""
    down, across = ((np.arange(n * scale) + (0 if centred else scale // 2)) // scale for n in plane.shape)
    return plane[np.minimum(down, plane.shape[0] - 1)][:, np.minimum(across, plane.shape[1] - 1)]


def cubic(plane: Real[np.ndarray, "y x"], scale: int, centred: bool = True) -> Float[np.ndarray, "sy sx"]:
    """Keys' cubic; beyond the image its edge goes on."""
    return bicubic(plane, scale, "edge", centred)


def lanczos(plane: Real[np.ndarray, "y x"], scale: int, centred: bool = True) -> Float[np.ndarray, "sy sx"]:
    """Lanczos of three lobes, as Pillow has it: in float32, and normalised at the border over what lies inside."""
    height, width = plane.shape
    first = 0 if centred else (scale - 1) / (2 * scale)
    picture = Picture.fromarray(np.pad(plane.astype(np.float32), (0, 0 if centred else 1), mode="edge"))
    size, box = (width * scale, height * scale), (first, first, first + width, first + height)
    return np.asarray(picture.resize(size, Picture.Resampling.LANCZOS, box))


def zero_filling(plane: Real[np.ndarray, "y x"], scale: int, centred: bool = True) -> Float[np.ndarray, "sy sx"]:
    """Zeros around k-space, what MR scanners do (`degradation.kspace.zero_filled`)."""
    return zero_filled(plane, scale, "centre" if centred else "grid")


INTERPOLATIONS: dict[str, Callable[[np.ndarray, int, bool], np.ndarray]] = {
    "nearest": nearest,
    "bicubic": cubic,
    "lanczos": lanczos,
    "zero-filling": zero_filling,
}
"""Functions of a plane, the scale, and whether its pixels are centred on the high ones that they stand for (`degradation.centred`)."""


def ways_named(names: Sequence[str], scale: int, device: str = "auto", centred: bool = True) -> list[Way]:
    """The ways that are named, each under a name of its own; raises `UsageError` for unknown names and other scales, `WeightsError`.

    `centred` is the grid of the low images (`degradation.centred`), which interpolation follows.
    """
    ways: list[Way] = []
    for name in names:
        way = interpolation(name, scale, centred) if name in INTERPOLATIONS else trained(name, scale, device)
        taken = [other.name for other in ways]
        again = 2 + sum(other.startswith(f"{way.name} (") for other in taken)
        ways.append(replace(way, name=f"{way.name} ({again})") if way.name in taken else way)
    return ways


def interpolation(name: str, scale: int, centred: bool = True) -> Way:
    """One of `INTERPOLATIONS`."""
    return Way(name, partial(interpolated, scale=scale, name=name, centred=centred), centred=centred)


def trained(name: str, scale: int, device: str) -> Way:
    """A shipped model or that of a folder."""
    model = load_model(name)
    if model.spec.scale != scale:
        raise UsageError(
            f"Expected models that enlarge by {scale}, found {model.name}, which enlarges by {model.spec.scale}. Change --scale."
        )
    training = read_manifest(find(name)).training
    on_centres = degradation.centred(model.degradation, scale)
    return Way(model.name, partial(enlarged, model=model, device=device), model.modality, model.sha256, training, on_centres)
