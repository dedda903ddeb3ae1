"""The first look at every image of a folder: can it be measured, whose is it, and was anything trained on it?"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from radloupe import formats
from radloupe.core.errors import InputError, RadloupeError, RadloupeWarning
from radloupe.evaluation.dataset_folder import Collection, Entry, collect
from radloupe.evaluation.leakage import Seen, check_splits, check_training, fingerprint
from radloupe.evaluation.methods import Way
from radloupe.evaluation.patient_table import patient_of
from radloupe.imaging.image import Image


@dataclass(frozen=True)
class Subject:
    """An image to measure and the key of its patient."""

    name: str
    path: Path
    patient: str


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Put the image's name before what goes wrong with it."""
    try:
        yield
    except RadloupeError as error:
        raise type(error)(f"{name}: {error}") from error


def survey(folder: Path, ways: Sequence[Way], scale: int, patients: Path | None = None) -> list[Subject]:
    """The images to measure, once all images of the folder were read, one at a time, and none was found in two splits or a training set.

    Raises `InputError` for those that cannot be measured, are of several modalities, or leak; warns of models made for another modality.
    """
    found = collect(folder, patients)
    seen: list[Seen] = []
    modalities: dict[str, str] = {}
    for entry in found.entries:
        with naming(entry.name):
            modality, image = look(entry, found, scale)
        if entry.split == "test":
            modalities.setdefault(modality, entry.name)
        seen.append(image)
    check_modality(modalities, ways)
    check_splits(seen)
    tests = [image for image in seen if image.split == "test"]
    for way in ways:
        check_training(tests, way.name, way.training)
    paths = {entry.name: entry.path for entry in found.entries}
    return [Subject(image.name, paths[image.name], image.patient) for image in tests]


def look(entry: Entry, found: Collection, scale: int) -> tuple[str, Seen]:
    """An image's modality and what it is found again by; its pixels are gone when this returns."""
    image = formats.read(entry.path)
    if entry.split == "test":
        check_measurable(image, scale)
    patient = patient_of(entry.name, image, found.table)
    return image.info.modality, Seen(entry.name, entry.split, patient, fingerprint(image))


def check_measurable(image: Image, scale: int) -> None:
    """Refuse images smaller than a low pixel, and those without any contrast, where there is nothing to compare (`InputError`)."""
    _, y, x = image.shape
    if min(y, x) < scale:
        raise InputError(f"Expected slices of at least {scale}x{scale} pixels for scale {scale}, found {y}x{x} (rows x columns).")
    if image.pixels.min() == image.pixels.max():
        raise InputError("Expected an image with contrast, found the same value everywhere. Take it out of the folder.")


def check_modality(modalities: dict[str, str], ways: Sequence[Way]) -> None:
    """Refuse several modalities (by the name of an image of each) in one table (`InputError`); warn of models made for another one."""
    if len(modalities) > 1:
        kinds = ", ".join(f"{modality} ({name})" for modality, name in modalities.items())
        raise InputError(f"Expected images of one modality, found {kinds}. Give each modality its own folder.")
    for way in ways:
        if way.modality not in (None, *modalities):
            text = f"{way.name} is made for {way.modality} images, and these are {', '.join(modalities)}; judge its figures with care."
            warnings.warn(text, RadloupeWarning, stacklevel=2)
