"""Data consistency under what the degradation of a model is not: gain of `auto` and `hard` over `off` in dB, in CSV.

python bench/consistency.py --data FOLDER [--part validation] [--images 6] [--only xray-x4]

`FOLDER` holds chest_xray, mri and ct (CONTRIBUTING.md). Each row is a model and a condition: the mean over images, and the worst image.
"""

import argparse
import csv
import io
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from scipy.ndimage import gaussian_filter, shift

from radloupe import degradation
from radloupe.core import seeds
from radloupe.data.sources import SOURCES
from radloupe.imaging import geometry, pixel_info
from radloupe.imaging.image import Image
from radloupe.inference.data_consistency.choice import correction_for
from radloupe.inference.eager import torch_engine
from radloupe.inference.enlarge import enlarge
from radloupe.inference.options import CONSISTENCY
from radloupe.inference.tile_plan import Plan, plan_tiles
from radloupe.inference.tiles import strips
from radloupe.networks.model import Model
from radloupe.zoo.load import load_model

SCALE = 4
Plane = np.ndarray
Degrade = Callable[[Plane, np.random.Generator], Plane]


def preset(name: str) -> Degrade:
    """A preset."""
    return lambda high, rng: degradation.shrink(high, SCALE, name)


def noisy(name: str, sigma: float) -> Degrade:
    """A preset, then white noise."""
    return lambda high, rng: (low := degradation.shrink(high, SCALE, name)) + rng.normal(0, sigma, low.shape)


def rician(sigma: float) -> Degrade:
    """The centred crop of k-space, then Rician noise, sigma a share of the slice's maximum."""

    def apply(high: Plane, rng: np.random.Generator) -> Plane:
        low = degradation.shrink(high, SCALE, "kspace-centred")
        real, imaginary = rng.normal(0, sigma * high.max(), (2, *low.shape))
        return np.hypot(low + real, imaginary)

    return apply


def jpeg(quality: int) -> Degrade:
    """Bicubic, then JPEG of 8 bits."""

    def apply(high: Plane, rng: np.random.Generator) -> Plane:
        levels = np.clip(np.rint(degradation.shrink(high, SCALE, "bicubic")), 0, 255).astype(np.uint8)
        file = io.BytesIO()
        PillowImage.fromarray(levels).save(file, "JPEG", quality=quality)
        return np.asarray(PillowImage.open(file)).astype(np.float64)

    return apply


def blurred(high: Plane, rng: np.random.Generator) -> Plane:
    """A Gaussian of 1.5 pixels, then means of areas."""
    return degradation.shrink(gaussian_filter(high, 1.5), SCALE, "area")


def moved(high: Plane, rng: np.random.Generator) -> Plane:
    """Bicubic of the image moved by half a pixel."""
    return degradation.shrink(shift(high, 0.5, order=3, mode="nearest"), SCALE, "bicubic")


def hamming(high: Plane, rng: np.random.Generator) -> Plane:
    """The centred crop of k-space under a Hamming window."""
    return degradation.KSpaceCrop(SCALE, "centre", "hamming")(high)


OTHERS: dict[str, Degrade] = {
    "clean": preset("bicubic"),
    "area": preset("area"),
    "blur and area": blurred,
    "bicubic-cv": preset("bicubic-cv"),
    "half a pixel off": moved,
}
K_SPACE: dict[str, Degrade] = {
    "clean": preset("kspace-centred"),
    "hamming": hamming,
    "bicubic": preset("bicubic"),
    "Rician 1 %": rician(0.01),
    "Rician 3 %": rician(0.03),
}
CONDITIONS: dict[str, tuple[str, dict[str, Degrade]]] = {
    "xray-x4": (
        "chest-xrays",
        OTHERS | {f"noise {n}": noisy("bicubic", n) for n in (2, 5)} | {f"JPEG {n}": jpeg(n) for n in (90, 75)},
    ),
    "ct-x4": ("chest-ct", OTHERS | {f"noise {n} HU": noisy("bicubic", n) for n in (10, 30)}),
    "mri-x4": ("brain-mri", K_SPACE),
}


def slices(data: Path, source: str, part: str) -> Iterator[Image]:
    """Slices of a part, each an image: of volumes those at a fifth, the middle and four fifths."""
    for item in SOURCES[source](data, part):
        count = item.image.shape[0]
        for z in sorted({count // 5, count // 2, count * 4 // 5}):
            plane = item.image.pixels[:1, z : z + 1]
            height, width = (n // SCALE * SCALE for n in plane.shape[-2:])
            yield replace(item.image, pixels=plane[..., :height, :width], affine=geometry.shift(item.image.affine, (0, 0, z)))


def low_of(truth: Image, degrade: Degrade, number: int) -> Image:
    """The low-resolution image in the truth's type."""
    low = degrade(truth.pixels[0, 0].astype(np.float64), seeds.generator(0, "consistency", number))
    pixels = pixel_info.quantise(low, truth.info, truth.pixels.dtype)[None, None]
    return truth.resampled(pixels, (1 / SCALE, 1 / SCALE, 1), "degraded")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", default="validation", choices=("validation", "test"))
    parser.add_argument("--images", type=int, default=6, help="slices of each modality, evenly spread")
    parser.add_argument("--only", nargs="*", default=list(CONDITIONS), choices=list(CONDITIONS))
    asked = parser.parse_args()
    table = csv.writer(sys.stdout)
    table.writerow(["model", "condition", "images", "weight", "auto_mean_db", "auto_worst_db", "hard_mean_db", "hard_worst_db"])
    for name in asked.only:
        source, conditions = CONDITIONS[name]
        model, every = load_model(name), list(slices(asked.data, source, asked.part))
        truths = list(islice(every, 0, None, max(len(every) // asked.images, 1)))[: asked.images]
        for condition, degrade in conditions.items():
            rows = [gains(low_of(truth, degrade, number), truth, model) for number, truth in enumerate(truths)]
            weight, auto, hard = zip(*rows, strict=True)
            figures = (np.mean(weight), np.mean(auto), np.min(auto), np.mean(hard), np.min(hard))
            table.writerow([name, condition, len(rows), *(f"{figure:.3f}" for figure in figures)])
            sys.stdout.flush()


def gains(low: Image, truth: Image, model: Model) -> tuple[float, float, float]:
    """The mean weight of `auto`, and the gains in PSNR of `auto` and of `hard`; the network runs once."""
    run = torch_engine(model, "32", "cpu")
    plan = plan_tiles(low.shape, model.spec, 2**30)
    estimates = np.concatenate(list(strips(run, pixel_info.network_range(low.pixels, low.info).enter(low.pixels[0, 0]), plan, model.spec)))
    errors, weights = {}, {}
    for mode in CONSISTENCY:
        correction = correction_for(low, model, mode, 2**31)
        found = np.concatenate(list(enlarge(low, model, lambda _: estimates, Plan(max(low.shape), 0), correction=correction)))
        errors[mode] = float(np.mean((found - truth.pixels[0, 0].astype(np.float64)) ** 2))
        weights[mode] = correction.weight
    auto, hard = (10 * math.log10(errors["off"] / errors[mode]) for mode in ("auto", "hard"))
    return weights["auto"], auto, hard


if __name__ == "__main__":
    main()
