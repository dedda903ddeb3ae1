"""Synthetic DICOM data sets, made by code and valid enough for a validator: `ct(...)`, `mr(...)`, `cr(...)`, `dx(...)`, `enhanced(...)`."""

import numpy as np
from pydicom import Dataset, uid
from pydicom.dataset import FileMetaDataset

OBLIQUE = (0.8, 0.6, 0.0, -0.36, 0.48, 0.8)  # two exact unit vectors at right angles
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
STUDY, SERIES, FRAME = (uid.generate_uid(None, [name]) for name in ("study", "series", "frame"))


def ramp(rows=12, columns=10, low=0, high=2000, dtype="uint16"):
    """Pixels that differ everywhere, and from left to right as from top to bottom."""
    return np.linspace(low, high, rows * columns).round().astype(dtype).reshape(rows, columns)


def base(sop_class, modality, pixels, bits):
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, uid.generate_uid(None)
    ds.StudyInstanceUID, ds.SeriesInstanceUID = STUDY, SERIES
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = "20200102"
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = "101112"
    ds.AccessionNumber = ds.StudyID = "1"
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName, ds.DeviceSerialNumber, ds.SoftwareVersions = modality, "Maker", "M", "1", "1"
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = "Phantom^One", "P1", "19700101", "O"
    ds.ReferringPhysicianName, ds.SeriesNumber, ds.InstanceNumber, ds.SeriesDescription = "", 3, 1, "Phantom"
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    set_pixels(ds, pixels, bits)
    return ds


def set_pixels(ds, pixels, bits):
    ds.Rows, ds.Columns = pixels.shape[-2:]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 8 * pixels.itemsize, bits, bits - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    ds.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    ds["PixelData"].VR = "OB" if pixels.itemsize == 1 else "OW"


def place(ds, index, orientation, gap):
    normal = np.cross(orientation[:3], orientation[3:])
    ds.FrameOfReferenceUID, ds.PositionReferenceIndicator = FRAME, ""
    ds.ImageOrientationPatient = list(orientation)
    ds.ImagePositionPatient = [round(float(v), 6) for v in np.array([-11.5, 7.25, 30.0]) + index * gap * normal]
    ds.PixelSpacing, ds.SliceThickness, ds.InstanceNumber, ds.Laterality = [0.75, 0.5], 5, index + 1, ""


def ct(index=0, pixels=None, bits=12, orientation=AXIAL, gap=2.5):
    ds = base(uid.CTImageStorage, "CT", ramp() if pixels is None else pixels, bits)
    place(ds, index, orientation, gap)
    ds.ImageType, ds.PatientPosition, ds.KVP, ds.AcquisitionNumber = ["ORIGINAL", "PRIMARY", "AXIAL"], "HFS", 120, 1
    ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = 1, -1024, "HU"
    ds.WindowCenter, ds.WindowWidth = 40, 400
    return ds


def mr(index=0, pixels=None, bits=16, orientation=AXIAL, gap=2.5):
    ds = base(uid.MRImageStorage, "MR", ramp(dtype="int16") if pixels is None else pixels, bits)
    place(ds, index, orientation, gap)
    ds.ImageType, ds.PatientPosition = ["ORIGINAL", "PRIMARY", "OTHER"], "HFS"
    ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions, ds.MRAcquisitionType = "SE", "NONE", "", "2D"
    ds.RepetitionTime, ds.EchoTime, ds.EchoTrainLength = 500, 10, 1
    return ds


def cr(pixels=None, bits=12):
    ds = base(uid.ComputedRadiographyImageStorage, "CR", ramp() if pixels is None else pixels, bits)
    ds.ImageType, ds.BodyPartExamined, ds.ViewPosition = ["ORIGINAL", "PRIMARY"], "CHEST", "PA"
    ds.ImagerPixelSpacing, ds.PatientOrientation, ds.PhotometricInterpretation = [0.2, 0.2], ["L", "F"], "MONOCHROME1"
    return ds


def dx(pixels=None, bits=12):
    ds = base(uid.DigitalXRayImageStorageForPresentation, "DX", ramp() if pixels is None else pixels, bits)
    ds.ImageType, ds.PresentationIntentType = ["ORIGINAL", "PRIMARY", ""], "FOR PRESENTATION"
    ds.ImagerPixelSpacing, ds.PixelSpacing = [0.2, 0.2], [0.2, 0.2]
    ds.DetectorElementSpacing, ds.DetectorType, ds.PositionerType = [0.1, 0.1], "DIRECT", ""
    ds.PatientOrientation, ds.BurnedInAnnotation, ds.ImageLaterality = ["L", "F"], "NO", "U"
    ds.PixelIntensityRelationship, ds.PixelIntensityRelationshipSign, ds.LossyImageCompression = "LOG", -1, "00"
    ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType, ds.PresentationLUTShape = 1, 0, "US", "IDENTITY"
    ds.WindowCenter, ds.WindowWidth, ds.AcquisitionContextSequence = 1000, 2000, []
    ds.AnatomicRegionSequence, ds.ViewCodeSequence = [code("43799004", "SCT", "Chest")], [code("399348003", "SCT", "antero-posterior")]
    ds.ViewCodeSequence[0].ViewModifierCodeSequence = []
    return ds


def code(value, scheme, info):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, info
    return item


def holder(**values):
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def enhanced(modality="CT", stack=None, order=(2, 0, 1), orientation=AXIAL, gap=2.5):
    """An enhanced object whose frames are stored in `order` of their place; `stack` is `frames y x`."""
    stack = np.stack([ramp() + 10 * i for i in range(len(order))]) if stack is None else stack
    sop_class = uid.EnhancedCTImageStorage if modality == "CT" else uid.EnhancedMRImageStorage
    ds = base(sop_class, modality, stack, 12)
    ds.NumberOfFrames = len(order)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    ds.AcquisitionNumber, ds.AcquisitionDateTime, ds.AcquisitionDuration, ds.ContentQualification = 1, "20200102101112", 1.0, "RESEARCH"
    ds.FrameOfReferenceUID, ds.PositionReferenceIndicator = FRAME, ""
    ds.PixelPresentation, ds.VolumetricProperties, ds.VolumeBasedCalculationTechnique = "MONOCHROME", "VOLUME", "NONE"
    ds.PresentationLUTShape, ds.LossyImageCompression, ds.BurnedInAnnotation, ds.PatientPosition = "IDENTITY", "00", "NO", "HFS"
    ds.AcquisitionContextSequence = []
    organization = holder(DimensionOrganizationUID=uid.generate_uid(None, ["dimension"]))
    ds.DimensionOrganizationSequence = [organization]
    pointer = holder(DimensionIndexPointer=0x00209057, FunctionalGroupPointer=0x00209111)
    pointer.DimensionOrganizationUID = organization.DimensionOrganizationUID
    ds.DimensionIndexSequence = [pointer]
    ds.SharedFunctionalGroupsSequence = [shared(modality, orientation)]
    ds.PerFrameFunctionalGroupsSequence = [per_frame(place, orientation, gap) for place in order]
    return ds


def shared(modality, orientation):
    group = Dataset()
    group.PixelMeasuresSequence = [holder(PixelSpacing=[0.75, 0.5], SliceThickness=5)]
    group.PlaneOrientationSequence = [holder(ImageOrientationPatient=list(orientation))]
    slope = {"CT": (1, -1024, "HU"), "MR": (2, 0, "US")}[modality]
    group.PixelValueTransformationSequence = [holder(**dict(zip(("RescaleSlope", "RescaleIntercept", "RescaleType"), slope, strict=True)))]
    group.FrameVOILUTSequence = [holder(WindowCenter=40, WindowWidth=400)]
    group.FrameAnatomySequence = [holder(FrameLaterality="U", AnatomicRegionSequence=[code("69536005", "SCT", "Head")])]
    kind = holder(FrameType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"], PixelPresentation="MONOCHROME")
    kind.VolumetricProperties, kind.VolumeBasedCalculationTechnique = "VOLUME", "NONE"
    setattr(group, f"{modality}ImageFrameTypeSequence", [kind])
    return group


def per_frame(index, orientation, gap):
    normal = np.cross(orientation[:3], orientation[3:])
    group = Dataset()
    position = [round(float(v), 6) for v in np.array([-11.5, 7.25, 30.0]) + index * gap * normal]
    group.PlanePositionSequence = [holder(ImagePositionPatient=position)]
    content = holder(StackID="1", InStackPositionNumber=index + 1, DimensionIndexValues=index + 1, FrameAcquisitionNumber=1)
    content.FrameReferenceDateTime = content.FrameAcquisitionDateTime = "20200102101112"
    content.FrameAcquisitionDuration = 1.0
    group.FrameContentSequence = [content]
    return group


def save(ds, path):
    ds.save_as(path, enforce_file_format=True)
    return path


def series(folder, make=ct, count=4, **options):
    """A folder of slices whose names say nothing of their order."""
    folder.mkdir()
    for index in range(count):
        pixels = ramp(dtype="uint16" if make is ct else "int16") + 50 * index
        save(make(index, pixels.astype(pixels.dtype), **options), folder / f"{(7 * index + 3) % count:03d}.dcm")
    return folder


def doubled(image, step="doubled by repeating pixels"):
    """An image of twice as many rows and columns over the same region."""
    return image.resampled(image.pixels.repeat(2, 2).repeat(2, 3), (2, 2, 1), step)
