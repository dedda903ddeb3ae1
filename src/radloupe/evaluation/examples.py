"""Example slices: low resolution, every method and truth, with error maps and spectra."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Real, UInt8
from scipy.ndimage import binary_dilation, uniform_filter

from radloupe.evaluation.interpolations import nearest
from radloupe.evaluation.methods import Method
from radloupe.evaluation.paired_metrics import ImageMetrics, Task, degraded_pair
from radloupe.evaluation.survey import PatientImage
from radloupe.metrics.anatomy_mask import anatomy
from radloupe.reports.compare import Panel, grey_levels
from radloupe.reports.parts import ImageRow, label, reduced

UNITS = {"HU": " HU", "stored": " grey levels", "attenuation": "/mm"}
DETAIL = 48  # smallest side in pixels; an eighth of the image where that is larger
RIM = 8  # fraction 1 / RIM on each side: burnt-in marks and the collimator there have the largest and least relevant errors
OUTLINE = 2  # pixels around the anatomy
WHITE = 99.0  # percentile of the errors; the maximum of a few sharp edges would leave the rest black


@dataclass(frozen=True)
class Planes:
    """One slice at low resolution, as every method's output, and as the truth, in the image's unit."""

    low: np.ndarray
    truth: np.ndarray
    outputs: dict[str, np.ndarray]
    unit: str
    inverted: bool
    mask: np.ndarray | None = None
    """Mask of the anatomy in the slice."""


def planes(subject: PatientImage, methods: Sequence[Method], task: Task) -> Planes:
    """The slice of an image where the first method has the largest squared error."""
    low, truth = degraded_pair(subject, task)
    lows, truths = list(low.slices()), list(truth.slices())
    outputs: dict[str, np.ndarray] = {}
    index = 0
    for method in methods:
        slices = list(method.upscale(low).slices())
        if not outputs:
            index = int(np.argmax([np.square(error(a, b)).sum() for a, b in zip(slices, truths, strict=True)]))
        outputs[method.name] = slices[index].copy()
    mask = anatomy(truth).mask.reshape(-1, *truths[0].shape)[index]
    return Planes(lows[index], truths[index], outputs, UNITS.get(truth.info.unit, ""), truth.info.inverted, mask)


def error(image: Real[np.ndarray, "y x"], truth: Real[np.ndarray, "y x"]) -> Float[np.ndarray, "y x"]:
    """Absolute difference."""
    return np.abs(image.astype(np.float64) - truth)


def spectrum(plane: Real[np.ndarray, "y x"]) -> Float[np.ndarray, "y x"]:
    """Log10 magnitude spectrum per pixel, mean removed, under a Hann window that suppresses the cross of the image's borders."""
    height, width = plane.shape
    window = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1])
    magnitude = np.abs(np.fft.fftshift(np.fft.fft2((plane - plane.mean(dtype=np.float64)) * window)))
    return np.log10(magnitude / plane.size + np.finfo(np.float64).tiny)


def image_rows(shown: Planes, row: ImageMetrics, scale: int) -> list[ImageRow]:
    """Rows of images, details, error maps and spectra, with columns for low resolution, every method and truth."""
    images = {"low": nearest(shown.low, scale), **shown.outputs, "truth": shown.truth}
    errors = {name: error(image, shown.truth) for name, image in shown.outputs.items()}
    first = next(iter(errors))
    white = max(float(np.percentile(e, WHITE)) for e in errors.values()) or 1.0
    region = detail(np.minimum(errors[first], white))
    faults = {name: reduced(grey_levels(e, 0, white), peaks=True) for name, e in errors.items()}
    return [
        ImageRow("The whole slice", [Panel(caption(name, row), reduced(i)) for name, i in alike(images, shown).items()]),
        *scored_part(alike(images, shown)["truth"], shown.mask),
        ImageRow(
            f"Region of the largest mean error of {first}, away from the rim",
            [Panel(name, i) for name, i in alike({name: image[region] for name, image in images.items()}, shown).items()],
        ),
        ImageRow(
            f"Absolute error: white is {white:.3g}{shown.unit} or more",
            [Panel(name, faults[name]) if name in faults else None for name in images],
        ),
        ImageRow(
            "Magnitude of the spectrum, logarithmic: the centre is the mean, the rim the finest detail that the truth's pixels can hold",
            [Panel(name, image) for name, image in spectra(shown).items()],
        ),
    ]


def detail(errors: Float[np.ndarray, "y x"]) -> tuple[slice, slice]:
    """Square with the largest mean error, away from the rim."""
    height, width = errors.shape
    side = min(height, width, max(DETAIL, min(height, width) // 8))
    means = uniform_filter(errors, side)  # value at a square's centre, its pixel side // 2
    corners = means[side // 2 : side // 2 + height - side + 1, side // 2 : side // 2 + width - side + 1]
    down, across = (min(n // RIM, (n - side) // 2) for n in errors.shape)
    inner = corners[down : len(corners) - down, across : corners.shape[1] - across]
    y, x = np.unravel_index(np.argmax(inner), inner.shape)
    return slice(y + down, y + down + side), slice(x + across, x + across + side)


def alike(images: dict[str, np.ndarray], shown: Planes) -> dict[str, np.ndarray]:
    """Grey levels of all images in the range of the last, the truth; a constant image is black."""
    bottom, top = np.percentile(list(images.values())[-1], (0.5, 99.5)).tolist()
    levels = {name: grey_levels(image, bottom, top if top > bottom else bottom + 1) for name, image in images.items()}
    return {name: 255 - level for name, level in levels.items()} if shown.inverted else levels


def scored_part(levels: UInt8[np.ndarray, "y x"], mask: np.ndarray | None) -> list[ImageRow]:
    """Row of the truth dimmed outside the anatomy; none without a mask."""
    if mask is None:
        return []
    return [
        ImageRow(
            "The truth, dimmed outside of the anatomy",
            [Panel("bright: scored as anatomy", reduced(dimmed(levels, mask)))],
        )
    ]


def dimmed(levels: UInt8[np.ndarray, "y x"], mask: Bool[np.ndarray, "y x"]) -> UInt8[np.ndarray, "y x"]:
    """Grey levels dimmed to a third outside a mask, with a white outline that is visible in air."""
    outline = binary_dilation(mask, iterations=OUTLINE) & ~mask
    return np.where(outline, 255, np.where(mask, levels, levels // 3)).astype(np.uint8)


def caption(name: str, row: ImageMetrics) -> str:
    """A method's name with its first two metrics."""
    values = row.metrics.get(name, {})
    return " · ".join([name, *(f"{label(metric).split(' (')[0]} {value:.4g}" for metric, value in list(values.items())[:2])])


def spectra(shown: Planes) -> dict[str, np.ndarray]:
    """Spectra as grey levels with a common range; that of the low slice fills the centre, up to its Nyquist frequency."""
    truth = spectrum(shown.truth)
    bottom, top = np.percentile(truth, (1, 99.9)).tolist()
    low = np.full(truth.shape, bottom)
    (y, x), (rows, columns) = (n // 2 for n in truth.shape), shown.low.shape
    low[y - rows // 2 : y - rows // 2 + rows, x - columns // 2 : x - columns // 2 + columns] = spectrum(shown.low)
    values = {"low": low, **{name: spectrum(image) for name, image in shown.outputs.items()}, "truth": truth}
    return {name: reduced(grey_levels(value, bottom, top if top > bottom else bottom + 1)) for name, value in values.items()}
