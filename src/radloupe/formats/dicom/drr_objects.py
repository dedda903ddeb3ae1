"""The data set of an image projected from CT: a synthetic object of the CT's patient, study and frame of reference."""

import copy
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float
from pydicom import Dataset, uid
from pydicom.sr.codedict import codes

from radloupe.core.errors import InputError
from radloupe.core.tables import Table
from radloupe.formats.dicom.capture import EMPTY, check_whole, describe_pixels
from radloupe.formats.dicom.derive import Run, decimals, describe_provenance, identify, source_item
from radloupe.imaging.camera import View
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import Storage
from radloupe.imaging.projected import Projected

KINDS = Table(
    "kind of DICOM image",
    {
        "rt": "radloupe.formats.dicom.modalities:rt_image",
        "dx": "radloupe.formats.dicom.modalities:digital_radiograph",
        "xa": "radloupe.formats.dicom.modalities:angiogram",
        "rf": "radloupe.formats.dicom.modalities:fluoroscopy",
    },
)
"""Functions `(data set, image) -> None` that add the attributes of a kind of object."""

MOST_STORED = 2**16 - 1

SAME_SUBJECT = (
    *("PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientAge", "PatientSize", "PatientWeight"),
    *("PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence", "SpecificCharacterSet"),
    *("StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "StudyDescription", "AccessionNumber", "ReferringPhysicianName"),
    *("FrameOfReferenceUID", "PositionReferenceIndicator", "PatientPosition", "SeriesNumber", "SeriesDescription"),
)
"""Attributes that a projection shares with its CT."""


def projected(image: Image, run: Run) -> Dataset:
    """The data set of a projection, without pixels; `image.source` holds CT headers and view. Raises `InputError`, `UsageError`."""
    shot: Projected = image.source.on(image.affine, image.shape[1:])
    image = replace(image, source=shot)
    check_whole(image.info.storage)
    new = Dataset()
    for keyword in EMPTY:
        setattr(new, keyword, None)
    share_subject(new, shot.headers)
    identify(new, run)
    new.ImageType, new.InstanceNumber, new.BurnedInAnnotation = ["DERIVED", "SECONDARY"], 1, "NO"
    new.SyntheticData, new.Manufacturer = "YES", "Radloupe"
    describe_provenance(new, run, codes.DCM.VolumeRendering)
    new.LossyImageCompression = "01" if any(h.get("LossyImageCompression") == "01" for h in shot.headers) else "00"
    if shot.headers:
        new.SourceImageSequence = [seen_from_elsewhere(header) for header in shot.headers]
    describe_pixels(new, image)
    set_plane(new, shot.view)
    KINDS[shot.kind or usual_kind(image)](new, image)
    return new


def in_whole_numbers(image: Image) -> Image:
    """A projection with 16-bit storage, and a rescale that restores its numbers, where these are floating-point ones."""
    if image.pixels.dtype.kind != "f" or not any(image.pixels.strides):  # the range of a placeholder's values is not known yet
        return image
    top = max(float(image.pixels.max()), 0.0)
    counted = image.info.unit == "photons" and top <= MOST_STORED
    slope = 1.0 if counted or not top else math.ceil(top / MOST_STORED * 1e9) / 1e9  # a decimal string keeps nine digits behind the point
    return replace(image, info=replace(image.info, storage=Storage("uint16", 16, slope)))


def usual_kind(image: Image) -> str:
    """The kind of object that can store a projection's beam and values: a parallel beam has no source, and a DX image no rescale."""
    if image.source.view.source is not None:
        return "rt"
    return "dx" if image.info.storage.slope == 1 else "xa"


def share_subject(new: Dataset, headers: Sequence[Dataset]) -> None:
    """Take patient, study and frame of reference from the CT; make a study where there is none."""
    new.StudyInstanceUID = new.FrameOfReferenceUID = None
    new.PositionReferenceIndicator = None
    for keyword in SAME_SUBJECT:
        if headers and keyword in headers[0]:
            new[keyword] = copy.deepcopy(headers[0][keyword])
    for keyword in ("StudyInstanceUID", "FrameOfReferenceUID"):
        setattr(new, keyword, new.get(keyword) or uid.generate_uid(None))


def seen_from_elsewhere(header: Dataset) -> Dataset:
    """A source of the projection, whose pixels lie elsewhere."""
    item = source_item(header)
    item.SpatialLocationsPreserved = "NO"
    return item


def set_plane(new: Dataset, view: View) -> None:
    """Write the detector's position and orientation in the patient's frame of reference.

    The Image Plane attributes are no part of X-ray objects, which allow additional ones; no others can store an arbitrary position.
    """
    dy, dx = view.spacing
    if abs(float(view.u @ view.v)) > 1e-6 * dx * dy:
        raise InputError(
            f"Expected a detector whose rows and columns are at right angles for DICOM, found u . v = {float(view.u @ view.v):.3g} mm^2. "
            "Write NRRD."
        )
    new.ImagePositionPatient = decimals(view.origin)
    new.ImageOrientationPatient = decimals(np.concatenate([view.u / dx, view.v / dy]))
    new.PatientOrientation = [towards(view.u), towards(view.v)]


def towards(step: Float[np.ndarray, "3"]) -> str:
    """A direction in LPS as DICOM's letters, the strongest first, such as LF for left and a little to the feet."""
    letters = ("RL", "AP", "FH")
    order = np.argsort(-np.abs(step), kind="stable")
    return "".join(letters[axis][int(step[axis] > 0)] for axis in order if abs(step[axis]) > 0.1 * np.linalg.norm(step))
