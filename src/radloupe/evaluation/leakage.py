"""Data leakage between splits, and between a model's training data and the images to measure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radloupe.core.errors import InputError
from radloupe.data.patients import patient_key
from radloupe.data.sources import Item
from radloupe.evaluation.patient_table import Patient
from radloupe.imaging.image import Image

PATIENTS, IMAGES, SALT = "patients", "images", "patient_salt"
"""Fields of `training` in a model's manifest: its patients' keys, its images' fingerprints, and the salt of the keys.

Manifests of version 0.1 have no salt.
"""
LISTED = 3  # names in an error


@dataclass(frozen=True)
class ImageIdentity:
    """Identity of an image: fingerprint, patient and split."""

    name: str
    split: str
    patient: Patient
    fingerprint: str


def fingerprint(image: Image) -> str:
    """SHA-256 of an image's shape and values, independent of format, dtype and header."""
    digest = hashlib.sha256(repr(image.pixels.shape).encode())
    for plane in image.slices():
        digest.update((plane.astype("<f8") + 0.0).tobytes())  # negative zero becomes zero
    return digest.hexdigest()


def training_list(items: Iterable[Item]) -> dict[str, list[str]]:
    """Patients' keys and fingerprints of training images, for `training` of a model's manifest."""
    seen = [(patient_key(item.patient), fingerprint(item.image)) for item in items]
    return {PATIENTS: sorted({patient for patient, _ in seen}), IMAGES: sorted({print_ for _, print_ in seen})}


def check_splits(images: Sequence[ImageIdentity]) -> None:
    """Raise `InputError` for splits that share a patient or an image."""
    for kind, values in (("image", [one.fingerprint for one in images]), ("patient", [one.patient.key for one in images])):
        first: dict[str, ImageIdentity] = {}
        pairs = [(first.setdefault(value, image), image) for value, image in zip(values, images, strict=True)]
        shared = [f"{a.name} and {b.name}" for a, b in pairs if a.split != b.split]
        if shared:
            raise InputError(
                f"Expected no {kind} in two splits, found {len(shared)} shared: {listed(shared)}. Move each to one split"
                f"{', or say with a table of patients whose image is whose' if kind == 'patient' else ''}."
            )


def check_training(images: Sequence[ImageIdentity], model: str, training: Mapping[str, Any]) -> None:
    """Raise `InputError` for training images of a model, and for images of its training patients.

    Patients are compared under the salt of the model's manifest; a manifest without lists cannot be checked. Patients of a data set that
    holds only keys with another salt cannot be compared: its images are recognised by their fingerprints alone.
    """
    prints, patients = (set(training.get(key) or ()) for key in (IMAGES, PATIENTS))
    salt = str(training.get(SALT) or "")
    for kind, known in (
        ("image", [image.name for image in images if image.fingerprint in prints]),
        ("patient", [image.name for image in images if image.patient.key_with(salt) in patients]),
    ):
        if known:
            raise InputError(
                f"Expected no {kind} that {model} was trained on, found {len(known)} of {len(images)} images: {listed(known)}. "
                "Remove them: metrics on training data say nothing about new images."
            )


def listed(names: Sequence[str]) -> str:
    """First names of a list as text."""
    return ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")
