"""The kinds of DICOM object that a projection can become, each with the attributes of its own by DICOM PS3.3.

Radiotherapy image (C.8.8.2), digital radiograph (C.8.11), angiographic and radiofluoroscopic image (C.8.7).
"""

import numpy as np
from pydicom import Dataset, uid
from pydicom.sr.codedict import codes

from radloupe.core.errors import InputError
from radloupe.formats.dicom.derive import code_item, decimals
from radloupe.formats.dicom.detector import first_pixel, positioner
from radloupe.imaging.camera import View
from radloupe.imaging.image import Image
from radloupe.imaging.rigid_motion import distances

CENTRED_MM = 1e-3  # largest distance of the central ray from the detector's centre in objects that cannot store it


def rt_image(new: Dataset, image: Image) -> None:
    """A digitally reconstructed radiograph for radiotherapy: any cone-beam view. Raises `InputError` for parallel beams."""
    view, isocentre = image.source.view, image.source.isocentre
    found = distances(view, isocentre)
    if found is None:
        raise InputError("Expected a cone beam for an RT image, which has a source; found a parallel beam. Write a DX image instead.")
    sdd, sid = found
    new.SOPClassUID, new.Modality = uid.RTImageStorage, "RTIMAGE"
    new.ImageType = ["DERIVED", "SECONDARY", "DRR"]
    new.ConversionType, new.RTImageLabel, new.RTImagePlane = "WSD", "DRR", "NORMAL"
    new.RadiationMachineName = new.PrimaryDosimeterUnit = new.OperatorsName = None
    new.XRayImageReceptorTranslation, new.XRayImageReceptorAngle = ["0", "0", "0"], "0"
    x, y = first_pixel(view)
    new.RTImagePosition = decimals(np.array([x, -y]))  # the receptor's y runs up, rows run down
    new.ImagePlanePixelSpacing = decimals(np.array(view.spacing))
    new.pop("PixelSpacing", None)
    new.RTImageSID, new.RadiationMachineSAD = decimals(np.array([sdd, sid]))
    new.PatientPosition = new.get("PatientPosition") or "HFS"
    new.IsocenterPosition = decimals(isocentre)
    primary, secondary = positioner(view.normal)
    if new.PatientPosition == "HFS" and abs(secondary) < 1e-6:  # degrees: then the gantry alone makes the view
        (new.GantryAngle,) = decimals(np.array([(primary + 180) % 360]))


def digital_radiograph(new: Dataset, image: Image) -> None:
    """A digital radiograph: FOR PRESENTATION with display grey levels, FOR PROCESSING with counts."""
    shot = image.source
    if (image.info.storage.slope, image.info.storage.intercept) != (1, 0):
        raise InputError(f"Expected grey levels or counts for a DX image (it has no rescale), found {image.info.unit}. Write an RT image.")
    presented = shot.relationship == "LOG"
    new.SOPClassUID = uid.DigitalXRayImageStorageForPresentation if presented else uid.DigitalXRayImageStorageForProcessing
    new.PresentationIntentType = "FOR PRESENTATION" if presented else "FOR PROCESSING"
    new.Modality, new.ImageType = "DX", ["DERIVED", "SECONDARY", ""]
    x_ray(new, image)
    new.PixelIntensityRelationshipSign, new.DetectorType, new.PositionerType = shot.bright, "", ""
    new.pop("Laterality", None)
    new.ImageLaterality, new.AcquisitionContextSequence, new.PresentationLUTShape = "U", [], "IDENTITY"
    keep_as_stored(new)
    new.AnatomicRegionSequence = region(shot.headers[0] if shot.headers else Dataset())
    view = code_item(codes.cid4010.ObliqueProjection if abs(view_angle(shot.view)) > 1 else codes.cid4010.AnteroPosterior)
    view.ViewModifierCodeSequence = []
    new.ViewCodeSequence = [view]
    if presented:
        top = 2**image.info.storage.bits - 1
        new.WindowCenter, new.WindowWidth = decimals(np.array([(top + 1) / 2, top + 1]))


def angiogram(new: Dataset, image: Image) -> None:
    """A frame of a C-arm with its positioner's angles."""
    new.SOPClassUID, new.Modality = uid.XRayAngiographicImageStorage, "XA"
    fluoroscopic(new, image)


def fluoroscopy(new: Dataset, image: Image) -> None:
    """A frame of a radiofluoroscopic device; the positioner's angles are written in addition to its own attributes."""
    new.SOPClassUID, new.Modality = uid.XRayRadiofluoroscopicImageStorage, "RF"
    fluoroscopic(new, image)


def fluoroscopic(new: Dataset, image: Image) -> None:
    """Attributes that angiographic and radiofluoroscopic images share."""
    new.ImageType = ["DERIVED", "SECONDARY", "SINGLE PLANE"]
    x_ray(new, image)
    new.RadiationSetting = "GR"
    new.XRayTubeCurrent = new.ExposureTime = new.Exposure = None
    if image.source.relationship == "LOG" and "RescaleSlope" not in new:
        keep_as_stored(new)


def keep_as_stored(new: Dataset) -> None:
    """Write the identity rescale where one is mandatory."""
    new.RescaleSlope, new.RescaleIntercept, new.RescaleType = 1, 0, "US"


def x_ray(new: Dataset, image: Image) -> None:
    """Distances, angles and pitch. Raises `InputError` where the central ray misses the detector's centre."""
    view: View = image.source.view
    found = distances(view, image.source.isocentre)
    centre = (np.array(view.shape) - 1) / 2 * view.spacing
    if found:
        x, y = first_pixel(view)
        if np.abs([y + centre[0], x + centre[1]]).max() > CENTRED_MM:
            raise InputError(
                f"Expected a detector centred on the central ray, found it {np.hypot(y + centre[0], x + centre[1]):.3g} mm off. "
                "Write an RT image."
            )
        sdd, sid = found
        ratio = decimals(np.array([sdd, sid, sdd / sid]))
        new.DistanceSourceToDetector, new.DistanceSourceToPatient, new.EstimatedRadiographicMagnificationFactor = ratio
    new.PositionerPrimaryAngle, new.PositionerSecondaryAngle = decimals(np.array(positioner(view.normal)))
    new.ImagerPixelSpacing = decimals(np.array(view.spacing))
    new.pop("PixelSpacing", None)
    new.PixelIntensityRelationship = image.source.relationship
    new.KVP = None if image.source.kvp is None else decimals(np.array([image.source.kvp]))[0]


def view_angle(view: View) -> float:
    """Degrees between the central ray and the patient's front-to-back axis."""
    return float(np.degrees(np.arccos(min(abs(view.normal[1]), 1.0))))


def region(header: Dataset) -> list[Dataset]:
    """The CT's own anatomic region, else the entire body."""
    return list(header.get("AnatomicRegionSequence") or [code_item(codes.cid4009.EntireBody)])
