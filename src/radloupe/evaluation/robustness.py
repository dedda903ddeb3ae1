"""Robustness survey of a model: its gain over bicubic interpolation on images made in several ways, and what the bound has to change."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass

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
"""The condition of an image that was not reduced: there is no truth, and only what the bound changes is counted."""
NOT_BELOW_DB = -0.05
"""A gain below this is a loss: the smallest difference of two networks that is ever worth a word."""


def sharp(shape: Shape, scale: int) -> Chain:
    """Antialiased bicubic reduction."""
    return [to_low(shape, scale, "bicubic")]


def blurred(shape: Shape, scale: int) -> Chain:
    """A Gaussian of half a low pixel, then the middle of each low pixel."""
    width = scale / 2
    side = 2 * int(np.ceil(3 * width)) + 1  # three widths hold all but 0.3 % of a Gaussian
    return [GaussianBlur(side, side, width, width), to_low(shape, scale, "bilinear")]


CONDITIONS: Mapping[str, Callable[[Shape, int], Chain]] = {
    "bicubic": sharp,
    "k-space": lambda shape, scale: [KSpaceCrop(scale, "centre")],
    "area": lambda shape, scale: [to_low(shape, scale, "area")],
    "blur": blurred,
    "noise 2": lambda shape, scale: [*sharp(shape, scale), GaussianNoise(2.0, seed=0)],
    "JPEG 75": lambda shape, scale: [*sharp(shape, scale), JPEG(75)],
}
"""How low images are made, on grey levels from 0 to 255; `k-space` is for MR alone."""


@dataclass(frozen=True)
class Condition:
    """What a model does to images that were made in one way."""

    name: str
    gain_db: float | None
    """Over bicubic interpolation of the same low images, in the anatomy: mean over patients. None for native images."""
    worst_db: float | None
    """Of the worst image."""
    below: int
    """Images on which it loses (`NOT_BELOW_DB`)."""
    bounded: float
    """Largest share of an image's pixels that were brought back within their bounds."""
    unstable: int
    """Images of which more than `inference.checks.BOUNDED_SHARE` were."""
    images: int
    patients: int


def robustness(items: Iterable[Item], model: Model, crop: int = 256) -> list[dict[str, object]]:
    """The survey of a model on some images: a row for each condition of `CONDITIONS` that suits its modality, and one for native images.

    Native images are enlarged in their middle `crop` x `crop` pixels. Every metric is of the whole product: estimates of noise and blur,
    data consistency and the bound as a user gets them.
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


def condition(name: str, rows: list[tuple[str, float | None, float]]) -> Condition:
    """One row of the survey from the patient, the gain and the share of bounded pixels of each image."""
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
    """The gain of a model over bicubic interpolation in a mask, in dB, and the share of its pixels that were bounded."""
    large, bicubic = upscaled(low, model), interpolated(low, model.spec.scale, "bicubic")
    ours, theirs = (float(np.square(one.pixels[mask].astype(float) - truth.pixels[mask]).mean()) for one in (large, bicubic))
    return decibels(theirs, ours), share_bounded(large)


def share_bounded(large: Image) -> float:
    """The share of a result's pixels that were brought back within their bounds."""
    return float(large.facts["bounded_pixels"]) / large.pixels.size


def reduced(truth: Image, steps: Callable[[Shape, int], Chain], scale: int) -> Image:
    """The low image of a truth, in its unit and type."""
    grey = grey_levels(truth)
    chain = steps((truth.shape[1], truth.shape[2]), scale)
    planes = [run(nth(chain, n), (plane.astype(float) - grey.offset) / grey.span) for n, plane in enumerate(truth.slices())]
    pixels = [pixel_info.quantise(plane * grey.span + grey.offset, truth.info, truth.pixels.dtype) for plane in planes]
    return truth.resampled(np.stack(pixels)[None], (1 / scale, 1 / scale, 1), "reduced")


def cropped_image(image: Image, scale: int) -> Image:
    """An image of one channel without the rows and columns beyond a multiple of the scale."""
    return Image(cropped(image.pixels[:1], scale), image.affine, image.info)


def middle(image: Image, side: int) -> Image:
    """The middle of the middle slice."""
    z, y, x = image.shape
    top, left = max(y - side, 0) // 2, max(x - side, 0) // 2
    return Image(image.pixels[:1, z // 2 : z // 2 + 1, top : top + side, left : left + side], image.affine, image.info)
