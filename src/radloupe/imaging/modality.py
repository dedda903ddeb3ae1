"""Modalities of images. It imports nothing, which keeps `--help` fast."""

from typing import Literal

Modality = Literal["CT", "MR", "XR", "other"]
MODALITIES: tuple[Modality, ...] = ("XR", "CT", "MR")
"""Modalities that a reader accepts for formats that do not store one."""
