"""The image collections that the shipped models are trained on: file names, patients and splits of the public data.

A source yields the high-resolution images of one part, in their unit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from radloupe import formats
from radloupe.core.errors import InputError
from radloupe.imaging import geometry, pixel_info
from radloupe.imaging.image import Image

Part = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Item:
    """One image to train or measure on: a patient, a name, slices in their unit, and what the numbers mean."""

    patient: str
    name: str
    image: Image


def files_of(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder that match, in order of their names; raises `InputError` when there is none."""
    found = sorted(folder.glob(pattern))
    if not found:
        raise InputError(f"Expected files named {pattern} in {folder}, found none. Point `data` at the folder that holds them.")
    return found


def nih_part(index: int) -> Part:
    """Part of an NIH radiograph by its index among the sorted file names: every 10th is test, every 10th from 5 validation."""
    parts: dict[int, Part] = {0: "test", 5: "validation"}
    return parts.get(index % 10, "train")


def chest_xrays(data: Path, part: Part) -> Iterator[Item]:
    """NIH ChestX-ray14 sample, one radiograph a patient, split by `nih_part`."""
    for index, path in enumerate(files_of(data / "chest_xray" / "nih", "*.png")):
        if nih_part(index) == part:
            yield Item(path.stem.split("_")[0], path.stem, formats.read(path))


MRI_PATIENTS: dict[Part, tuple[str, ...]] = {"train": ("01", "03", "19"), "validation": ("09",), "test": ("04",)}


def brain_mri(data: Path, part: Part) -> Iterator[Item]:
    """Open MS data (T1, T2, FLAIR), split by patient: the middle two thirds of the slices, sides cropped to a multiple of 16."""
    for patient in MRI_PATIENTS[part]:
        for path in files_of(data / "mri", f"openms_patient{patient}_*.nii.gz"):
            image = formats.read(path)
            z, y, x = image.shape
            pixels = image.pixels[:, z // 6 : z - z // 6, : y // 16 * 16, : x // 16 * 16].astype(np.float32)
            info = pixel_info.PixelInfo("arbitrary", "MR")
            yield Item(f"openms {patient}", path.name.removesuffix(".nii.gz"), Image(pixels / pixels.max(), image.affine, info))


CT_RANGE_HU = (-1000, 2000)  # what CT is scored on
CT_FILES: dict[Part, tuple[str, slice]] = {
    "train": ("LIDC-IDRI-0314_*.nii.gz", slice(0, 200)),
    "validation": ("LungFCP-01-0001_*.nii.gz", slice(0, None, 8)),
    "test": ("LIDC-IDRI-0001_*.nii.gz", slice(0, None, 4)),
}
"""Patients and slices of each part; neighbouring slices are alike, so that every fourth or eighth tells as much as all."""
CT_SAME_PATIENT = ("LIDC-IDRI-0314_*.nii.gz", slice(220, None, 5))
"""Slices of the training patient, 20 and more away from those that were trained on."""


def chest_ct(data: Path, part: Part) -> Iterator[Item]:
    """Three chest CT of three patients, one for each part, slice by slice; HU clipped to -1000..2000."""
    return ct_slices(data, *CT_FILES[part])


def same_patient_ct(data: Path) -> Iterator[Item]:
    """Slices that were not trained on of the patient who was: what they say of a model holds for that patient alone."""
    return ct_slices(data, *CT_SAME_PATIENT)


def ct_slices(data: Path, pattern: str, chosen: slice) -> Iterator[Item]:
    """Some slices of the volumes that match, each an image in its place."""
    for path in files_of(data / "ct", pattern):
        image = formats.read(path)
        patient = path.name.split("_")[0]
        for z in range(image.shape[0])[chosen]:
            pixels = np.clip(image.pixels[:, z : z + 1], *CT_RANGE_HU)
            yield Item(patient, f"z{z}", Image(pixels, geometry.shift(image.affine, (0, 0, z)), image.info))


def radiographs(data: Path, part: Part) -> Iterator[Item]:
    """The radiographs of `chest_xrays`, and for training those of `nih_train`: other patients again."""
    yield from chest_xrays(data, part)
    for path in files_of(data / "chest_xray" / "nih_train", "*.png") if part == "train" else ():
        yield Item(path.stem.split("_")[0], path.stem, formats.read(path))


MR_VOLUMES: dict[Part, tuple[tuple[str, int], ...]] = {
    "train": (("studyforrest_*.nii.gz", 3), ("UCSF-BR-06_*.nii.gz", 1)),
    "validation": (("MR_Gd_*.nii.gz", 8),),
    "test": (("VS-SEG-001_*.nii.gz", 4), ("FNNDSC_*.nii.gz", 8)),
}
"""Volumes of other scanners and organs beside `brain_mri`, one patient each, and which of their slices are taken: every n-th."""


def mr_volumes(data: Path, part: Part) -> Iterator[Item]:
    """The volumes of `brain_mri` and those of `MR_VOLUMES`: brains of several scanners and contrasts, a breast."""
    yield from brain_mri(data, part)
    for pattern, every in MR_VOLUMES[part]:
        for path in files_of(data / "mri", pattern):
            image = formats.read(path)
            z, y, x = image.shape
            pixels = image.pixels[:, z // 6 : z - z // 6 : every, : y // 16 * 16, : x // 16 * 16].astype(np.float32)
            info = pixel_info.PixelInfo("arbitrary", "MR")
            yield Item(path.name.split("_")[0], path.name.removesuffix(".nii.gz"), Image(pixels / pixels.max(), image.affine, info))


CT_TRAINING = (
    ("LIDC-IDRI-0314_*.nii.gz", slice(0, None, 2)),
    ("RIDER-1129164940_*.nii.gz", slice(0, None)),
    ("HeadPhantom_Philips-*.nii.gz", slice(0, None)),
)
"""Two chests and a head phantom with a soft and a sharp kernel: three makes of scanner."""


def ct_volumes(data: Path, part: Part) -> Iterator[Item]:
    """CT slices of several scanners and kernels to train on; validation and test are those of `chest_ct`."""
    if part != "train":
        yield from chest_ct(data, part)
    for pattern, chosen in CT_TRAINING if part == "train" else ():
        yield from ct_slices(data, pattern, chosen)


SOURCES = {
    "chest-xrays": chest_xrays,
    "brain-mri": brain_mri,
    "chest-ct": chest_ct,
    "radiographs": radiographs,
    "mr-volumes": mr_volumes,
    "ct-volumes": ct_volumes,
}
SAME_PATIENT = {"chest-ct": same_patient_ct}
"""Further images to measure models of a source on, of patients they were trained on; never mixed with the test split."""
