"""The data set of an image that never was DICOM: a Secondary Capture with the mandatory attributes alone."""

import numpy as np
from pydicom import Dataset, uid

from radloupe.core.errors import InputError
from radloupe.formats.dicom.derive import Run, decimals, describe_provenance, identify, name_of, remark
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import Storage

MODALITIES = {"CT": "CT", "MR": "MR", "XR": "RG", "other": "OT"}
EMPTY = (
    *("AccessionNumber", "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "ReferringPhysicianName"),
    *("StudyDate", "StudyTime", "StudyID", "PatientOrientation", "Laterality"),
)
"""Type 2 attributes, which must be present and may be empty."""


def capture(image: Image, run: Run) -> Dataset:
    """A Secondary Capture of one slice; raises `InputError` for volumes and for values that are not integers."""
    if image.shape[0] > 1:
        raise InputError(
            f"Expected one slice, or a volume read from DICOM, found {image.shape[0]} slices without a DICOM source. "
            "Write NIfTI (.nii.gz) or NRRD."
        )
    check_whole(image.info.storage)
    new = Dataset()
    new.SOPClassUID = uid.SecondaryCaptureImageStorage
    for keyword in EMPTY:
        setattr(new, keyword, None)
    identify(new, run, name_of(image))
    if image.facts.get("model"):
        new.ImageComments = remark(new, image)
    new.StudyInstanceUID = uid.generate_uid(None)
    new.Modality, new.ConversionType = MODALITIES[image.info.modality], "WSD"
    new.ImageType, new.InstanceNumber, new.BurnedInAnnotation = ["DERIVED", "SECONDARY"], 1, None
    describe_provenance(new, run)
    describe_pixels(new, image)
    return new


def check_whole(storage: Storage) -> None:
    """Raise `InputError` for types that no DICOM image without rescale holds."""
    dtype = np.dtype(storage.dtype)
    if dtype.kind not in "iu" or dtype.itemsize > 2:
        raise InputError(f"Expected integers of 8 or 16 bits for DICOM, found {storage.dtype}. Write NIfTI, NRRD or TIFF instead.")


def describe_pixels(new: Dataset, image: Image) -> None:
    """The Image Pixel module, and spacing and rescale where they say something."""
    storage = image.info.storage
    _, new.Rows, new.Columns = image.shape
    new.SamplesPerPixel, new.PhotometricInterpretation = 1, "MONOCHROME1" if image.info.inverted else "MONOCHROME2"
    new.BitsAllocated, new.BitsStored, new.HighBit = 8 * np.dtype(storage.dtype).itemsize, storage.bits, storage.bits - 1
    new.PixelRepresentation = int(np.dtype(storage.dtype).kind == "i")
    if image.spacing[:2] != (1.0, 1.0):  # 1 mm stands for "not known" in images
        new.PixelSpacing = decimals(np.array(image.spacing[1::-1]))
    if (storage.slope, storage.intercept) != (1.0, 0.0) or image.info.unit == "HU":
        new.RescaleSlope, new.RescaleIntercept = decimals(np.array([storage.slope, storage.intercept]))
        new.RescaleType = "HU" if image.info.unit == "HU" else "US"
