"""Nothing that is measured may have been trained on: patients and pictures are looked for on both sides first."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radloupe.core.errors import InputError
from radloupe.data.patients import patient_key
from radloupe.data.sources import Item
from radloupe.imaging.image import Image

PATIENTS, IMAGES = "patients", "images"
"""Where a model's manifest lists, under `training`, the keys of its patients and the fingerprints of its images."""
SHOWN = 3  # names in an error


@dataclass(frozen=True)
class Seen:
    """What has to be known of an image to find it again."""

    name: str
    split: str
    patient: str
    fingerprint: str


def fingerprint(image: Image) -> str:
    """The SHA-256 of an image's shape and values: the same for the same picture in another format, type or under another header."""
    digest = hashlib.sha256(repr(image.pixels.shape).encode())
    for plane in image.slices():
        digest.update((plane.astype("<f8") + 0.0).tobytes())  # a negative zero is a zero
    return digest.hexdigest()


def training_list(items: Iterable[Item]) -> dict[str, list[str]]:
    """What a manifest's `training` says of the images that a model was trained on."""
    seen = [(patient_key(item.patient), fingerprint(item.image)) for item in items]
    return {PATIENTS: sorted({patient for patient, _ in seen}), IMAGES: sorted({print_ for _, print_ in seen})}


def check_splits(images: Sequence[Seen]) -> None:
    """Refuse splits that share a patient or a picture (`InputError`)."""
    for what, key in (("picture", "fingerprint"), ("patient", "patient")):
        homes: dict[str, Seen] = {}
        shared = []
        for image in images:
            first = homes.setdefault(getattr(image, key), image)
            if first.split != image.split:
                shared.append(f"{first.name} and {image.name}")
        if shared:
            raise InputError(
                f"Expected no {what} in two splits, found {len(shared)} shared: {named(shared)}. Move each to one split"
                f"{', or say with --patients whose image is whose' if what == 'patient' else ''}."
            )


def check_training(images: Sequence[Seen], model: str, training: Mapping[str, Any]) -> None:
    """Refuse images to measure that a model was trained on, or that show a patient it was trained on (`InputError`).

    A manifest that lists no training images cannot be checked.
    """
    prints, patients = (set(training.get(key) or ()) for key in (IMAGES, PATIENTS))
    for what, known in (
        ("image", [image.name for image in images if image.fingerprint in prints]),
        ("patient", [image.name for image in images if image.patient in patients]),
    ):
        if known:
            raise InputError(
                f"Expected no {what} that {model} was trained on, found {len(known)} of {len(images)} images: {named(known)}. "
                "Take them out: figures on them say nothing of new images."
            )


def named(names: Sequence[str]) -> str:
    """The first names of a list."""
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
