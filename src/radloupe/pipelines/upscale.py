"""The Python door: names and options become models, plans and enlarged images."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import torch

from radloupe import __version__
from radloupe.core.errors import InputError, LimitError, RadloupeWarning, UsageError
from radloupe.core.limits import LIMITS, Limits, check_output_shape, parse_bytes
from radloupe.imaging import pixel_info
from radloupe.imaging.image import Image
from radloupe.inference.bound import Bound
from radloupe.inference.checks import check_result
from radloupe.inference.consistency import Consistency
from radloupe.inference.engines import prepare
from radloupe.inference.enlarge import announce, assemble, bound_for, enlarge
from radloupe.inference.labels import is_label_map, nearest_model
from radloupe.inference.memory import resident_bytes
from radloupe.inference.tile_plan import pieces, plan_tiles
from radloupe.networks.adapters import with_reference
from radloupe.networks.model import Model
from radloupe.zoo.load import default_model, load_model, manifests
from radloupe.zoo.manifest import Manifest

SCALES = (4, 2)
"""Scales tried in this order when none is asked for."""


@dataclass(frozen=True)
class Options:
    """How to super-resolve; the defaults suit a machine with two cores."""

    model: str | None = None
    """A shipped model or a model folder; chosen by modality and scale when not given."""
    scale: int | None = None
    tile: str | int = "auto"
    memory: str = "2GiB"
    """Most memory to be resident, all in; it decides the tiles."""
    engine: str = "auto"
    precision: str = "32"
    device: str = "auto"
    reference: Image | None = None
    """A sharp image of one slice, for models that take textures from it."""
    strict: bool = False
    """Whether a result that fails its checks (`inference.checks`) is refused rather than noted."""
    force: bool = False
    """Whether what looks like a label map is enlarged as intensities all the same."""


@dataclass(frozen=True)
class Work:
    """A super-resolution that is ready to run: the image to come, its pixels as blocks, and what is making them.

    `consistency` and `bound` hold their figures once the blocks were taken.
    """

    image: Image
    blocks: Iterator[np.ndarray]
    model: Model
    engine: str
    tiles: int
    consistency: Consistency
    bound: Bound

    @property
    def notes(self) -> list[str]:
        """What is suspicious of the finished result, a sentence each."""
        return check_result(self.model.name, self.consistency, self.bound)

    def finish(self, strict: bool) -> Iterator[np.ndarray]:
        """The blocks, and then its notes as warnings, or as an `InputError` where they are not to be passed over."""
        yield from self.blocks
        if strict and self.notes:
            raise InputError(f"{' '.join(self.notes)} Nothing was written; leave out --strict to look at the result.")
        for note in self.notes:
            warnings.warn(note, RadloupeWarning, stacklevel=2)


def choose_model(image: Image, options: Options, limits: Limits = LIMITS) -> Model:
    """The model that the options name, or the default for the image's modality at the asked or the largest fitting scale.

    A label map is enlarged by nearest neighbour, with a warning. Raises `UsageError` for unknown models or scales.
    """
    if not options.force and is_label_map(image):
        scale = options.scale or (load_model(options.model).spec.scale if options.model else largest_scale(image, limits))
        warnings.warn(
            "The image looks like a label map (few whole numbers in patches), so it is enlarged by nearest neighbour. "
            "Force super-resolution (--force) if its numbers are intensities.",
            RadloupeWarning,
            stacklevel=3,
        )
        return nearest_model(scale)
    if options.model:
        model = load_model(options.model)
        if options.scale and options.scale != model.spec.scale:
            raise UsageError(f"{model.name} enlarges by {model.spec.scale}, not by {options.scale}. Drop --scale or choose another model.")
        return model
    return load_model(default_model(image.info.modality, options.scale or largest_scale(image, limits)))


def check_modality(model: Model, image: Image, role: str) -> None:
    """Warn of an image that a model is not made for, or refuse it (`InputError`) where the model is strict."""
    if model.modality in (image.info.modality, "other"):
        return
    text = f"{model.name} is made for {model.modality} images, and {role} is {image.info.modality}"
    if model.strict:
        raise InputError(f"{text}. Choose another model: `radloupe models` lists them.")
    warnings.warn(f"{text}; judge the result with care.", RadloupeWarning, stacklevel=3)


def supplied(model: Model, reference: Image | None) -> Model:
    """The model with its reference, if one is given; raises `UsageError` for a model that takes none, `InputError` for several slices."""
    if reference is None:
        return model
    check_modality(model, reference, "the reference")
    if reference.pixels.shape[:2] != (1, 1):
        raise InputError(f"Expected a reference of one slice, found one of shape {'x'.join(map(str, reference.shape))}.")
    values = pixel_info.network_range(reference.pixels, reference.info).enter(reference.pixels)
    return replace(model, network=with_reference(model.network, torch.from_numpy(values)))


def largest_scale(image: Image, limits: Limits) -> int:
    """The largest default scale whose output is within the limits; the smallest where none is, for `announce` to refuse."""
    c, z, y, x = image.pixels.shape
    for scale in SCALES[:-1]:
        with suppress(LimitError):
            check_output_shape((c, z, y * scale, x * scale), limits)
            return scale
    return SCALES[-1]


def plan_work(image: Image, options: Options, limits: Limits = LIMITS, tick: Callable[[int], None] = lambda rows: None) -> Work:
    """Everything decided and checked, nothing enlarged yet. Raises `UsageError`, `InputError`, `LimitError`, `WeightsError`."""
    model = supplied(choose_model(image, options, limits), options.reference)
    check_modality(model, image, "the image")
    coming = announce(image, model, __version__, limits)
    run, engine = prepare(model, options.engine, options.precision, options.device)
    plan = plan_tiles(image.shape, model.spec, parse_bytes(options.memory) - resident_bytes(), options.tile)
    down, across = (len(pieces(0, n, plan, model.spec)) for n in image.shape[-2:])
    tiles = down * across * image.pixels.shape[0] * image.pixels.shape[1]
    consistency, bound = Consistency(model.degradation, model.spec.scale), bound_for(image, model)
    blocks = enlarge(image, model, run, plan, consistency, tick, bound)
    return Work(coming, blocks, model, engine, tiles, consistency, bound)


def models() -> list[Manifest]:
    """What is known of every shipped model: the six default ones, then those of the papers.

    >>> [row.name for row in models() if (row.modality, row.scale) == ("MR", 2)]
    ['mri-x2']
    """
    return manifests()


def upscale(
    image: Image,
    model: str | None = None,
    scale: int | None = None,
    *,
    tile: str | int = "auto",
    memory: str = "2GiB",
    engine: str = "auto",
    precision: str = "32",
    device: str = "auto",
    reference: Image | None = None,
    strict: bool = False,
    force: bool = False,
) -> Image:
    """Super-resolve an image in its slices: the same unit and type, `scale` times the rows and columns, the geometry that follows.

    Slices (y, x) are enlarged one by one; the number of slices stays. `model` is a shipped model or a model folder; without it the model
    is chosen by modality and scale (4, or 2 where 4 is over a limit); `reference` is a sharp image for models that need one. Every output
    pixel stays near the low pixels around it (`inference.bound`). A suspicious result (low consistency, many bounded pixels) is a
    `RadloupeWarning`, with `strict` an `InputError`; a label map is enlarged by nearest neighbour unless `force`. Raises `UsageError`,
    `InputError`, `LimitError`, `WeightsError`.
    """
    work = plan_work(image, Options(model, scale, tile, memory, engine, precision, device, reference, strict, force))
    return assemble(work.image, work.finish(strict))
