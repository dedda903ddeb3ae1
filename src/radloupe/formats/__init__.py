"""File formats: files to images and back."""

from radloupe.formats.detection import detect, format_for
from radloupe.formats.io import read, write
from radloupe.formats.table import FORMATS

__all__ = ["FORMATS", "detect", "format_for", "read", "write"]
