"""Calibration of a model's intervals on user-supplied images, into a model folder."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

from radloupe import formats
from radloupe.core import files
from radloupe.core.tables import check_choice
from radloupe.data.folder import images, images_of, patient, split_folders
from radloupe.data.sources import Item
from radloupe.evaluation.calibrate_intervals import calibrate
from radloupe.formats.io import with_modality
from radloupe.imaging.modality import Modality
from radloupe.imaging.pixel_info import UNIT_OF
from radloupe.zoo.load import find, load_model
from radloupe.zoo.manifest import WEIGHTS, Manifest, read_manifest
from radloupe.zoo.publish import write_folder


def calibrate_model(
    name: str,
    data: Path,
    folder: Path,
    modality: str | None = None,
    overwrite: bool = False,
    on_slice: Callable[[int], None] = lambda count: None,
) -> Manifest:
    """Calibrate a model's intervals and write a model folder with unchanged weights.

    Args:
        name: A shipped model or a model folder.
        data: A folder of high-resolution images, or of `train`, `validation` and `test` folders of them; the first word of a file's name is
            the patient. `train` is for the expected size of the error, `validation` for the factors that make intervals of it, `test`,
            where there is one, for the coverage that the manifest states.
        folder: The model folder to write.
        modality: What the images show, for formats that cannot say.
        overwrite: Whether to replace a folder that this program wrote.
        on_slice: Called with 1 for each slice that is done.

    Returns:
        The manifest with its `uncertainty`.

    Raises:
        UsageError: For an unknown model, or an output that exists.
        InputError: For images that cannot be read, or of too few patients.
        WeightsError: For missing or damaged weights.

    """
    files.check_output(folder, overwrite, [data])
    model, source = load_model(name), find(name)
    parts = (images(data, "train"), images(data, "validation"), test_images(data))
    if modality is not None:
        check_choice("modality", modality, UNIT_OF)
    shown = cast(Modality, modality or model.modality)
    train, validation, test = (shown_as(part, shown) for part in parts)
    calibration = calibrate(model, train, validation, test, on_slice)
    manifest = replace(read_manifest(source), uncertainty=calibration.record)
    write_folder((source / WEIGHTS).read_bytes(), manifest, folder, overwrite, inputs=[data, source])
    return manifest


def test_images(folder: Path) -> Iterator[Item]:
    """The images of test folders; none where there is no such folder."""
    paths = images_of([path for path, split in split_folders(folder).items() if split == "test"])
    yield from (Item(patient(path), path.name, formats.read(path)) for path in paths)


def shown_as(items: Iterable[Item], modality: Modality) -> Iterator[Item]:
    """Images as those of a modality where their format cannot say; a DICOM header that names another one is an `InputError`."""
    for item in items:
        known = modality == "other" or item.image.info.modality == modality
        yield item if known else replace(item, image=with_modality(item.image, modality))
