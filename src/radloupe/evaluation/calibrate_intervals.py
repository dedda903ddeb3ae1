"""Calibration of a model's prediction intervals: regression of the error magnitude, and split conformal factors by patient.

Split conformal prediction (Vovk, Gammerman and Shafer 2005; Lei et al., JASA 113, 2018) with patients as the exchangeable units, and
factors by stratum (Mondrian). A patient's score is the quantile of |error| over expected magnitude at the nominal level; with too few
patients for the order statistic of the guarantee, the factors are those of all pixels pooled, and coverage is not guaranteed.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float, Integer

from radloupe import degradation
from radloupe.core import seeds
from radloupe.core.errors import InputError
from radloupe.data.sources import Item
from radloupe.evaluation.methods import upscaled
from radloupe.imaging import geometry
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import network_range
from radloupe.inference.noise_level import noise_level
from radloupe.inference.options import LEVELS
from radloupe.inference.uncertainty.calibration import Calibration
from radloupe.inference.uncertainty.error_scale import LOGARITHMS, SMALL, STRATA, LowSlice, clues, predicted
from radloupe.networks.model import Model

PIXELS = 20_000
"""Pixels drawn at random from each slice; neighbouring pixels are strongly correlated."""
SLICES = 16
"""Largest number of slices per patient, evenly spaced over all images."""
FITTED = 16
"""Largest number of slices, evenly spaced over the training images, for the fit of the nine coefficients."""
GAIN_EVERY = 8
"""Number of slices for the noise gain, which varies little and takes two more inferences each."""
MARGIN = 8
"""Margin in output pixels that is left out, where networks lack context."""
FEWEST = 2_000
"""Number of pixels below which a stratum gets the factor of all pixels."""
USUAL_NOISE = 0.5
"""Quantile of the noise of calibration images beyond which intervals are widened. In images that were shrunk the estimate counts fine
anatomy, too; those with more of it get intervals that are a little too wide."""
ADDED_NOISE = 0.01
"""Noise, relative to the span, by which the noise gain is measured."""


Value = TypeVar("Value")


@dataclass(frozen=True)
class Sampled:
    """Random pixels of a slice: predictors of the error magnitude, and the error relative to the span."""

    patient: str
    logarithms: Float[np.ndarray, "4 pixels"]
    stratum: Integer[np.ndarray, " pixels"]
    error: Float[np.ndarray, " pixels"]
    noise: float
    gain: float | None
    """Noise gain of the model on the low slice, where it was measured."""


def calibrate(
    model: Model, training: Iterable[Item], validation: Iterable[Item], test: Iterable[Item] = (), on_slice: Any = lambda count: None
) -> Calibration:
    """Calibrate the prediction intervals of a model.

    Args:
        model: Any model of slices.
        training: High-resolution images for the regression; training images of the model are allowed.
        validation: Images of other patients for the factors.
        test: Images of further patients, on which coverage is measured.
        on_slice: Progress callback, called with 1 after each slice.

    Returns:
        The calibration as stored in `Manifest.uncertainty`.

    Raises:
        InputError: For no images, or a patient in more than one part.

    """
    slices = [slices_of(items) for items in (training, validation, test)]
    slices[0] = spaced(slices[0], FITTED)
    parts = [[sampled(model, one, n) for n, one in enumerate(part) if not on_slice(1)] for part in slices]
    check_parts(parts)
    fit, held, unseen = parts
    coefficients = regression(fit)
    factors, guaranteed = conformal(held, coefficients)
    calibration = Calibration(
        coefficients=[round(value, 5) for value in coefficients],
        factors=factors,
        patients=len({one.patient for one in held}),
        images=len(held),
        guaranteed=guaranteed,
        noise=round(float(np.quantile([one.noise for one in held], USUAL_NOISE)), 5),
        noise_gain=round(float(np.median([one.gain for one in held if one.gain is not None])), 3),
    )
    return replace(calibration, measured=coverage(unseen, calibration, held) if unseen else {})


def slices_of(items: Iterable[Item]) -> list[Item]:
    """Evenly spaced slices of every patient as single-slice images; slices without contrast are left out."""
    by_patient: dict[str, list[tuple[Item, int]]] = {}
    for item in items:
        by_patient.setdefault(item.patient, []).extend((item, z) for z in range(item.image.shape[0]) if np.ptp(item.image.pixels[0, z]) > 0)
    return [slice_of(item, z) for found in by_patient.values() for item, z in spaced(found, SLICES)]


def spaced(values: Sequence[Value], count: int) -> list[Value]:
    """At most `count` evenly spaced values of a sequence."""
    count = min(count, len(values))
    return [values[int((k + 0.5) / count * len(values))] for k in range(count)]


def slice_of(item: Item, z: int) -> Item:
    """Item of a single slice of the first volume, at its position."""
    image = item.image
    return replace(item, image=replace(image, pixels=image.pixels[:1, z : z + 1], affine=geometry.shift(image.affine, (0, 0, z))))


def sampled(model: Model, item: Item, number: int) -> Sampled:
    """Random pixels of a slice that is degraded as the model's training images were, and super-resolved."""
    scale, high = model.spec.scale, item.image
    truth = high.pixels[0, 0][tuple(slice(0, n // scale * scale) for n in high.shape[1:])].astype(np.float64)
    low = degradation.degrade(replace(high, pixels=truth.astype(high.pixels.dtype)[None, None]), model.degradation, scale, seed=number)
    result = upscaled(low, model).pixels[0, 0]
    to_network = network_range(low.pixels, low.info, model.pixel_range)
    values, entered = to_network.enter(low.pixels[0, 0]), to_network.enter(result)
    centred = degradation.centred(model.degradation, scale)
    found = clues(LowSlice(values, (scale, scale), entered.shape, centred), entered.astype(np.float64), 0)
    inside = np.zeros(entered.shape, bool)
    inside[MARGIN:-MARGIN, MARGIN:-MARGIN] = True
    rng = seeds.generator(number, "intervals")
    chosen = rng.choice(np.flatnonzero(inside), min(PIXELS, int(inside.sum())), replace=False)
    error = np.abs(to_network.enter(truth) - entered).ravel()[chosen]
    logarithms = found.logarithms.reshape(LOGARITHMS, -1)[:, chosen]
    gain = noise_gain(model, low) if number % GAIN_EVERY == 0 else None
    return Sampled(item.patient, logarithms, found.stratum.ravel()[chosen], error, noise_level(values), gain)


def noise_gain(model: Model, low: Image) -> float:
    """Noise gain: standard deviation of the result's change relative to that of white noise added to the input."""
    span = abs(network_range(low.pixels, low.info, model.pixel_range).span) * ADDED_NOISE
    plain = low.pixels.astype(np.float32)
    noise = seeds.generator(0, "noise gain").normal(0, span, plain.shape).astype(np.float32)
    changed, unchanged = (upscaled(replace(low, pixels=pixels), model).pixels for pixels in (plain + noise, plain))
    return float(np.std(changed - unchanged) / span)


def check_parts(parts: Sequence[Sequence[Sampled]]) -> None:
    """Raise `InputError` for empty parts, and for patients in more than one part."""
    patients = [{one.patient for one in part} for part in parts]
    shared = (patients[0] & patients[1]) | (patients[2] & (patients[0] | patients[1]))
    if not parts[0] or not parts[1] or shared:
        found = f"{len(shared)} patient(s) in more than one" if shared else f"{len(parts[0])} and {len(parts[1])} slices"
        raise InputError(f"Expected images for training and for validation, of different patients, found {found}. Sort them by patient.")


def regression(samples: Sequence[Sampled]) -> list[float]:
    """Coefficients of the least-squares fit of the log error on the log predictors and their squares."""
    logarithms = np.concatenate([one.logarithms for one in samples], 1).astype(np.float64)
    design = np.concatenate([np.ones((1, logarithms.shape[1])), logarithms, logarithms**2]).T
    error = np.log(np.concatenate([one.error for one in samples]) + SMALL)
    found: list[float] = np.linalg.lstsq(design, error, rcond=None)[0].tolist()
    return found


def conformal(samples: Sequence[Sampled], coefficients: Sequence[float]) -> tuple[dict[str, list[float]], dict[str, bool]]:
    """Conformal factors by level and stratum, and by level whether the number of patients suffices for a guarantee."""
    scores = [one.error / predicted(one.logarithms, coefficients) for one in samples]
    strata = [one.stratum for one in samples]
    patients = {name: [n for n, one in enumerate(samples) if one.patient == name] for name in sorted({one.patient for one in samples})}
    factors: dict[str, list[float]] = {}
    guaranteed, least = {}, np.zeros(STRATA)
    for text in LEVELS:
        level = float(text)
        pooled = by_stratum(np.concatenate(scores), np.concatenate(strata), level)
        scaled = [score / pooled[stratum] for score, stratum in zip(scores, strata, strict=True)]
        rank = math.ceil((len(patients) + 1) * level)
        guaranteed[text] = rank <= len(patients)
        by_patient = sorted(float(np.quantile(np.concatenate([scaled[n] for n in rows]), level)) for rows in patients.values())
        whole = by_patient[rank - 1] if guaranteed[text] else 1.0
        least = np.maximum(least, pooled * whole)  # a lower level with a guarantee may need more than a higher one without
        factors[text] = [float(f"{one:.4g}") for one in least]
    return factors, guaranteed


def by_stratum(scores: Float[np.ndarray, " pixels"], strata: Integer[np.ndarray, " pixels"], level: float) -> Float[np.ndarray, " strata"]:
    """The quantile of the scores of each stratum, or of all pixels for one of few; above 0, which errors of whole numbers may have."""
    whole = np.quantile(scores, level)
    found = [np.quantile(scores[strata == n], level) if (strata == n).sum() >= FEWEST else whole for n in range(STRATA)]
    return np.maximum(found, SMALL)


def coverage(samples: Sequence[Sampled], calibration: Calibration, held: Sequence[Sampled]) -> Mapping[str, Any]:
    """Empirical coverage of the intervals of each level, over patients, images and strata, and their width.

    `of_constant` is their width relative to that of constant intervals calibrated on the slices `held`.
    """
    found: dict[str, Any] = {"patients": len({one.patient for one in samples}), "images": len(samples)}
    errors = np.concatenate([one.error for one in held])
    for text in LEVELS:
        factors = np.asarray(calibration.factors[text])
        widths = [predicted(one.logarithms, calibration.coefficients) * factors[one.stratum] for one in samples]
        covered = [one.error <= width for one, width in zip(samples, widths, strict=True)]
        width = float(np.mean([one.mean() for one in widths]))
        found[text] = {
            "coverage": average(samples, covered),
            "worst_image": round(min(float(one.mean()) for one in covered), 3),
            "strata": strata_range(samples, covered),
            "width": round(width, 5),
            "of_constant": round(width / max(float(np.quantile(errors, float(text))), SMALL), 3),
        }
    return found


def average(samples: Sequence[Sampled], covered: Sequence[np.ndarray]) -> float:
    """Mean coverage over patients."""
    shares: dict[str, list[float]] = {}
    for one, inside in zip(samples, covered, strict=True):
        shares.setdefault(one.patient, []).append(float(inside.mean()))
    return round(float(np.mean([np.mean(values) for values in shares.values()])), 3)


def strata_range(samples: Sequence[Sampled], covered: Sequence[np.ndarray]) -> list[float]:
    """Smallest and largest coverage of strata with more than 2 % of the pixels."""
    strata, inside = np.concatenate([one.stratum for one in samples]), np.concatenate(covered)
    shares = [float(inside[strata == n].mean()) for n in range(STRATA) if (strata == n).mean() > 0.02]
    return [round(min(shares), 3), round(max(shares), 3)]
