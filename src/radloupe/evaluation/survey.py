"""First pass over a folder's images: suitability, patients, and checks for leakage."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from radloupe import formats
from radloupe.core.errors import InputError, RadloupeError, RadloupeWarning
from radloupe.evaluation.dataset_folder import EvaluationItem, ImageCollection, collect
from radloupe.evaluation.leakage import ImageIdentity, check_splits, check_training, fingerprint
from radloupe.evaluation.methods import Method
from radloupe.imaging.image import Image


@dataclass(frozen=True)
class PatientImage:
    """An image to measure and the key of its patient."""

    name: str
    path: Path
    patient: str


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Context that puts the image's name before the message of an error."""
    try:
        yield
    except RadloupeError as error:
        raise type(error)(f"{name}: {error}") from error


def survey(
    folder: Path, methods: Sequence[Method], scale: int, patients: Path | None = None, modality: str | None = None
) -> list[PatientImage]:
    """Test images of a folder, after all its images were read one at a time and checked for leakage.

    Args:
        folder: As for `dataset_folder.collect`.
        methods: Methods whose training data must not contain a test image or its patient.
        scale: Enlargement factor, and smallest side of an image.
        patients: Table of patients.
        modality: Modality of the images, for formats that do not store it.

    Raises:
        InputError: For images that cannot be measured, of several modalities, or with leakage.

    Warns of models made for another modality.

    """
    collection = collect(folder, patients)
    seen: list[ImageIdentity] = []
    modalities: dict[str, str] = {}
    for item in collection.items:
        with naming(item.name):
            found, identity = identified(item, collection, scale, modality)
        if item.split == "test":
            modalities.setdefault(found, item.name)
        seen.append(identity)
    check_modality(modalities, methods)
    check_splits(seen)
    tests = [identity for identity in seen if identity.split == "test"]
    for method in methods:
        check_training(tests, method.name, method.training)
    paths = {item.name: item.path for item in collection.items}
    return [PatientImage(identity.name, paths[identity.name], identity.patient.key) for identity in tests]


def identified(item: EvaluationItem, collection: ImageCollection, scale: int, modality: str | None = None) -> tuple[str, ImageIdentity]:
    """Modality and identity of an image; its pixels are released afterwards."""
    image = formats.read(item.path, modality=modality)
    if item.split == "test":
        check_measurable(image, scale)
    patient = collection.patients.patient(item.name, image)
    return image.info.modality, ImageIdentity(item.name, item.split, patient, fingerprint(image))


def check_measurable(image: Image, scale: int) -> None:
    """Raise `InputError` for images smaller than a low-resolution pixel, and for constant ones."""
    _, y, x = image.shape
    if min(y, x) < scale:
        raise InputError(f"Expected slices of at least {scale}x{scale} pixels for scale {scale}, found {y}x{x} (rows x columns).")
    if image.pixels.min() == image.pixels.max():
        raise InputError("Expected an image with contrast, found the same value everywhere. Take it out of the folder.")


def check_modality(modalities: dict[str, str], methods: Sequence[Method]) -> None:
    """Raise `InputError` for several modalities (each with the name of an image) in one table; warn of models for another one."""
    if len(modalities) > 1:
        kinds = ", ".join(f"{modality} ({name})" for modality, name in modalities.items())
        raise InputError(f"Expected images of one modality, found {kinds}. Give each modality its own folder.")
    for method in methods:
        if method.modality not in (None, *modalities):
            text = (
                f"{method.name} is made for {method.modality} images, and these are {', '.join(modalities)}; judge its metrics with care."
            )
            warnings.warn(text, RadloupeWarning, stacklevel=2)
