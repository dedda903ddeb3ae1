"""What an image shows. It imports nothing: `--help` is quick."""

from typing import Literal

Modality = Literal["CT", "MR", "XR", "other"]
MODALITIES: tuple[Modality, ...] = ("XR", "CT", "MR")
"""Those that a reader can be told of where a format cannot say."""
