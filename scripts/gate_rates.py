"""Measure the input checks: how often they speak on honest images that they were not set on, and how many wrong inputs they catch.

python scripts/gate_rates.py --data FOLDER
"""

import argparse
import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import skimage
from gate import SOURCES, Plane, as_stored, in_unit, planes
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import UNIT_OF, PixelInfo
from radloupe.inference.gate.inspection import inspect_image

SIDE = 384
SPANS = {"XR": (0.0, 255.0), "CT": (-1000.0, 2000.0), "MR": (0.0, 1000.0)}
"""Into which values of other things are mapped."""
METHODS = {"nearest": Picture.Resampling.NEAREST, "bilinear": Picture.Resampling.BILINEAR, "bicubic": Picture.Resampling.BICUBIC}
PHOTOGRAPHS = (
    "coffee camera astronaut gravel brick motorcycle_left hubble_deep_field moon grass retina ihc cell coins rocket chelsea clock_motion"
)
SIZES = (12, 16, 22, 30)
"""Of letters in pixels."""
Wrong = Callable[[np.ndarray], np.ndarray]


def cropped(pixels: np.ndarray, side: int = SIDE) -> np.ndarray:
    """The centre of a plane."""
    top, left = (max((n - side) // 2, 0) for n in pixels.shape)
    return pixels[top : top + side, left : left + side]


def enlarged(factor: float, method: str) -> Wrong:
    """Interpolation of a part that becomes as large as the others."""

    def change(pixels: np.ndarray) -> np.ndarray:
        part = cropped(pixels, int(SIDE / factor))
        size = tuple(int(n * factor) for n in part.shape[::-1])
        return as_stored(np.asarray(Picture.fromarray(part.astype(np.float32)).resize(size, METHODS[method])), pixels.dtype)

    return change


def compressed(quality: int) -> Wrong:
    """JPEG of 256 levels between the darkest and the brightest value."""

    def change(pixels: np.ndarray) -> np.ndarray:
        part = cropped(pixels).astype(np.float64)
        low, span = part.min(), np.ptp(part) or 1.0
        file = io.BytesIO()
        Picture.fromarray(np.rint((part - low) / span * 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
        return as_stored(np.asarray(Picture.open(file)) / 255 * span + low, pixels.dtype)

    return change


def noisy(pixels: np.ndarray) -> np.ndarray:
    """White noise of 5 % of the span."""
    noise = np.random.default_rng(0).normal(0, 0.05 * np.ptp(pixels), pixels.shape)
    return as_stored(pixels + noise, pixels.dtype)


def negative(pixels: np.ndarray) -> np.ndarray:
    """Bright for dark."""
    return as_stored(float(pixels.max()) + float(pixels.min()) - pixels.astype(np.float64), pixels.dtype)


EVERY: dict[str, Wrong] = {
    **{f"enlarged x{factor:g}, {method}": enlarged(factor, method) for factor in (1.5, 2, 4) for method in METHODS},
    **{f"JPEG {quality}": compressed(quality) for quality in (50, 75, 90)},
    "noise of 5 % of the span": noisy,
    "inverted": negative,
}
OF_CT: dict[str, Wrong] = {
    "8-bit window": lambda pixels: np.rint(np.clip((pixels + 160.0) / 400, 0, 1) * 255).astype(np.int16),
    "rescale intercept missing": lambda pixels: (pixels + 1024).astype(np.int16),
}


def photographs() -> list[np.ndarray]:
    """Grey photographs of scikit-image, 8 bits."""
    folder = Path(skimage.__file__).parent / "data"
    found = [next(folder.glob(f"{name}.*")) for name in PHOTOGRAPHS.split()]
    return [np.asarray(Picture.open(path).convert("L")) for path in found]


def pages(count: int = 12) -> list[np.ndarray]:
    """Pages of random words, dark on bright and bright on dark."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(count):
        paper, size = 255 * (number % 2), SIZES[number % len(SIZES)]
        page = Picture.new("L", (512, 400), paper)
        draw, font = ImageDraw.Draw(page), ImageFont.load_default(size)
        for y in range(5, 400, int(1.4 * size)):
            words = ("".join(chr(97 + c) for c in rng.integers(0, 26, rng.integers(2, 9))) for _ in range(14))
            draw.text((8, y), " ".join(words), fill=255 - paper, font=font)
        found.append(np.asarray(page))
    return found


def passed_off(pixels: np.ndarray, modality: str) -> Image:
    """A plane of anything as one of a modality, in its usual values."""
    low, high = SPANS[modality]
    span = float(np.ptp(pixels)) or 1.0
    values = low + (pixels.astype(np.float64) - pixels.min()) / span * (high - low)
    dtype = np.dtype(np.uint8 if modality == "XR" else np.int16)
    return in_unit(as_stored(values, dtype), PixelInfo(UNIT_OF[modality], modality))  # type: ignore[arg-type]


def wrong_inputs(honest: Sequence[Plane], modality: str, others: Sequence[np.ndarray]) -> dict[str, list[Image]]:
    """Wrong inputs of a modality by what is wrong."""
    changes = EVERY | (OF_CT if modality == "CT" else {})

    def changed(change: Wrong) -> list[Image]:
        return [replace(one.image, pixels=np.ascontiguousarray(change(one.image.pixels[0, 0]))[None, None]) for one in honest]

    return {
        "photograph": [passed_off(one, modality) for one in photographs()],
        "text": [passed_off(one, modality) for one in pages()],
        "other modality": [passed_off(one, modality) for one in others],
        **{name: changed(change) for name, change in changes.items()},
    }


def told(images: Sequence[Image]) -> tuple[Counter[str], Counter[str]]:
    """How often each verdict came, and each check that spoke."""
    reports = [inspect_image(image) for image in images]
    return Counter(r.verdict for r in reports), Counter(f.name for r in reports for f in r.findings if f.verdict != "ok")


def row(name: str, images: Sequence[Image]) -> str:
    """A line of the table."""
    verdicts, checks = told(images)
    often = ", ".join(f"{check} {count / len(images):.2f}" for check, count in checks.most_common(3))
    return f"| {name} | {len(images)} | {verdicts['warn'] / len(images):.2f} | {verdicts['refuse'] / len(images):.2f} | {often} |"


def main() -> None:
    """Print a Markdown table for each modality."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with chest_xray, mri and ct")
    data = parser.parse_args().data
    found = {modality: [one for one in planes(data, modality) if one.split != "train"] for modality in SOURCES}
    native = {m: [one for one in rows if one.split == "validation" and min(one.image.shape[1:]) >= 200] for m, rows in found.items()}
    for modality, rows in found.items():
        print(f"\n{modality}\n\n| input | images | warned of | refused | by |\n|---|---|---|---|---|")
        for source in dict.fromkeys((one.split, one.source) for one in rows):
            print(row(": ".join(source), [one.image for one in rows if (one.split, one.source) == source]))
        others = [one.image.pixels[0, 0] for m, planes in native.items() if m != modality for one in planes[::3]]
        for name, images in wrong_inputs(native[modality][::2], modality, others).items():
            print(row(name, images), flush=True)


if __name__ == "__main__":
    main()
