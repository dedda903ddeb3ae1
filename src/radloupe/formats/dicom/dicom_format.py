"""DICOM: one file, or a folder that is one series, in; a derived object with its own identity out."""

from radloupe.formats.dicom.detector import view_of
from radloupe.formats.dicom.drr_objects import KINDS
from radloupe.formats.dicom.read import read
from radloupe.formats.dicom.write import is_folder, write
from radloupe.imaging.projected import Projected

__all__ = ["KINDS", "Projected", "is_folder", "read", "view_of", "write"]
