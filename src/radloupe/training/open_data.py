"""Opening and checking of a recipe's data."""

from pathlib import Path

from radloupe.core.errors import UsageError
from radloupe.data.dataset_manifest import MANIFEST
from radloupe.data.folder import images
from radloupe.data.loading import READERS
from radloupe.data.pairs import Slices, pairs
from radloupe.data.sources import SOURCES, Part
from radloupe.degradation import centred, preset
from radloupe.training.batches import Source
from radloupe.training.recipe import Recipe

PARTS: tuple[Part, ...] = ("train", "validation")


def open_sources(recipe: Recipe, folder: Path) -> dict[str, Source]:
    """Training and validation items from a data set's folder. Raises `UsageError`; `InputError` for data that does not suit the recipe."""
    if not folder.is_dir():
        raise UsageError(f"Expected the folder of a data set as `data`, found none at {folder}. `radloupe dataset` makes one.")
    preset(recipe.data.degradation)  # unknown names are refused before any file is read
    return {part: open_part(recipe, folder, part) for part in PARTS}


def open_part(recipe: Recipe, folder: Path, part: Part) -> Source:
    """One part of the data: collections of the default models by name, plain folders of images, or data sets by their reader."""
    data = recipe.data
    plain = images if data.source == "pairs" and not (folder / MANIFEST).exists() else None
    if source := SOURCES.get(data.source, plain):
        pool = pairs(source(folder, part), data.degradation, recipe.scale)
        return Slices(pool, data.patch, recipe.scale, centred(data.degradation, recipe.scale))
    opened: Source = READERS[data.source](folder, part, recipe.scale, data.patch, data.degradation)
    return opened
