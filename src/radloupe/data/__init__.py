"""Data sets to train and measure on: folders of images, builders, patients and their split, pairs of low and high resolution.

>>> from radloupe.data import patient_key, split_patients
>>> split_patients(["a", "b", "c", "d"], {"train": 2, "validation": 1, "test": 1}, seed=0) == {
...     "a": "train", "b": "test", "c": "train", "d": "validation"}
True
>>> len(patient_key("PATIENT-7", salt="3f9c"))
16
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from radloupe.data.builder import Builder, build
    from radloupe.data.folder import images, split_folders
    from radloupe.data.patients import patient_key
    from radloupe.data.patients import split as split_patients
    from radloupe.data.sources import Item

PUBLIC = {
    "Builder": "builder:Builder",
    "Item": "sources:Item",
    "build": "builder:build",
    "images": "folder:images",
    "patient_key": "patients:patient_key",
    "split_folders": "folder:split_folders",
    "split_patients": "patients:split",
}
"""Public names, each with the module and the name that it has there; imported on first use."""

__all__ = ["Builder", "Item", "build", "images", "patient_key", "split_folders", "split_patients"]


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module 'radloupe.data' has no attribute {name!r}")
    module, attribute = PUBLIC[name].split(":")
    return getattr(import_module(f"radloupe.data.{module}"), attribute)


def __dir__() -> list[str]:
    return __all__
