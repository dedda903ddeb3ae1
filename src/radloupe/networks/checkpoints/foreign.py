"""Weights that somebody else saved: read without running anything that the file may hold."""

import zipfile
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from radloupe.core.errors import WeightsError


def read(path: Path) -> Any:
    """What a `.safetensors` or PyTorch file holds: tensors and plain containers, nothing else is unpickled.

    Raises `WeightsError` for a file that is not there, is damaged or holds code.
    """
    if path.exists() and not path.is_file():  # a pipe would be waited for, a device read for ever
        raise WeightsError(f"Expected a file of weights, found something else at {path}. Give the file itself.")
    try:
        check_checksums(path)
        return load_file(path) if path.suffix == ".safetensors" else torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise WeightsError(f"There is no file {path}.") from error
    except Exception as error:  # damaged pickles raise anything
        raise WeightsError(
            f"The weights {path} cannot be read without running code that they may hold, or are damaged. "
            "Save their state_dict alone with the program they come from."
        ) from error


def check_checksums(path: Path) -> None:
    """Raise `zipfile.BadZipFile` for a PyTorch file (a zip archive) with a member whose CRC-32 is wrong: PyTorch itself does not look."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if damaged := archive.testzip():
            raise zipfile.BadZipFile(f"The CRC-32 of {damaged} is wrong.")
