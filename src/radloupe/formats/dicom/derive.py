"""The data set of a derived image: attributes changed, added, kept and removed, by DICOM PS3.3 C.7.6.1 and C.12.1.1.

The super-resolved image is a new object of the same patient, study and frame of reference, in a new series, that names its sources.
Private attributes are removed, since any of them may describe the old pixels.
"""

import copy
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from pydicom import Dataset, uid
from pydicom.dataset import FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from radloupe import __version__
from radloupe.formats.dicom.frames import SPACINGS, Frame
from radloupe.imaging import geometry
from radloupe.imaging.image import Image

SERIES_NUMBER_STEP = 9000
LONG_STRING, SHORT_TEXT, LONG_TEXT = 64, 1024, 10240  # characters of the value representations LO, ST and LT: PS3.5, table 6.2-1
REMARK = 200  # characters that viewers show of a comment without a click
RESAMPLING = Code("113085", "DCM", "Spatial resampling")  # the nearest of CID 7203, which has no code for super-resolution
SOURCE_IMAGE = Code("121322", "DCM", "Source image for image processing operation")
LOSSY = (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLSNearLossless)
DX = (uid.DigitalXRayImageStorageForPresentation, uid.DigitalXRayImageStorageForProcessing)
STALE = (
    *("SmallestImagePixelValue", "LargestImagePixelValue", "SmallestPixelValueInSeries", "LargestPixelValueInSeries"),
    *("SmallestImagePixelValueInPlane", "LargestImagePixelValueInPlane", "PixelPaddingRangeLimit"),
    *("IconImageSequence", "PixelDataProviderURL"),
)
"""Attributes that describe the old pixels."""
STALE_GROUPS = {0x0000, 0x0002, 0x4FFE, *range(0x5000, 0x5100, 2), *range(0x6000, 0x6100, 2), *range(0x7FE0, 0x10000)}
"""Groups that are removed: commands, file meta, checksums, curves, overlays, pixel data and what follows, such as digital signatures."""


@dataclass(frozen=True)
class Run:
    """Attributes that all objects of one derived series share."""

    history: tuple[str, ...]
    series: str = field(default_factory=lambda: uid.generate_uid(None))
    moment: datetime = field(default_factory=datetime.now)


def derive(source: Dataset, image: Image, run: Run) -> Dataset:
    """A new data set from a source, without pixels and position: identity, provenance and matrix. The source is not modified."""
    new = copy.deepcopy(source)
    if source.file_meta.get("TransferSyntaxUID") in LOSSY:
        new.LossyImageCompression = "01"  # lossy compression of the source stays marked, though this object is not compressed
    drop_stale(new)
    identify(new, run, name_of(image))
    if image.facts.get("model"):
        new.ImageComments = remark(new, image)
    mark_derived(new)
    describe_provenance(new, run)
    _, new.Rows, new.Columns = image.shape
    new.HighBit = new.BitsStored - 1
    return new


def derive_slice(source: Dataset, frame: Frame, image: Image, index: int, run: Run) -> Dataset:
    """The data set of one file of a derived series: slice `index` of the image, at the position that its affine gives."""
    new = derive(source, image, run)
    new.SourceImageSequence = [source_item(source)]
    rescale_spacing(new, frame, image)
    if frame.position is not None:
        new.ImagePositionPatient = position(image, index)
    if new.get("RTImagePosition"):
        right, down = (np.array(image.spacing[:2]) - frame.spacing) / 2
        new.RTImagePosition = decimals(np.add(new.RTImagePosition, [right, -down]))  # of the first centre; its y runs up
    return new


def name_of(image: Image) -> str:
    """What a series description ends with: this program, and for a super-resolved image its factor and that a network made it."""
    return f"Radloupe x{image.facts['scale']:g} AI" if image.facts.get("model") else "Radloupe"


def remark(new: Dataset, image: Image) -> str:
    """What a viewer is to show of a super-resolved image, before what the source has there: it says nothing of the patient."""
    finest = 2 * max(image.facts["spacing_in"][:2])
    spoke = [row["check"] for row in image.facts["gate"] if row["verdict"] != "ok"]
    text = (
        f"AI-estimated detail below {finest:.3g} mm. Research only, not for diagnosis. "
        f"Input checks: {', '.join(spoke) or 'ok'}. Made by {image.facts['model']}."
    )
    return " ".join([text[:REMARK], str(new.get("ImageComments") or "")]).strip()[:LONG_TEXT]


def drop_stale(new: Dataset) -> None:
    """Drop what describes the old pixels, and private attributes at every depth."""
    new.remove_private_tags()
    for tag in [tag for tag, _ in new.items() if tag.group in STALE_GROUPS]:
        del new[tag]
    for keyword in STALE:
        if keyword in new:
            delattr(new, keyword)


def identify(new: Dataset, run: Run, suffix: str = "Radloupe") -> None:
    """Give the object its own identity in the run's series, and today's dates."""
    new.SOPInstanceUID = uid.generate_uid(None)
    new.SeriesInstanceUID = run.series
    new.SeriesNumber = int(new.get("SeriesNumber") or 0) + SERIES_NUMBER_STEP
    new.SeriesDescription = f"{str(new.get('SeriesDescription') or '')[: LONG_STRING - len(suffix) - 1]} {suffix}".strip()
    date, time = run.moment.strftime("%Y%m%d"), run.moment.strftime("%H%M%S.%f")
    for event in ("InstanceCreation", "Series", "Content"):
        setattr(new, f"{event}Date", date)
        setattr(new, f"{event}Time", time)
    new.file_meta = FileMetaDataset()
    new.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    new.file_meta.ImplementationVersionName = "RADLOUPE"


def mark_derived(new: Dataset) -> None:
    """ImageType: DERIVED and, made after the examination, SECONDARY; the third value of a DX image must be empty."""
    rest = [*(new.get("ImageType") or [])][2:]
    if new.get("SOPClassUID") in DX:
        rest = ["", *rest[1:]]
    new.ImageType = ["DERIVED", "SECONDARY", *rest]


def describe_provenance(new: Dataset, run: Run, code: Code = RESAMPLING) -> None:
    """Append processing step and software to the source's derivation description.

    The earliest steps are dropped where the text is too long.
    """
    steps = [str(new.get("DerivationDescription") or ""), *(run.history or ("Written by Radloupe",))]
    text = "; ".join(step for step in steps if step).encode("ascii", "replace").decode()
    new.DerivationDescription = text if len(text) <= SHORT_TEXT else "... " + text[4 - SHORT_TEXT :]
    new.DerivationCodeSequence = [*(new.get("DerivationCodeSequence") or []), code_item(code)]
    new.ContributingEquipmentSequence = [*(new.get("ContributingEquipmentSequence") or []), equipment(run)]


def code_item(code: Code) -> Dataset:
    """An item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return item


def source_item(source: Dataset, frame_number: int | None = None) -> Dataset:
    """An item of a SourceImageSequence: the source, or one frame of it (from 1), as an image of the same region."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    if frame_number is not None:
        item.ReferencedFrameNumber = frame_number
    item.PurposeOfReferenceCodeSequence = [code_item(SOURCE_IMAGE)]
    item.SpatialLocationsPreserved = "YES"
    return item


def equipment(run: Run) -> Dataset:
    """The item of the ContributingEquipmentSequence for this program."""
    from highdicom import ContributingEquipment  # imported here: it takes half a second, which reading does not need

    return ContributingEquipment(
        "Radloupe",
        codes.DCM.ProcessingEquipment,
        manufacturer_model_name="Radloupe",
        software_versions=__version__,
        contribution_datetime=run.moment,
        contribution_description="Super-resolution, resampling or projection; see Derivation Description. Not a medical device.",
    )


def rescale_spacing(new: Dataset, frame: Frame, image: Image) -> None:
    """Scale every spacing of stored pixels alike; DetectorElementSpacing is of the detector's own elements and stays."""
    factors = np.array(image.spacing[1::-1]) / np.array(frame.spacing[::-1])
    for keyword in SPACINGS:
        if new.get(keyword):
            setattr(new, keyword, decimals(np.array(new[keyword].value, float) * factors))


def position(image: Image, index: int) -> list[str]:
    """ImagePositionPatient of a slice: the centre of its first voxel, LPS mm."""
    return decimals(geometry.to_lps(geometry.shift(image.affine, (0, 0, index)))[0])


def decimals(values: np.ndarray) -> list[str]:
    """Numbers as decimal strings: with ten digits they never pass the 16 characters of a DS.

    >>> decimals(np.array([-22.662499999999998, 0.1 + 0.2]))
    ['-22.6625', '0.3']
    """
    return [f"{round(float(value), 9) + 0.0:.10g}" for value in values]
