"""Robustness survey of a model: gain over bicubic interpolation under several degradations, and the pixels that the bound changes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np

from radloupe.data.sources import Item
from radloupe.degradation import JPEG, Chain, GaussianBlur, GaussianNoise, KSpaceCrop, cropped, grey_levels, run
from radloupe.degradation.plain import to_low
from radloupe.degradation.step import nth
from radloupe.evaluation.methods import interpolated, upscaled
from radloupe.evaluation.patient_statistics import patient_means
from radloupe.imaging import pixel_info
from radloupe.imaging.image import Image
from radloupe.inference.checks import BOUNDED_SHARE
from radloupe.metrics.anatomy_mask import anatomy
from radloupe.metrics.inside import decibels
from radloupe.networks.model import Model

Shape = tuple[int, int]
NATIVE = "native"
"""Condition of an image that was not degraded: without a truth, only bounded pixels are counted."""
NOT_BELOW_DB = -0.05
"""Gain in dB below which a result counts as a loss: the smallest difference between networks that is reported."""


def sharp(shape: Shape, scale: int) -> Chain:
    """Chain of antialiased bicubic downsampling."""
    return [to_low(shape, scale, "bicubic")]


def blurred(shape: Shape, scale: int) -> Chain:
    """Chain of a Gaussian blur of half a low pixel, sampled at the centre of each low pixel."""
    width = scale / 2
    side = 2 * int(np.ceil(3 * width)) + 1  # three standard deviations hold all but 0.3 % of a Gaussian
    return [GaussianBlur(side, side, width, width), to_low(shape, scale, "bilinear")]


CONDITIONS: Mapping[str, Callable[[Shape, int], Chain]] = {
    "bicubic": sharp,
    "k-space": lambda shape, scale: [KSpaceCrop(scale, "centre")],
    "area": lambda shape, scale: [to_low(shape, scale, "area")],
    "blur": blurred,
    "noise 2": lambda shape, scale: [*sharp(shape, scale), GaussianNoise(2.0, seed=0)],
    "JPEG 75": lambda shape, scale: [*sharp(shape, scale), JPEG(75)],
}
"""Degradations by name, on grey levels from 0 to 255; `k-space` is for MR alone."""


@dataclass(frozen=True)
class Condition:
    """Results of a model under one degradation."""

    name: str
    gain_db: float | None
    """Gain in dB over bicubic interpolation in the anatomy, mean over patients. None for native images."""
    worst_db: float | None
    """Gain in dB on the worst image."""
    below: int
    """Number of images with a gain below `NOT_BELOW_DB`."""
    bounded: float
    """Largest share of an image's pixels that the bound changed."""
    unstable: int
    """Number of images with a share above `inference.checks.BOUNDED_SHARE`."""
    images: int
    patients: int


def robustness(items: Iterable[Item], model: Model, crop: int = 256) -> list[dict[str, object]]:
    """The survey of a model on some images: a row for each condition of `CONDITIONS` that suits its modality, and one for native images.

    Native images are cropped to their central `crop` x `crop` pixels. Metrics are of the whole pipeline, including estimates of noise and
    blur, data consistency and the bound.
    """
    names = [name for name in CONDITIONS if name != "k-space" or model.modality == "MR"]
    found: dict[str, list[tuple[str, float | None, float]]] = {name: [] for name in (*names, NATIVE)}
    for item in items:
        truth = cropped_image(item.image, model.spec.scale)
        mask = anatomy(truth).mask
        for name in names:
            found[name].append((item.patient, *gain(reduced(truth, CONDITIONS[name], model.spec.scale), truth, mask, model)))
        native = upscaled(middle(item.image, crop), model)
        found[NATIVE].append((item.patient, None, share_bounded(native)))
    return [asdict(condition(name, rows)) for name, rows in found.items()]


def thinned(items: Iterable[Item], slices: int = 3) -> Iterator[Item]:
    """Images with few of their slices, evenly spaced: neighbours are alike."""
    for item in items:
        count = item.image.shape[0]
        chosen = sorted({(2 * n + 1) * count // (2 * slices) for n in range(min(count, slices))})
        yield replace(item, image=replace(item.image, pixels=item.image.pixels[:, chosen]))


def condition(name: str, rows: list[tuple[str, float | None, float]]) -> Condition:
    """Row of the survey from patient, gain and share of bounded pixels of each image."""
    patients = [patient for patient, _, _ in rows]
    gains = [gain for _, gain, _ in rows if gain is not None]
    shares = [share for _, _, share in rows]
    mean = round(float(np.mean(patient_means(np.array(gains), patients))), 3) if gains else None
    return Condition(
        name,
        mean,
        round(min(gains), 3) if gains else None,
        sum(gain < NOT_BELOW_DB for gain in gains),
        round(max(shares), 6),
        sum(share > BOUNDED_SHARE for share in shares),
        len(rows),
        len(set(patients)),
    )


def gain(low: Image, truth: Image, mask: np.ndarray, model: Model) -> tuple[float, float]:
    """Gain of a model over bicubic interpolation in a mask in dB, and its share of bounded pixels."""
    large, bicubic = upscaled(low, model), interpolated(low, model.spec.scale, "bicubic")
    ours, theirs = (float(np.square(one.pixels[mask].astype(float) - truth.pixels[mask]).mean()) for one in (large, bicubic))
    return decibels(theirs, ours), share_bounded(large)


def share_bounded(large: Image) -> float:
    """Share of a result's pixels that the bound changed."""
    return float(large.facts["bounded_pixels"]) / large.pixels.size


def reduced(truth: Image, steps: Callable[[Shape, int], Chain], scale: int) -> Image:
    """Low-resolution image of a truth, in its unit and dtype."""
    grey = grey_levels(truth)
    chain = steps((truth.shape[1], truth.shape[2]), scale)
    planes = [run(nth(chain, n), (plane.astype(float) - grey.offset) / grey.span) for n, plane in enumerate(truth.slices())]
    pixels = [pixel_info.quantise(plane * grey.span + grey.offset, truth.info, truth.pixels.dtype) for plane in planes]
    return truth.resampled(np.stack(pixels)[None], (1 / scale, 1 / scale, 1), "reduced")


def cropped_image(image: Image, scale: int) -> Image:
    """Single-channel image cropped to multiples of the scale."""
    return Image(cropped(image.pixels[:1], scale), image.affine, image.info)


def middle(image: Image, side: int) -> Image:
    """Central crop of the middle slice."""
    z, y, x = image.shape
    top, left = max(y - side, 0) // 2, max(x - side, 0) // 2
    return Image(image.pixels[:1, z // 2 : z // 2 + 1, top : top + side, left : left + side], image.affine, image.info)
