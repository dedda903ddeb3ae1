"""File formats: files to images and back."""

from typing import TYPE_CHECKING, Any

from radloupe.formats.detection import detect, format_for
from radloupe.formats.table import FORMATS

if TYPE_CHECKING:
    from radloupe.formats.io import read, write

__all__ = ["FORMATS", "detect", "format_for", "read", "write"]


def __getattr__(name: str) -> Any:
    if name not in ("read", "write"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from radloupe.formats import io  # NumPy, which `--help` need not wait for

    return getattr(io, name)
