"""Safety table of methods: lesion detectability, noise and edge resolution, compared with bicubic enlargement."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from radloupe import degradation
from radloupe.core.errors import InputError, RadloupeWarning
from radloupe.evaluation.methods import Method, interpolation
from radloupe.evaluation.phantom_response import CONTRASTS, kind_of, mtf50, noise_response
from radloupe.evaluation.planted_lesions import Lesion, contrast_kept, lesions, patches, planted, single_slices
from radloupe.evaluation.scoring import cropped
from radloupe.imaging.image import Image
from radloupe.metrics.anatomy_mask import anatomy
from radloupe.metrics.detectability import Detection, auc_interval, cho, npw
from radloupe.metrics.fourier import frc_cutoff

KEPT = tuple((float(diameter), 4.0) for diameter in (2, 4, 8, 12))
"""Diameters in pixels of the truth, and contrast-to-noise ratio, of lesions for contrast measurement."""
FAINT = ((4.0, 1.0), (8.0, 0.5), (12.0, 0.5))
"""The same for the channelised Hotelling observer: faint enough that it misses some in the truth, too."""
KINDS = (*KEPT, *FAINT)
MATCHED = (4.0, 4.0)
"""The lesion of the matched filter."""
WEAK = 0.5
"""Share of bicubic's kept contrast below which a method counts as weakening a lesion."""
ENOUGH, PLENTY = 200, 250
"""Smallest number of lesions of a kind for detectability, and the number after which no more are planted."""
SLICES = 160
"""Largest number of slices with planted lesions."""
BICUBIC, TRUTH = "bicubic", "truth"


@dataclass
class Observations:
    """Patches of one method with and without lesions, in units of the local standard deviation."""

    present: list[Float[np.ndarray, "lesion side side"]] = field(default_factory=list)
    absent: list[Float[np.ndarray, "lesion side side"]] = field(default_factory=list)
    frc: dict[int, float] = field(default_factory=dict)
    """Frequency to which each slice agrees with the truth, in units of the low-resolution image's Nyquist frequency."""

    def of_kind(self, which: Bool[np.ndarray, " lesion"]) -> tuple[np.ndarray, np.ndarray]:
        """Patches of the selected lesions."""
        return np.concatenate(self.present)[which], np.concatenate(self.absent)[which]


def observe(
    images: Sequence[Image], methods: Sequence[Method], degrade: str, scale: int, seed: int, on_slice: Callable[[int], None]
) -> tuple[list[Lesion], dict[str, Observations]]:
    """Patches of all methods and of the truth, with and without lesions planted before degradation."""
    everywhere: list[Lesion] = []
    seen = {name: Observations() for name in (TRUTH, *(method.name for method in methods))}
    turns = product(range(len(KINDS)), enumerate(islice(single_slices(images, seed), SLICES)))
    for turn, (number, image) in turns:
        if len(everywhere) >= PLENTY * len(KINDS):
            break
        truth = cropped(image, scale)
        found = lesions(truth.pixels[0, 0], anatomy(truth).mask[0, 0], KINDS, seed, number, turn)
        on_slice(1)
        if not found:
            continue
        pair = (planted(truth, found), truth)
        lows = [degradation.degrade(one, degrade, scale, seed) for one in pair]
        everywhere += found
        for name, upscale in {TRUTH: None, **{method.name: method.upscale for method in methods}}.items():
            large = [one.pixels[0, 0] for one in (pair if upscale is None else map(upscale, lows))]
            for kept, plane in zip((seen[name].present, seen[name].absent), large, strict=True):
                kept.append(patches(plane, found).astype(np.float32))
            seen[name].frc[number] = 2 * scale * float(frc_cutoff(large[1].astype(np.float64), truth.pixels[0, 0].astype(np.float64)))
    return everywhere, seen


def safety_table(
    images: Sequence[Image],
    methods: Sequence[Method],
    degrade: str,
    scale: int,
    *,
    seed: int = 0,
    on_slice: Callable[[int], None] = lambda slices: None,
) -> dict[str, Any]:
    """Safety table: detectability of planted lesions, resolution and noise of methods, compared with bicubic enlargement.

    Args:
        images: Truths of one modality. Their slices are used in random order until there are 250 lesions of each kind; where they are too
            few, again with other kinds at the same positions.
        methods: The methods; bicubic enlargement is added.
        degrade: Preset of the degradation.
        scale: Enlargement in plane.
        seed: Seed of lesions, noise and intervals.
        on_slice: Progress callback, called with the number of finished slices.

    Returns:
        `slices`, `lesions` by kind, `truth`, and under `models` a row for each method; see docs/reference/json.md.

    Raises:
        InputError: For images too small for any lesion.

    Warns for fewer than 200 lesions of a kind, whose values are uncertain.

    """
    plain = interpolation(BICUBIC, scale, degradation.centred(degrade, scale))
    others = [method for method in methods if method.name != BICUBIC]
    found, seen = observe(images, [plain, *others], degrade, scale, seed, on_slice)
    if not found:
        raise InputError("Expected images with room for lesions of 64x64 pixels in the patient, found none. Give larger images.")
    kinds = {kind: np.array([(one.diameter, one.cnr) == kind for one in found]) for kind in KINDS}
    fewest = min(int(which.sum()) for which in kinds.values())
    if fewest < ENOUGH:
        text = f"Only {fewest} lesions of a kind found room in these images, of {ENOUGH}: values are uncertain. Give more images."
        warnings.warn(text, RadloupeWarning, stacklevel=2)
    detections = {name: detected(one, kinds, seed) for name, one in seen.items()}
    kind = kind_of(images[0], degrade, scale, seed)
    rows = []
    for method in (plain, *others):
        row = lesion_row(method.name, seen, detections, kinds, seed) | {"frc_truth": float(np.mean([*seen[method.name].frc.values()]))}
        noise = noise_response(method, kind)
        edges = {f"{contrast:g}": mtf50(method, kind, contrast) for contrast in CONTRASTS}
        rows.append({"name": method.name, **row, "mtf50": edges, "noise": vars(noise), "coverage": None})
    counts = {f"{diameter:g}px, CNR {cnr:g}": int(which.sum()) for (diameter, cnr), which in kinds.items()}
    truth = {key: {size: one.auc for size, one in by_size.items()} for key, by_size in detections[TRUTH].items()}
    return {"slices": len(seen[TRUTH].frc), "lesions": counts, "truth": truth, "models": rows}


def detected(
    one: Observations, kinds: dict[tuple[float, float], Bool[np.ndarray, " lesion"]], seed: int
) -> dict[str, dict[str, Detection]]:
    """Observers' scores of a method, by observer and diameter."""
    matched = npw(*one.of_kind(kinds[MATCHED]), MATCHED[0])
    hotelling = {f"{kind[0]:g}": cho(*one.of_kind(kinds[kind]), seed) for kind in FAINT if kinds[kind].sum() >= FEWEST}
    return {"npw": {f"{MATCHED[0]:g}": matched}, "cho": hotelling}


FEWEST = 10
"""Smallest number of training patches of the observer."""


def lesion_row(
    name: str,
    seen: dict[str, Observations],
    detections: dict[str, dict[str, dict[str, Detection]]],
    kinds: dict[tuple[float, float], Bool[np.ndarray, " lesion"]],
    seed: int,
) -> dict[str, Any]:
    """Lesion results of a method: contrast kept, weakened lesions, and the observers' AUCs beside bicubic's."""
    kept: dict[str, float] = {}
    weakened = total = 0
    for diameter, cnr in KEPT:
        own, plain = (share_kept(seen[which], kinds[diameter, cnr], diameter, cnr) for which in (name, BICUBIC))
        kept[f"{diameter:g}"] = float(own.mean())
        weakened, total = weakened + int(((own < WEAK * plain) & (plain > 0)).sum()), total + len(own)
    row: dict[str, Any] = {"contrast_kept": kept, "weakened_share": weakened / total}
    for observer, by_size in detections[name].items():
        row[observer] = {}
        for size, one in by_size.items():
            other = detections[BICUBIC][observer][size]
            row[observer][size] = {
                "auc": one.auc,
                "ci95": auc_interval([one], seed=seed),
                "minus_bicubic": one.auc - other.auc,
                "minus_bicubic_ci95": auc_interval([one, other], (1, -1), seed),
            }
    return row


def share_kept(one: Observations, which: Bool[np.ndarray, " lesion"], diameter: float, cnr: float) -> Float[np.ndarray, " chosen"]:
    """Share of contrast kept, for lesions of a kind."""
    present, absent = one.of_kind(which)
    return contrast_kept(present.astype(np.float64) - absent, diameter, cnr)


def safety_of(method: Method, images: Sequence[Image], degrade: str, scale: int) -> dict[str, Any]:
    """Safety section of a model's manifest: its row of the safety table and that of bicubic enlargement, to four digits."""
    found = safety_table(images, [method], degrade, scale)
    plain, own = found.pop("models")
    kept: dict[str, Any] = rounded(found | {"bicubic": plain, "model": own})
    return kept


def rounded(value: Any) -> Any:
    """Nested record rounded to four significant digits."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
