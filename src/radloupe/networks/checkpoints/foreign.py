"""Safe reading of foreign checkpoints, without running code that they may contain."""

import zipfile
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from radloupe.core.errors import WeightsError


def read(path: Path) -> Any:
    """Content of a `.safetensors` or PyTorch file: tensors and plain containers; nothing else is unpickled.

    Raises `WeightsError` for a file that is missing, damaged or contains code.
    """
    if path.exists() and not path.is_file():  # reading a pipe would block, reading a device would not end
        raise WeightsError(f"Expected a file of weights, found something else at {path}. Give the file itself.")
    try:
        check_checksums(path)
        return load_file(path) if path.suffix == ".safetensors" else torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise WeightsError(f"There is no file {path}.") from error
    except Exception as error:  # damaged pickles raise exceptions of any class
        raise WeightsError(
            f"The weights {path} cannot be read without running code that they may hold, or are damaged. "
            "Save their state_dict alone with the program they come from."
        ) from error


def check_checksums(path: Path) -> None:
    """Raise `zipfile.BadZipFile` for a PyTorch file (a zip archive) with a member whose CRC-32 is wrong, which PyTorch does not check."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if damaged := archive.testzip():
            raise zipfile.BadZipFile(f"The CRC-32 of {damaged} is wrong.")
