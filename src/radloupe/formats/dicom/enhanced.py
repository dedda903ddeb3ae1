"""The derived data set of an enhanced multi-frame object, with its functional groups."""

from collections.abc import Sequence

from pydicom import Dataset

from radloupe.formats.dicom.derive import RESAMPLING, Run, code_item, derive, position, rescale_spacing, source_item
from radloupe.formats.dicom.frames import Frame, first
from radloupe.imaging.image import Image

FRAME_TYPES = ("CTImageFrameTypeSequence", "MRImageFrameTypeSequence", "PETFrameTypeSequence", "XRay3DFrameTypeSequence")


def derive_multiframe(source: Dataset, frames: Sequence[Frame], order: Sequence[int], image: Image, run: Run) -> Dataset:
    """The data set of a derived multi-frame object, with its frames in the image's order.

    `frames` are in the source's order, and `order` says which of them each slice of the image came from.
    """
    new = derive(source, image, run)
    new.ImageType = ["DERIVED", *source.ImageType[1:]]  # C.8.16.1.2: enhanced objects know no SECONDARY
    new.SourceImageEvidenceSequence = [evidence(source)]
    shared = first(new, "SharedFunctionalGroupsSequence")
    groups = [new.PerFrameFunctionalGroupsSequence[i] for i in order]
    for index, (i, group) in enumerate(zip(order, groups, strict=True)):
        set_position(group, image, index)
        group.DerivationImageSequence = [derivation(new, source, i + 1)]
        update(group, frames[i], image)
    update(shared, frames[0], image)
    shared.pop("DerivationImageSequence", None)
    new.PerFrameFunctionalGroupsSequence = groups
    return new


def update(group: Dataset, frame: Frame, image: Image) -> None:
    """Scale the spacing, and mark the frame type, of shared or per-frame functional groups that hold them."""
    for measures in group.get("PixelMeasuresSequence") or []:
        rescale_spacing(measures, frame, image)
    for keyword in FRAME_TYPES:
        for item in group.get(keyword) or []:
            item.FrameType = ["DERIVED", *item.FrameType[1:]]


def set_position(group: Dataset, image: Image, index: int) -> None:
    """Write the position of a frame's slice from the image's affine."""
    if "PlanePositionSequence" in group:
        group.PlanePositionSequence[0].ImagePositionPatient = position(image, index)


def derivation(new: Dataset, source: Dataset, frame_number: int) -> Dataset:
    """The item of a frame's DerivationImageSequence."""
    item = Dataset()
    item.DerivationDescription = new.DerivationDescription
    item.DerivationCodeSequence = [code_item(RESAMPLING)]
    item.SourceImageSequence = [source_item(source, frame_number)]
    return item


def evidence(source: Dataset) -> Dataset:
    """The item of the SourceImageEvidenceSequence: the study, series and object that the frames' sources are in."""
    instance, series, study = Dataset(), Dataset(), Dataset()
    instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    series.SeriesInstanceUID, series.ReferencedSOPSequence = source.SeriesInstanceUID, [instance]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = source.StudyInstanceUID, [series]
    return study
