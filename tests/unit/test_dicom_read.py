"""One DICOM file becomes pixels in the unit its header promises, in their place in the patient, or one clear error."""

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from dicom_factory import OBLIQUE, cr, ct, dx, mr, ramp, save
from radloupe.core.errors import InputError, LimitError
from radloupe.core.limits import Limits
from radloupe.formats import read
from radloupe.formats.dicom import dicom_format as dicom
from radloupe.imaging.pixel_info import Storage


def test_ct_is_in_hounsfield_units(tmp_path):
    image = read(save(ct(), tmp_path / "a.dcm"))
    assert (image.pixels[0, 0] == ramp().astype(int) - 1024).all()
    assert (image.info.unit, image.info.modality, image.info.inverted) == ("HU", "CT", False)
    assert image.info.storage == Storage("uint16", 12, 1.0, -1024.0)


def test_mr_is_rescaled(tmp_path):
    ds = mr()
    ds.RescaleSlope, ds.RescaleIntercept = 2.5, 1
    image = read(save(ds, tmp_path / "a.dcm"))
    assert image.info.unit, image.info.modality == ("arbitrary", "MR")
    np.testing.assert_allclose(image.pixels[0, 0], ramp() * 2.5 + 1, rtol=1e-6)  # float32


def test_radiographs_stay_as_stored_and_inverted_ones_are_marked(tmp_path):
    image = read(save(cr(), tmp_path / "a.dcm"))
    assert (image.info.unit, image.info.modality, image.info.inverted) == ("stored", "XR", True)
    assert (image.pixels[0, 0] == ramp()).all() and image.pixels.dtype == np.uint16


def test_other_modalities_are_named_other(tmp_path):
    ds = cr()
    ds.Modality = "NM"
    assert read(save(ds, tmp_path / "a.dcm")).info.modality == "other"


def test_position_is_converted_from_lps_to_ras(tmp_path):
    image = read(save(ct(orientation=OBLIQUE), tmp_path / "a.dcm"))
    np.testing.assert_allclose(image.affine[:3, 3], [11.5, -7.25, 30.0])
    np.testing.assert_allclose(image.affine[:3, 0], 0.5 * np.array([-0.8, -0.6, 0.0]))  # x: PixelSpacing's second value
    np.testing.assert_allclose(image.affine[:3, 1], 0.75 * np.array([0.36, -0.48, 0.8]))
    np.testing.assert_allclose(image.spacing, (0.5, 0.75, 5.0))  # a lone slice is as thick as it says


@pytest.mark.parametrize("keyword", ["PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"])
def test_radiograph_spacing_comes_from_the_first_that_is_there(tmp_path, keyword):
    ds = cr()
    del ds.ImagerPixelSpacing
    setattr(ds, keyword, [0.3, 0.4])
    assert read(save(ds, tmp_path / "a.dcm")).spacing[:2] == pytest.approx((0.4, 0.3))


def test_spacing_unknown_is_one_millimetre(tmp_path):
    ds = cr()
    del ds.ImagerPixelSpacing
    assert read(save(ds, tmp_path / "a.dcm")).spacing == (1, 1, 1)


def test_pixel_spacing_in_the_patient_is_believed_before_the_detector(tmp_path):
    ds = dx()
    ds.PixelSpacing = [0.1, 0.1]
    assert read(save(ds, tmp_path / "a.dcm")).spacing[:2] == pytest.approx((0.1, 0.1))


@pytest.mark.parametrize("implicit", [False, True])
def test_file_without_preamble_or_meta_is_read(tmp_path, implicit):
    ds = ct()
    del ds.file_meta
    ds.save_as(tmp_path / "a.dcm", implicit_vr=implicit, little_endian=True)
    assert (dicom.read(tmp_path / "a.dcm").pixels[0, 0] == ramp().astype(int) - 1024).all()


def test_source_has_everything_but_pixels(tmp_path):
    (source,) = read(save(ct(), tmp_path / "a.dcm")).source
    assert source.PatientName == "Phantom^One" and "PixelData" not in source


REFUSED = {
    "colour": (cr, {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3}, "colour"),
    "palette": (cr, {"PhotometricInterpretation": "PALETTE COLOR"}, "colour"),
    "slope 0": (ct, {"RescaleSlope": 0}, "slope"),
    "slope 1e30": (ct, {"RescaleSlope": "1e30"}, "slope"),
    "no slope": (ct, {"RescaleSlope": None}, "Hounsfield"),
    "spacing 0": (ct, {"PixelSpacing": [0, 0.5]}, "spacing"),
    "spacing -1": (cr, {"ImagerPixelSpacing": [-1, -1]}, "spacing|angles"),
    "spacing 1e9": (ct, {"PixelSpacing": [1e9, 1e9]}, "spacing"),
    "one spacing": (ct, {"PixelSpacing": [0.5]}, "."),
    "orientation not at right angles": (ct, {"ImageOrientationPatient": [1, 0, 0, 0.6, 0.8, 0]}, "right angles"),
    "orientation too long": (ct, {"ImageOrientationPatient": [2, 0, 0, 0, 1, 0]}, "unit vectors"),
    "orientation zero": (ct, {"ImageOrientationPatient": [0] * 6}, "unit vectors"),
    "12 bits in 8": (dx, {"BitsAllocated": 8}, "bits"),
    "high bit outside": (dx, {"HighBit": 16}, "bits"),
    "one bit": (dx, {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}, "bits"),
    "sign 7": (dx, {"PixelRepresentation": 7}, "bits"),
    "more rows than data": (ct, {"Rows": 4000}, "cut short"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_absurd_header_is_refused(tmp_path, name):
    make, changes, phrase = REFUSED[name]
    ds = make()
    for keyword, value in changes.items():
        setattr(ds, keyword, value)
    with pytest.raises(InputError, match=phrase):
        read(save(ds, tmp_path / "a.dcm"))


@pytest.mark.parametrize(("keyword", "value"), [("PixelSpacing", b"nan\\0.5 "), ("ImagePositionPatient", b"inf\\0\\0 ")])
def test_numbers_that_are_not_finite_are_refused(tmp_path, keyword, value):
    data = save(ct(), tmp_path / "a.dcm").read_bytes()
    element = ct()[keyword]
    tag = element.tag.group.to_bytes(2, "little") + element.tag.element.to_bytes(2, "little") + b"DS"
    at = data.index(tag) + 6
    length = int.from_bytes(data[at : at + 2], "little")
    (tmp_path / "a.dcm").write_bytes(data[:at] + len(value).to_bytes(2, "little") + value + data[at + 2 + length :])
    with pytest.raises(InputError, match=keyword):
        read(tmp_path / "a.dcm")


def test_films_are_refused(tmp_path):
    ds = cr(np.stack([ramp(), ramp()]))
    ds.NumberOfFrames = 2
    with pytest.raises(InputError, match="several frames"):
        read(save(ds, tmp_path / "a.dcm"))


def test_object_without_pixels_is_refused(tmp_path):
    ds = ct()
    for keyword in ("PixelData", "Rows", "Columns", "BitsAllocated"):
        delattr(ds, keyword)
    with pytest.raises(InputError, match="without pixels"):
        read(save(ds, tmp_path / "a.dcm"))


def test_more_pixels_than_the_limit_are_refused(tmp_path):
    with pytest.raises(LimitError, match="pixels"):
        read(save(ct(), tmp_path / "a.dcm"), Limits(pixels=100))


@pytest.mark.parametrize(("name", "low", "high"), [("CT_small.dcm", -896, 1167), ("MR_small.dcm", 127, 2145)])
def test_real_samples(name, low, high):
    image = read(get_testdata_file(name, download=False))
    assert (image.pixels.min(), image.pixels.max()) == (low, high)


def test_error_names_no_patient(tmp_path):
    ds = ct()
    ds.PixelSpacing, ds.PatientID = [0, 0.5], "SECRET"
    with pytest.raises(InputError) as caught:
        read(save(ds, tmp_path / "a.dcm"))
    assert not any(str(value) in str(caught.value) for value in ("SECRET", "Phantom", ds.SOPInstanceUID, ds.SeriesInstanceUID))
