"""Projected images as DICOM: the view can be read back, and the object is a synthetic one of the CT's patient and study."""

from dataclasses import replace

import numpy as np
import pytest
from pydicom import dcmread

from dicom_factory import ct, doubled, save, series
from radloupe.core.errors import InputError, UsageError
from radloupe.formats import read, write
from radloupe.formats.dicom.dicom_format import KINDS, Projected, view_of
from radloupe.imaging import geometry
from radloupe.imaging.camera import CArm, View
from radloupe.imaging.image import Image, placeholder
from radloupe.imaging.pixel_info import PixelInfo, Storage

ISOCENTRE = np.array([12.5, -40.25, 310.0])
DEVICE = {"isocentre": ISOCENTRE, "size": (6, 8), "pixel": (0.4, 0.6)}
CONE = {"sdd": 1020.0, "sid": 530.0, **DEVICE}
POSES = {
    "straight": ((0.0, 0.0, 0.0), CONE),
    "oblique": ((20.0, -10.0, 0.0), CONE),
    "rolled": ((-35.0, 25.0, 77.0), CONE),
    "behind": ((170.0, 60.0, -5.0), CONE),
    "mirrored": ("AP", CONE),
    "parallel": ((48.0, 30.0, 0.0), {"beam": "parallel", **DEVICE}),
}
NANOMETRES = 1e-5  # decimal strings have at most 16 characters: ten digits of some hundred mm


def drr(view, kind="rt", dtype="uint16", slope=1.0, **more):
    dtype = np.dtype(dtype)
    pixels = (np.arange(np.prod(view.shape)).reshape(1, 1, *view.shape) * slope).astype(dtype if slope == 1 else "float32")
    affine = np.eye(4)
    affine[:3, :3] = np.array([view.u, view.v, np.cross(view.u, view.v) / np.prod(view.spacing)]).T
    affine[:3, 3] = view.origin
    info = PixelInfo("stored", "XR", storage=Storage(dtype.name, 8 * dtype.itemsize, slope))
    return Image(pixels, geometry.LPS_TO_RAS @ affine, info, ("projected from CT",), Projected(view, ISOCENTRE, kind, **more))


def same(a, b):
    assert a.shape == b.shape
    for name in ("origin", "u", "v", "source", "direction"):
        if getattr(a, name) is None:
            assert getattr(b, name) is None
        else:
            np.testing.assert_allclose(getattr(b, name), getattr(a, name), atol=NANOMETRES)
    for found, made in zip(b.angles, a.angles, strict=True):
        assert abs((found - made + 180) % 360 - 180) < NANOMETRES


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pose", POSES)
def test_view_is_read_back(tmp_path, pose, kind):
    if (pose, kind) == ("parallel", "rt"):
        pytest.skip("an RT image has a source")
    view = CArm(**POSES[pose][1]).view(POSES[pose][0])
    path = write(drr(view, kind), tmp_path / "a.dcm")
    same(view, view_of(path))
    image = read(path)
    np.testing.assert_allclose(image.affine[:3, 3] * [-1, -1, 1], view.origin, atol=NANOMETRES)
    np.testing.assert_allclose(image.pixels, drr(view).pixels)
    assert image.info.modality == "XR"


def test_rt_image_says_where_the_central_ray_hits(tmp_path):
    view = CArm(offset=(7.0, -11.0), **CONE).view((10.0, 5.0, 3.0))
    same(view, view_of(write(drr(view), tmp_path / "a.dcm")))
    for kind in ("dx", "xa", "rf"):
        with pytest.raises(InputError, match="centred"):
            write(drr(view, kind), tmp_path / f"{kind}.dcm")


def test_standard_attributes_alone_give_the_same_c_arm(tmp_path):
    view = CArm(**CONE | {"isocentre": (0.0, 0.0, 0.0)}).view((20.0, -10.0, 0.0))
    image = drr(view, "xa")
    path = write(replace(image, source=replace(image.source, isocentre=np.zeros(3))), tmp_path / "a.dcm")
    ds = dcmread(path)
    assert (ds.PositionerPrimaryAngle, ds.PositionerSecondaryAngle) == (20, -10)  # + is towards the left, and towards the head
    assert (ds.DistanceSourceToDetector, ds.DistanceSourceToPatient, list(ds.ImagerPixelSpacing)) == (1020, 530, [0.4, 0.6])
    del ds.ImagePositionPatient, ds.ImageOrientationPatient
    same(view, view_of(save(ds, tmp_path / "b.dcm")))


@pytest.mark.parametrize("kind", KINDS)
def test_enlarged_images_have_the_same_rays(tmp_path, kind):
    view = CArm(**CONE).view((10.0, 5.0, 3.0))
    path = write(drr(view, kind), tmp_path / "a.dcm")
    again = view_of(write(doubled(read(path)), tmp_path / "b.dcm"))
    at_once = view_of(write(doubled(drr(view, kind)), tmp_path / "c.dcm"))
    for found in (again, at_once):
        np.testing.assert_allclose(found.source, view.source, atol=NANOMETRES)
        np.testing.assert_allclose(found.origin + 0.5 * (found.u + found.v), view.origin, atol=NANOMETRES)
        np.testing.assert_allclose([2 * found.u, 2 * found.v], [view.u, view.v], atol=NANOMETRES)


@pytest.mark.parametrize(("primary", "angle"), [(0.0, 180), (180.0, 0), (-90.0, 90), (90.0, 270)])
def test_gantry_angle_is_where_the_source_stands(tmp_path, primary, angle):
    # IEC 61217, patient on the back, head first: 0 in front of the patient, 90 on the left
    ds = dcmread(write(drr(CArm(**CONE).view((primary, 0.0, 0.0))), tmp_path / "a.dcm"))
    assert ds.GantryAngle == angle
    assert (ds.RadiationMachineSAD, ds.RTImageSID) == (530, 1020)
    assert list(ds.RTImagePosition) == pytest.approx([-3.5 * 0.6, 2.5 * 0.4])


def test_projection_belongs_to_the_patient_and_study_of_its_ct(tmp_path):
    source = read(series(tmp_path / "s")).source
    written = write(drr(CArm(**CONE).view((0.0, 0.0, 0.0)), headers=source), tmp_path / "a.dcm")
    ds = dcmread(written)
    for keyword in ("PatientName", "PatientID", "StudyInstanceUID", "FrameOfReferenceUID", "AccessionNumber"):
        assert ds[keyword].value == source[0][keyword].value
    assert ds.SeriesInstanceUID != source[0].SeriesInstanceUID
    assert [i.ReferencedSOPInstanceUID for i in ds.SourceImageSequence] == [h.SOPInstanceUID for h in source]
    assert {i.SpatialLocationsPreserved for i in ds.SourceImageSequence} == {"NO"}
    assert (ds.SyntheticData, ds.DerivationDescription, ds.ImageType[2]) == ("YES", "projected from CT", "DRR")
    assert "PixelSpacing" not in ds  # spacing at the detector is not spacing in the patient


def test_lossy_ct_makes_a_lossy_projection(tmp_path):
    lossy = ct()
    lossy.LossyImageCompression = "01"
    image = drr(CArm(**CONE).view(), "dx", headers=[lossy])
    assert dcmread(write(image, tmp_path / "a.dcm")).LossyImageCompression == "01"


def test_counts_are_for_processing(tmp_path):
    view = CArm(**CONE).view((0.0, 0.0, 0.0))
    ds = dcmread(write(drr(view, "dx", relationship="LIN", bright=1), tmp_path / "a.dcm"))
    assert (ds.PresentationIntentType, ds.PixelIntensityRelationship, ds.PixelIntensityRelationshipSign) == ("FOR PROCESSING", "LIN", 1)


def test_line_integrals_come_back_through_the_rescale(tmp_path):
    view = CArm(**CONE).view((0.0, 0.0, 0.0))
    image = drr(view, slope=0.001)
    np.testing.assert_allclose(read(write(image, tmp_path / "a.dcm")).pixels, image.pixels, atol=1e-6)  # single precision
    with pytest.raises(InputError, match="DX"):
        write(drr(view, "dx", slope=0.001), tmp_path / "b.dcm")


def test_what_dicom_cannot_say_is_refused(tmp_path):
    view = CArm(**CONE).view((0.0, 0.0, 0.0))
    skewed = View(view.shape, view.origin, view.u, view.v + 0.1 * view.u, source=view.source)
    parallel = CArm(beam="parallel", **DEVICE).view((0.0, 0.0, 0.0))
    for bad, kind, words in ((skewed, "rt", "right angles"), (parallel, "rt", "parallel")):
        with pytest.raises(InputError, match=words):
            write(drr(bad, kind), tmp_path / "a.dcm")
    unknown = replace(drr(view, dtype="float32"), pixels=placeholder((1, 1, *view.shape), np.dtype("float32")))
    with pytest.raises(InputError, match="float32"):  # a placeholder does not say how large the numbers to come will be
        write(unknown, tmp_path / "a.dcm")
    with pytest.raises(UsageError, match="kind of DICOM image"):
        write(drr(view, "mr"), tmp_path / "a.dcm")
    assert list(tmp_path.iterdir()) == []


def test_image_without_a_view_is_refused(tmp_path):
    with pytest.raises(InputError, match="angles"):
        view_of(save(ct(), tmp_path / "a.dcm"))
    ds = ct()
    del ds.ImagePositionPatient
    with pytest.raises(InputError, match="distances"):
        view_of(save(ds, tmp_path / "b.dcm"))
