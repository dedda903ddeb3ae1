"""Building data sets: items of a builder become images, a manifest and a description in one folder."""

import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from radloupe import __version__
from radloupe.core import files
from radloupe.core.errors import InputError, RadloupeWarning, UsageError
from radloupe.core.settings import changed
from radloupe.data import dataset_manifest
from radloupe.data.dataset_manifest import DESCRIPTION, SALT
from radloupe.data.degraded import GreyPixels, radiograph
from radloupe.data.patients import patient_key, salt_of
from radloupe.formats import raster

NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True)
class Piece:
    """One item of a data set."""

    patient: str
    """The collection's own name for the patient; a key stands for it in the manifest."""
    split: str
    images: Mapping[str, GreyPixels]
    """Images of 8 or 16 bits: `high`, `low`, `clean` (low, but not degraded), `reference`; `image` where nothing is paired."""
    parameters: Mapping[str, Any]
    """Parameters drawn or chosen for the item, as JSON values."""


@dataclass(frozen=True)
class Builder:
    """A data set: how its items are made, its settings and its source."""

    make: Callable[..., Iterator[Piece]]
    """`(source folder, settings, seed) -> items`, deterministic for a seed."""
    settings: Any
    """The settings' defaults, a frozen dataclass."""
    layout: str
    """Description of the source folder's contents."""
    paper: str
    """Paper and section that describe the data set."""


def build(
    builder: Builder,
    name: str,
    source: Path,
    output: Path,
    seed: int = 0,
    settings: Mapping[str, object] = NOTHING,
    tick: Callable[[int], None] = lambda items: None,
) -> dict[str, Any]:
    """Write a data set whole or not at all; returns its description, with the number of items of each part. `tick` is called with 1 for
    each item.

    Raises `UsageError` for unknown settings, a missing source or an output that exists; `InputError` for a source that is not as expected.
    """
    chosen = changed(builder.settings, settings)
    if not source.is_dir():
        raise UsageError(f"Expected {builder.layout} in the folder `source`, found no folder {source}.")
    with files.atomic(output, folder=True, inputs=[source]) as folder:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", RadloupeWarning)
            rows: list[dict[str, Any]] = []
            for piece in builder.make(source, chosen, seed):
                rows.append(store(piece, len(rows), folder))
                tick(1)
        notes = list(dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, RadloupeWarning)))
        check(rows)
        salt = salt_of(digest for row in rows for digest in row["sha256"].values())
        dataset_manifest.write(folder, [row | {"patient": patient_key(row["patient"], salt)} for row in rows])
        parts = Counter(row["split"] for row in rows)
        description = {"name": name, "paper": builder.paper, "seed": seed, "settings": asdict(chosen), "items": dict(sorted(parts.items()))}
        description |= {"notes": notes, SALT: salt, "radloupe": __version__}
        (folder / DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
    for note in notes:
        warnings.warn(note, RadloupeWarning, stacklevel=2)
    return description


def store(piece: Piece, number: int, folder: Path) -> dict[str, Any]:
    """Write the images of an item; returns its row of the manifest, with the patient's own name."""
    row: dict[str, Any] = {}
    for role, pixels in piece.images.items():
        path = folder / piece.split / role / f"{number:06d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image = radiograph(pixels)
        raster.write(image, image.slices(), path)
        row[role] = path.relative_to(folder).as_posix()
    digests = {role: files.sha256(folder / path) for role, path in row.items()}
    return row | {"patient": piece.patient, "split": piece.split, "parameters": dict(piece.parameters), "sha256": digests}


def check(rows: list[dict[str, Any]]) -> None:
    """Raise `InputError` for data sets without items, or with a patient in two parts."""
    if not rows:
        raise InputError("Expected at least one item, found none: the images of the source are too few or too small.")
    parts = {(row["patient"], row["split"]) for row in rows if not row["parameters"].get("shared_patient")}
    if len(patients := {patient for patient, _ in parts}) < len(parts):
        raise InputError(
            f"Expected each patient in one part of the data set only, found {len(parts) - len(patients)} in several. "
            "Check how patients are named."
        )
