"""A plain folder of high-resolution images as data to train on, split by what stands before the first `_` of their names."""

from collections.abc import Iterator
from pathlib import Path

from radloupe import formats
from radloupe.core import seeds
from radloupe.core.errors import InputError
from radloupe.data.sources import Item, Part
from radloupe.formats.table import EXTENSIONS

VALIDATION = 0.1
"""Share of the patients that training leaves for validation."""


def images(folder: Path, part: Part) -> Iterator[Item]:
    """The images of a folder as items of one part: a file, or a subfolder that is a DICOM series.

    Every patient is in one part, drawn by the name alone, so that adding images moves none. Raises `InputError` where there are none, or
    one patient only.
    """
    paths = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".") and (path.is_dir() or known(path))]
    patients = sorted({patient(path) for path in paths})
    if len(patients) < 2:
        raise InputError(
            f"Expected images of at least two patients in {folder}, found those of {len(patients)}. Name them patient_image.png."
        )
    ranked = sorted(patients, key=lambda name: seeds.generator(0, "split", name).random())
    held = set(ranked[: max(1, round(VALIDATION * len(ranked)))])
    for path in paths:
        if (patient(path) in held) == (part == "validation"):
            yield Item(patient(path), path.name, formats.read(path))


def known(path: Path) -> bool:
    """Whether a file has the extension of an image."""
    return path.name.lower().endswith(EXTENSIONS)


def patient(path: Path) -> str:
    """Whose image it is: the name up to the first `_`, or without its extension."""
    return path.name.split("_")[0] if "_" in path.name else path.name.split(".")[0]
