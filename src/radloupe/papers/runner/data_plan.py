"""The data sets of a table, built once in the run's folder: the paper's own where `data` holds it, otherwise substitute data."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from radloupe.core import files
from radloupe.core.errors import InputError, UsageError
from radloupe.data import dataset_manifest
from radloupe.data.builder import Builder, build
from radloupe.data.dataset_manifest import DESCRIPTION, MANIFEST, ManifestRow
from radloupe.papers.datasets import DATASETS
from radloupe.papers.runner.paper_table import Column, DataPlan, DatasetSpec, PaperTable

Say = Callable[[str], None]


def chosen(table: PaperTable, data: Path) -> DataPlan:
    """What a folder holds for a table: all of the substitute data, or else, as far as anyone knows, the paper's own data."""
    if not data.is_dir():
        raise UsageError(f"Expected a folder of images as `data`, found none at {data}.")
    if all(any(data.glob(pattern)) for pattern in table.substitute_data.needs):
        return table.substitute_data
    return without_missing(table.paper_data, data)


def without_missing(plan: DataPlan, data: Path) -> DataPlan:
    """A plan without the data sets whose folders are not there, and without their columns."""
    datasets = {name: one for name, one in plan.datasets.items() if (data / one.folder).is_dir()}
    if datasets.keys() == plan.datasets.keys():
        return plan
    left_out = ", ".join(dict.fromkeys(one.folder for name, one in plan.datasets.items() if name not in datasets))
    columns = tuple(column for column in plan.columns if column.data in datasets)
    return replace(plan, datasets=datasets, columns=columns, differs=(*plan.differs, f"Left out, as no such folder is there: {left_out}."))


def made(table: PaperTable, plan: DataPlan, data: Path, run: Path, seed: int, tiny: bool, say: Say) -> dict[str, Path]:
    """The folders of the table's data sets, by their names in the table; existing ones are used unchanged.

    Raises `InputError` with the expected files of the paper's data and of the substitute data where neither is found.
    """
    try:
        return {name: stored(one, name, data, run, seed, tiny, say) for name, one in plan.datasets.items()}
    except InputError as error:
        if plan is table.substitute_data:
            raise
        instead = ", ".join(table.substitute_data.needs)
        raise InputError(f"{error} The substitute data are not in {data} either: {instead}.") from error


def stored(one: DatasetSpec, name: str, data: Path, run: Path, seed: int, tiny: bool, say: Say) -> Path:
    """The folder of a data set."""
    folder = run / "data" / name
    settings = {**one.settings, **(one.tiny if tiny else {})}
    if one.test:
        stored(one.test, f"{name}-test", data, run, seed, tiny, say)
    if folder.exists():
        check(folder, settings, seed)
        return folder
    say(f"making the data set {name}")
    files.check_output(folder)
    build(builder_of(one), name, staged(one, data, run / "layout" / name), folder, seed, settings)
    return folder


def builder_of(one: DatasetSpec) -> Builder:
    """The builder that a data set names."""
    if ":" not in one.builder:
        builder: Builder = DATASETS[one.builder]
        return builder
    module, attribute = one.builder.split(":")
    found: Builder = getattr(import_module(module), attribute)
    return found


def staged(one: DatasetSpec, data: Path, layout: Path) -> Path:
    """The builder's source folder: `data` itself, or links to its files in the layout that the builder expects."""
    for target, pattern in one.links.items():
        link = layout / target
        link.parent.mkdir(parents=True, exist_ok=True)
        if link.is_symlink():
            link.unlink()
        link.symlink_to(sorted(data.glob(pattern))[0].resolve())
    return layout if one.links else data / one.folder


def check(folder: Path, settings: Mapping[str, Any], seed: int) -> None:
    """Raise `UsageError` for a data set with other settings or another seed."""
    found = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    asked = json.loads(json.dumps(settings))
    if found["seed"] != seed or any(found["settings"][name] != value for name, value in asked.items()):
        raise UsageError(f"The data set {folder} was made with other settings or another seed. Repeat those, or choose another `run`.")


def folder_to_test(folder: Path) -> Path:
    """The folder of a data set's test items: that of its own test set where there is one."""
    own = folder.with_name(f"{folder.name}-test")
    return own if own.exists() else folder


def rows_to_test(folder: Path, column: Column) -> list[ManifestRow]:
    """The test items of a column, none twice."""
    rows = dataset_manifest.read(folder_to_test(folder), "test")
    kept = [row for row in rows if all(row["parameters"].get(key) == value for key, value in column.test_items.items())]
    if not kept:
        wanted = ", ".join(f"{key} {value}" for key, value in column.test_items.items())
        raise InputError(f"Expected test images with {wanted} in {folder_to_test(folder) / MANIFEST}, found none.")
    check_unseen(kept, folder)
    return list({digest(row): row for row in kept}.values())


def check_unseen(rows: list[ManifestRow], folder: Path) -> None:
    """Refuse a test image that is trained on (`InputError`)."""
    seen = {digest(row) for part in ("train", "validation") for row in dataset_manifest.read(folder, part)}
    if found := sum(digest(row) in seen for row in rows):
        raise InputError(f"Expected no test image among those trained on, found {found} in {folder}. Make the data set from other images.")


def digest(row: ManifestRow) -> str:
    """The SHA-256 of an item's high image."""
    return str(row["sha256"][high_role(row)])


def high_role(row: ManifestRow) -> str:
    """The role of an item's high image: `image` in unpaired items."""
    return "high" if "high" in row else "image"


def fingerprints(folders: Mapping[str, Path]) -> dict[str, str]:
    """The SHA-256 of each data set's manifest, which lists that of every image."""
    both = dict(folders)
    both |= {f"{name}, test": folder_to_test(folder) for name, folder in folders.items() if folder_to_test(folder) != folder}
    return {name: files.sha256(folder / MANIFEST) for name, folder in both.items()}


def counts(folders: Mapping[str, Path]) -> dict[str, Any]:
    """The items of each part of each data set."""
    return {name: json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))["items"] for name, folder in folders.items()}
