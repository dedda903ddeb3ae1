"""Set the thresholds of the input checks on training images of several sources; `gate_rates.py` measures what they catch.

python scripts/gate.py --data FOLDER
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from radloupe import formats
from radloupe.data.sources import nih_part
from radloupe.degradation import shrink
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.inference.gate.appearance import distance, layout, thumbnail
from radloupe.inference.gate.inspection import THRESHOLDS
from radloupe.inference.gate.jpeg_blocks import blockiness
from radloupe.inference.gate.sample import FEWEST, Sample
from radloupe.inference.gate.screenshot import EQUAL_SHARE
from radloupe.inference.noise_level import noise_level

SHARE = 0.99
"""Of the training images that a check leaves alone; seven checks together then speak on about 5 % at most."""
ROOM = 1.3
"""Of thresholds that wrong inputs exceed many times over, as a multiple of that quantile: other images vary a little more."""
SHRINKAGE = 0.3
"""Of the correlations towards none: there are few sources."""
SOURCES: dict[str, list[tuple[str, str, str, tuple[float, ...]]]] = {
    "XR": [
        ("train", "NIH", "chest_xray/nih/*.png", ()),
        ("train", "NIH, further patients", "chest_xray/nih_train/*.png", ()),
        ("train", "MHH", "chest_xray/mhh/[0-4]*.png", ()),
        ("other", "MHH, other patients", "chest_xray/mhh/[5-9a-f]*.png", ()),
        ("other", "ankle", "other/pydicom_RG3_J2KR.dcm", ()),
    ],
    "CT": [
        ("train", "LIDC 0314", "ct/LIDC-IDRI-0314_*", (0.15, 0.3, 0.45, 0.6)),
        ("train", "RIDER", "ct/RIDER-*", (0.2, 0.35, 0.5, 0.65, 0.8)),
        ("train", "head phantom, soft kernel", "ct/HeadPhantom_Philips-UB*", (0.3, 0.5, 0.7)),
        ("train", "head phantom, sharp kernel", "ct/HeadPhantom_Philips-YA*", (0.3, 0.5, 0.7)),
        ("validation", "LungFCP", "ct/LungFCP-*", tuple(np.linspace(0.1, 0.9, 12))),
        ("other", "TotalSegmentator", "ct/TotalSegmentator_*", (0.3, 0.5, 0.7)),
    ],
    "MR": [
        ("train", "openms 01", "mri/openms_patient01_*", (0.3, 0.45, 0.6)),
        ("train", "openms 03", "mri/openms_patient03_*", (0.3, 0.45, 0.6)),
        ("train", "openms 19", "mri/openms_patient19_*", (0.3, 0.45, 0.6)),
        ("train", "studyforrest", "mri/studyforrest_*", (0.3, 0.4, 0.5, 0.6)),
        ("train", "UCSF breast", "mri/UCSF-BR-06_*", (0.3, 0.4, 0.5, 0.6)),
        ("train", "TorchIO", "mri/torchio_*", (0.3, 0.45, 0.6)),
        ("validation", "openms 09", "mri/openms_patient09_*", tuple(np.linspace(0.25, 0.75, 8))),
        ("validation", "MR Gd", "mri/MR_Gd_*", (0.35, 0.5, 0.65)),
        ("other", "knee, shoulder", "other/*[KM][NR][E2]*.dcm", ()),
        ("other", "pyradiomics", "other/*.nrrd", (0.35, 0.5, 0.65)),
    ],
}
"""Split, name, files, and where slices lie along the axis, by modality. NIH is split by file name as in `data.sources`."""
PRESETS = {"XR": "bicubic", "CT": "bicubic", "MR": "kspace-centred"}


@dataclass(frozen=True)
class Plane:
    """A slice as an image, whether native or shrunk."""

    split: str
    source: str
    image: Image


def planes(data: Path, modality: str) -> Iterator[Plane]:
    """The slices of a modality: as they are, and shrunk by 2 and 4 where they stay large enough for statistics."""
    for split, source, pattern, where in SOURCES[modality]:
        for number, path in enumerate(sorted(data.glob(pattern))):
            part = nih_part(number) if source == "NIH" else split
            if part != "test":
                image = formats.read(path, modality=None if path.suffix == ".dcm" else modality)
                for z in [int(share * (image.shape[0] - 1)) for share in where] or [image.shape[0] // 2]:
                    pixels = image.pixels[0, z]
                    yield from (Plane(part, source, in_unit(one, image.info)) for one in reduced(pixels, PRESETS[modality]))


def reduced(pixels: np.ndarray, preset: str) -> Iterator[np.ndarray]:
    """Pixels as they are, and as the models' low-resolution images are made of them."""
    yield pixels
    whole = pixels[tuple(slice(0, n // 16 * 16) for n in pixels.shape)].astype(np.float64)
    for scale in (2, 4):
        if min(whole.shape) // scale >= FEWEST:
            yield as_stored(shrink(whole, scale, preset), pixels.dtype)


def as_stored(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Values in a type, rounded and kept in its range where it holds whole numbers."""
    return np.clip(np.rint(values), np.iinfo(dtype).min, np.iinfo(dtype).max).astype(dtype) if dtype.kind in "iu" else values.astype(dtype)


def in_unit(pixels: np.ndarray, info: PixelInfo) -> Image:
    """A plane as an image."""
    return Image(np.ascontiguousarray(pixels)[None, None], info=info)


def fitted(by_modality: dict[str, list[Plane]]) -> dict[str, dict[str, Any]]:
    """Thresholds and usual appearance of every modality, from its training planes; sources count alike."""
    samples = {m: [(p.source, Sample(p.image)) for p in planes if p.split == "train"] for m, planes in by_modality.items()}
    usual = {m: by_source([(s, thumbnail(one.whole)) for s, one in found]) for m, found in samples.items()}
    usual = {m: (mean - mean.mean()) / mean.std() for m, mean in usual.items()}

    def numbers(one: Sample, modality: str) -> np.ndarray:
        return np.append(one.texture, layout(one.whole, usual[modality]))

    own = {m: [(s, numbers(one, m)) for s, one in found] for m, found in samples.items()}
    looks = appearances(own)
    result: dict[str, dict[str, Any]] = {}
    for m, found in samples.items():
        squares = [{o: distance(numbers(one, o), looks[o])[0] ** 2 for o in looks} for _, one in found]
        left_out = [
            distance(vector, appearances({**own, m: [row for row in own[m] if row[0] != source]})[m])[0]
            for source in {s for s, _ in own[m]}
            for vector in [v for s, v in own[m] if s == source]
        ]
        result[m] = {
            "images": len(found),
            "sources": len({s for s, _ in found}),
            "period_gain": {str(p): limit([ROOM * one.period_gains[p] for _, one in found]) for p in (2, 3, 4)},
            "blockiness": limit([ROOM * blockiness(one.crop) for _, one in found]),
            "noise": limit([ROOM * noise_level(one.crop) / one.span for _, one in found]),
            "rarer_extreme": max(0.005, limit([rarer(one) for _, one in found])),
            "negative_correlation": max(0.3, limit([-float(np.mean(thumbnail(one.whole) * usual[m])) for _, one in found])),
            "modality_margin": max(0.0, limit([row[m] - min(v for o, v in row.items() if o != m) for row in squares])),
            "distance": limit(left_out, 0.95),
            "appearance": looks[m],
            "thumbnail": rounded(usual[m]),
        }
    names = ("blockiness", "noise", "rarer_extreme")
    gains = {p: max(one["period_gain"][p] for one in result.values()) for p in ("2", "3", "4")}
    return result | {"other": {"period_gain": gains} | {name: max(one[name] for one in result.values()) for name in names}}


def rarer(one: Sample) -> float:
    """The value of the check for screenshots."""
    levels = (one.crop - one.crop.min()) / np.ptp(one.crop)
    return float(min((levels <= 0.004).mean(), (levels >= 0.996).mean())) if (np.diff(levels) == 0).mean() > EQUAL_SHARE else 0.0


def limit(values: list[float], share: float = SHARE) -> float:
    """The value that a share of the images stays below."""
    return round(float(np.quantile(values, share)), 4)


def rounded(values: np.ndarray) -> Any:
    """Numbers with three digits behind the point, which are plenty."""
    return np.round(values, 3).tolist()


def by_source(rows: list[tuple[str, np.ndarray]]) -> np.ndarray:
    """The mean over sources of their means."""
    groups = defaultdict(list)
    for source, values in rows:
        groups[source].append(values)
    return np.mean([np.mean(values, 0) for values in groups.values()], 0)


def appearances(own: dict[str, list[tuple[str, np.ndarray]]]) -> dict[str, dict[str, Any]]:
    """Mean of each modality, with the deviation and the inverse correlation within all of them."""
    means = {m: by_source(rows) for m, rows in own.items()}
    within = by_source([(f"{m} {s}", np.outer(v - means[m], v - means[m])) for m, rows in own.items() for s, v in rows])
    deviation = np.sqrt(np.diag(within))
    correlation = within / np.outer(deviation, deviation) * (1 - SHRINKAGE) + SHRINKAGE * np.eye(len(deviation))
    shared = {"deviation": rounded(deviation), "precision": rounded(np.linalg.inv(correlation))}
    return {m: {"mean": rounded(mean), **shared} for m, mean in means.items()}


def main() -> None:
    """Write the thresholds of all modalities."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with chest_xray, mri and ct")
    data = parser.parse_args().data
    thresholds = fitted({modality: list(planes(data, modality)) for modality in SOURCES})
    THRESHOLDS.write_text(json.dumps(thresholds, indent=1) + "\n", encoding="utf-8")
    for modality, row in thresholds.items():
        print(modality, {name: value for name, value in row.items() if name not in ("appearance", "thumbnail")})


if __name__ == "__main__":
    main()
