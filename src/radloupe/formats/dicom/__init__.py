"""DICOM: one file, or a folder that is one series, in; a derived object with its own identity out."""

from radloupe.formats.dicom.read import read
from radloupe.formats.dicom.write import is_folder, write

__all__ = ["is_folder", "read", "write"]
