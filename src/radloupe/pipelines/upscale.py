"""Super-resolution of an image: choice of the model, its reference, checks against the image, and inference."""

import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from radloupe.core.errors import InputError, LimitError, RadloupeWarning, UsageError
from radloupe.core.limits import LIMITS, Limits, check_output_shape
from radloupe.imaging.image import Image
from radloupe.imaging.modality import Modality
from radloupe.inference.cascade import cascade
from radloupe.inference.gate.finding import GateReport
from radloupe.inference.gate.inspection import inspect_image
from radloupe.inference.labels import is_label_map, nearest_model
from radloupe.inference.memory import peak_bytes
from radloupe.inference.options import UpscaleOptions
from radloupe.inference.output_grid import OutputGrid, wanted_grid
from radloupe.inference.reference_input import conditioned_on
from radloupe.inference.super_resolve import SuperResolution, super_resolve
from radloupe.networks.model import Model
from radloupe.zoo.load import default_model, load_model, manifests
from radloupe.zoo.manifest import Manifest

SCALES = (4, 2)
"""Default scales in order of preference."""
NETWORK_SCALES = (2, 4, 8)
"""Scales without resampling; the last is that of the cascade of default models."""


KNOWN_BEFORE = ("model", "scale", "spacing_in", "gate")
"""Facts that are written to headers, before the pixels."""

DEFAULTS = UpscaleOptions()


def prepare_upscale(
    image: Image,
    options: UpscaleOptions = DEFAULTS,
    limits: Limits = LIMITS,
    on_rows: Callable[[int], None] = lambda rows: None,
) -> SuperResolution:
    """Choose a model, inspect the image and prepare its super-resolution; computation starts when blocks are consumed.

    Raises `UsageError`, `InputError`, `LimitError`, `WeightsError`.
    """
    grid = wanted_grid(image, options.scale, options.size, options.spacing)
    model = with_inputs(choose_model(image, options, limits, grid), options.reference)
    check_modality(model, image, "the image")
    report = admit(image, options.force)
    result = super_resolve(image, model, options, limits, on_rows, None if grid is None or grid.is_of(model.spec.scale) else grid)
    *before, made = result.announced.history
    inspected = replace(result, gate=report)
    known = {key: inspected.facts[key] for key in KNOWN_BEFORE}
    announced = replace(result.announced, history=(*before, report.summary, made), facts=known)
    return replace(inspected, announced=announced)


def admit(image: Image, force: bool) -> GateReport:
    """Inspect an image (`inference.gate`): `InputError` for a refused image unless forced, a warning for other findings.

    Label maps are only reported here; `choose_model` handles them.
    """
    report = inspect_image(image)
    if (refused := report.of("refuse")) and not force:
        raise InputError(f"{' '.join(one.says for one in refused)} Nothing was written; `force` overrides the check.")
    for one in report.findings:
        if one.verdict != "ok" and one.name != "label-map":
            warnings.warn(one.says, RadloupeWarning, stacklevel=3)
    return report


def choose_model(image: Image, options: UpscaleOptions, limits: Limits = LIMITS, grid: OutputGrid | None = None) -> Model:
    """The named model, or the default one for the image's modality at the smallest scale that suffices for a grid, else the largest.

    A label map gets nearest-neighbour interpolation, with a warning. Raises `UsageError` for unknown models or scales.
    """
    if not options.force and is_label_map(image):
        model = load_model(options.model) if options.model and not grid else None
        warnings.warn(
            "The image looks like a label map (few whole numbers in patches), so it is enlarged by nearest neighbour. "
            "Force super-resolution (`force`) if its numbers are intensities.",
            RadloupeWarning,
            stacklevel=3,
        )
        return nearest_model(model.spec.scale if model else network_scale(image, limits, grid))
    if options.model:
        model = load_model(options.model)
        if grid and grid.scale > model.spec.scale:
            found = f"{model.name} enlarges by {model.spec.scale} at most, not by {grid.scale:.4g}"
            raise UsageError(f"{found}. Choose a smaller one, or another model.")
        return model
    return default_of(image.info.modality, network_scale(image, limits, grid))


def network_scale(image: Image, limits: Limits, grid: OutputGrid | None) -> int:
    """Smallest scale of `NETWORK_SCALES` that covers a grid; without a grid, the largest of `SCALES` within the limits."""
    return largest_scale(image, limits) if grid is None else next(scale for scale in NETWORK_SCALES if grid.scale <= scale)


def default_of(modality: Modality, scale: int) -> Model:
    """Default model of a modality and scale; for 8 the cascade of those for 4 and 2."""
    if scale <= max(SCALES):
        return load_model(default_model(modality, scale))
    first, second = (load_model(default_model(modality, one)) for one in SCALES)
    return cascade(first, second)


def check_modality(model: Model, image: Image, role: str) -> None:
    """Warn of an image of another modality than the model's; raise `InputError` for a strict model."""
    if model.modality in (image.info.modality, "other"):
        return
    text = f"{model.name} is made for {model.modality} images, and {role} is {image.info.modality}"
    if model.strict:
        raise InputError(f"{text}. Choose another model: `radloupe models` lists them.")
    warnings.warn(f"{text}; judge the result with care.", RadloupeWarning, stacklevel=3)


def with_inputs(model: Model, reference: Image | None) -> Model:
    """Model conditioned on the reference, if given; raises `UsageError` for a model without references, `InputError` for several slices."""
    if reference is None:
        return model
    check_modality(model, reference, "the reference")
    return conditioned_on(model, reference)


def largest_scale(image: Image, limits: Limits) -> int:
    """The largest default scale whose output is within the limits; the smallest where none is, for `announce` to refuse."""
    c, z, y, x = image.pixels.shape
    for scale in SCALES[:-1]:
        with suppress(LimitError):
            check_output_shape((c, z, y * scale, x * scale), limits)
            return scale
    return SCALES[-1]


def report(result: SuperResolution, begun: float) -> dict[str, Any]:
    """Facts of a finished result with its cost; `begun` is the value of `time.perf_counter` at the start."""
    seconds = time.perf_counter() - begun
    cost = {
        "seconds": round(seconds, 3),
        "megapixels_per_s": round(result.announced.pixels.size / 1e6 / seconds, 3),
        "peak_memory_bytes": peak_bytes(),
    }
    return result.facts | cost


def list_models() -> list[Manifest]:
    """The manifests of the shipped models: the six default ones, then those of the papers.

    >>> [row.name for row in list_models() if (row.modality, row.scale) == ("MR", 2)]
    ['mri-x2']
    """
    return manifests()


models = list_models
"""The earlier name of `list_models`."""


def upscale(
    image: Image,
    model: str | None = None,
    scale: float | None = None,
    *,
    size: tuple[int, int] | None = None,
    spacing: float | tuple[float, float] | None = None,
    tile: str | int = DEFAULTS.tile,
    memory: str = DEFAULTS.memory,
    quality: str = DEFAULTS.quality,
    engine: str = DEFAULTS.engine,
    precision: str = DEFAULTS.precision,
    device: str = DEFAULTS.device,
    reference: Image | None = None,
    consistency: str = DEFAULTS.consistency,
    denoise: str | float = DEFAULTS.denoise,
    sharpness: str | float = DEFAULTS.sharpness,
    uncertainty: bool = False,
    level: float = float(DEFAULTS.level),
    strict: bool = False,
    force: bool = False,
) -> Image:
    """Super-resolution of an image in plane: the same unit and type, `scale` times the rows and columns, the geometry that follows.

    Slices (y, x) are enlarged one by one; the number of slices stays. Every output pixel stays within the range of the input pixels around
    it, widened by a fixed share (`inference.bound`). Its `facts` are those of `radloupe upscale --json`.

    Args:
        image: An image as returned by `read`.
        model: A shipped model's name or a model folder; by default chosen by modality and scale.
        scale: Enlargement in plane, above 1 and at most 8, whole or not; by default 4, or 2 where 4 is over a limit. Factors between
            those of models use antialiased resampling of the next larger one; above 4 the default models for 4 and 2 run in sequence.
        size: Rows and columns of the result, in place of `scale`.
        spacing: Pixel spacing of the result in mm, along both axes or (x, y), in place of `scale`.
        tile: `auto`, `off`, or the side of a tile in input pixels; exact tiles give the same bytes.
        memory: Upper bound on resident memory, such as `2GiB`.
        quality: `fast` allows bfloat16 and int8 for models with a known loss of at most 0.05 dB; `best` averages the results of eight
            flips, for eight times the work.
        engine: A name of `inference.engines.ENGINES`; `auto` takes the fastest that is installed.
        precision: `32`, `bf16`, `int8`, or `auto`, which follows `quality`.
        device: `auto`, `cpu` or `cuda`.
        reference: A sharp image of one slice, for reference-based models.
        consistency: Data-consistency correction: `auto` weights it by the image's noise, `hard` applies it fully, `off` not at all.
        denoise: Noise level that conditions the network: `auto` (estimated), or 0 (none) to 1 (a standard deviation of 2 % of the range).
        sharpness: Sharpness that conditions the network: `auto` (estimated), or 0 (blurred) to 1 (as sharp as the pixels allow).
        uncertainty: Whether the result's `uncertainty` holds the half width of an interval around every pixel, as an image in the
            same unit; for models with a calibration.
        level: Nominal coverage of the intervals: 0.5, 0.8, 0.9 or 0.95.
        strict: Whether a suspicious result (low consistency, many bounded pixels) is an `InputError` rather than a `RadloupeWarning`.
        force: Whether to enlarge an image that the input checks refuse, and a label map as intensities.

    Raises:
        UsageError: For an unknown model, scale or option.
        InputError: For an image that the model cannot take.
        LimitError: For an output over the limits.
        WeightsError: For missing or damaged weights.

    >>> import numpy as np
    >>> from radloupe.imaging.pixel_info import PixelInfo
    >>> slope = np.add.outer(np.arange(40.0), np.arange(48.0)).astype(np.float32)
    >>> large = upscale(Image(slope[None, None], info=PixelInfo(modality="MR")), scale=2)
    >>> large.shape, large.spacing, large.facts["model"]
    ((1, 80, 96), (0.5, 0.5, 1.0), 'mri-x2')

    """
    begun = time.perf_counter()
    options = UpscaleOptions(
        model=model,
        scale=scale,
        size=size,
        spacing=spacing,
        tile=tile,
        memory=memory,
        quality=quality,
        engine=engine,
        precision=precision,
        device=device,
        reference=reference,
        consistency=consistency,
        denoise=denoise,
        sharpness=sharpness,
        uncertainty=uncertainty,
        level=f"{level:g}",
        strict=strict,
        force=force,
    )
    result = prepare_upscale(image, options)
    return replace(result.run(), facts=report(result, begun))
