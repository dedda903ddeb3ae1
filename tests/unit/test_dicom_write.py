"""A derived object is a new one of the same patient: it says what it is and where it came from, and nothing stale."""

from dataclasses import replace
from datetime import date
from itertools import chain

import numpy as np
import pytest
from pydicom import dcmread, uid

from dicom_factory import FRAME, OBLIQUE, SERIES, STUDY, code, cr, ct, doubled, dx, enhanced, mr, ramp, save, series
from radloupe.core.errors import InputError, RadloupeError
from radloupe.formats import read, write
from radloupe.formats.dicom import dicom_format as dicom
from radloupe.formats.dicom.derive import decimals
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage

STEP = "super-resolved x2 by ct-x2 (sha256 0123abcd)"


def derive(ds, tmp_path, step=STEP):
    """The data set of an image twice as large, read from the file that was written."""
    return dcmread(write(doubled(read(save(ds, tmp_path / "source.dcm")), step), tmp_path / "derived.dcm"))


def laden():
    """A CT with everything that describes the old pixels."""
    ds = ct(orientation=OBLIQUE)
    ds.SmallestImagePixelValue, ds.LargestImagePixelValue, ds.PixelPaddingValue, ds.PixelPaddingRangeLimit = 0, 2000, 0, 5
    ds.LossyImageCompression, ds.LossyImageCompressionRatio, ds.LossyImageCompressionMethod = "01", 10, "ISO_15444_1"
    ds.IconImageSequence = [ct()]
    ds.add_new(0x60000010, "US", 12)
    ds.add_new(0x60003000, "OW", b"\0" * 16)
    ds.private_block(0x29, "MAKER", create=True).add_new(1, "LO", "of the old pixels")
    ds.add_new(0xFFFAFFFA, "SQ", [])
    ds.DerivationDescription, ds.DerivationCodeSequence = "Filtered before", [code("113040", "DCM", "Lossy Compression")]
    ds.preamble = b"MZ" + b"\1" * 126
    return ds


def attributes(ds, source):
    """What the derived object must say: name to (found, expected)."""
    item, tool = ds.SourceImageSequence[0], ds.ContributingEquipmentSequence[-1]
    today = date.today().strftime("%Y%m%d")
    return {
        "class": (ds.SOPClassUID, source.SOPClassUID),
        "meta class": (ds.file_meta.MediaStorageSOPClassUID, ds.SOPClassUID),
        "meta instance": (ds.file_meta.MediaStorageSOPInstanceUID, ds.SOPInstanceUID),
        "syntax": (ds.file_meta.TransferSyntaxUID, uid.ExplicitVRLittleEndian),
        "preamble": (ds.preamble, b"\0" * 128),
        "study": (ds.StudyInstanceUID, STUDY),
        "frame of reference": (ds.FrameOfReferenceUID, FRAME),
        "patient": (ds.PatientID, source.PatientID),
        "series number": (ds.SeriesNumber, source.SeriesNumber + 9000),
        "description": (ds.SeriesDescription, "Phantom Radloupe"),
        "image type": (list(ds.ImageType), ["DERIVED", "SECONDARY", "AXIAL"]),
        "matrix": ((ds.Rows, ds.Columns), (24, 20)),
        "spacing": (list(ds.PixelSpacing), [0.375, 0.25]),
        "orientation": (ds.ImageOrientationPatient, source.ImageOrientationPatient),
        "thickness": (ds.SliceThickness, source.SliceThickness),
        "window": ((ds.WindowCenter, ds.WindowWidth), (40, 400)),
        "rescale": ((ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType), (1, -1024, "HU")),
        "bits": ((ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation), (16, 12, 11, 0)),
        "padding": (ds.PixelPaddingValue, 0),
        "lossy": ((ds.LossyImageCompression, ds.LossyImageCompressionRatio), ("01", 10)),
        "derivation": (ds.DerivationDescription, f"Filtered before; {STEP}"),
        "codes": ([c.CodeValue for c in ds.DerivationCodeSequence], ["113040", "113085"]),
        "source": ((item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID), (source.SOPClassUID, source.SOPInstanceUID)),
        "purpose": (item.PurposeOfReferenceCodeSequence[0].CodeValue, "121322"),
        "locations": (item.SpatialLocationsPreserved, "YES"),
        "equipment": (tool.PurposeOfReferenceCodeSequence[0].CodeValue, "109102"),
        "maker": ((tool.Manufacturer, bool(tool.SoftwareVersions)), ("Radloupe", True)),
        "dates": ((ds.InstanceCreationDate, ds.SeriesDate, ds.ContentDate), (today,) * 3),
        "dates of the patient": ((ds.StudyDate, ds.AcquisitionDate), ("20200102",) * 2),
    }


def test_derived_object_says_what_it_is(tmp_path):
    source = laden()
    found = attributes(derive(source, tmp_path), source)
    assert {name: pair[0] for name, pair in found.items()} == {name: pair[1] for name, pair in found.items()}


def test_derived_object_has_new_identity(tmp_path):
    source = laden()
    ds = derive(source, tmp_path)
    assert ds.SOPInstanceUID != source.SOPInstanceUID and ds.SeriesInstanceUID != SERIES


def test_stale_attributes_are_dropped(tmp_path):
    ds = derive(laden(), tmp_path)
    stale = ["SmallestImagePixelValue", "LargestImagePixelValue", "PixelPaddingRangeLimit", "IconImageSequence"]
    assert [keyword for keyword in stale if keyword in ds] == []
    assert [tag for tag, _ in ds.items() if tag.is_private or tag.group in (0x6000, 0xFFFA)] == []


def test_corner_of_the_volume_stays_where_it_was(tmp_path):
    ds = derive(ct(orientation=OBLIQUE), tmp_path)
    x, y = np.array(OBLIQUE).reshape(2, 3)
    moved = np.array([-11.5, 7.25, 30.0]) - 0.25 * 0.5 * x - 0.25 * 0.75 * y  # a quarter of the old pixel to the corner
    np.testing.assert_allclose(np.array(ds.ImagePositionPatient, float), moved, atol=1e-9)


def test_source_data_set_is_not_changed(tmp_path):
    image = read(save(laden(), tmp_path / "a.dcm"))
    before = image.source[0].to_json()
    write(doubled(image), tmp_path / "b.dcm")
    assert image.source[0].to_json() == before


def test_detector_spacings_are_scaled_alike_but_not_its_elements(tmp_path):
    ds = derive(dx(), tmp_path)
    assert (list(ds.PixelSpacing), list(ds.ImagerPixelSpacing), list(ds.DetectorElementSpacing)) == ([0.1] * 2, [0.1] * 2, [0.1] * 2)
    source = cr()
    source.NominalScannedPixelSpacing = [0.4, 0.4]
    (tmp_path / "cr").mkdir()
    ds = derive(source, tmp_path / "cr")
    assert (list(ds.ImagerPixelSpacing), list(ds.NominalScannedPixelSpacing)) == ([0.1] * 2, [0.2] * 2)
    assert "PixelSpacing" not in ds and "ImagePositionPatient" not in ds


def test_third_image_type_of_dx_is_empty(tmp_path):
    assert list(derive(dx(), tmp_path).ImageType) == ["DERIVED", "SECONDARY", ""]


def test_monochrome1_stays(tmp_path):
    assert derive(cr(), tmp_path).PhotometricInterpretation == "MONOCHROME1"


def test_text_keeps_within_its_length_and_the_model_in_it(tmp_path):
    source = ct()
    source.SeriesDescription = "x" * 64
    ds = derive(source, tmp_path, "é" * 2000 + STEP)
    assert len(ds.SeriesDescription) == 64 and ds.SeriesDescription.endswith("Radloupe")
    assert len(ds.DerivationDescription) == 1024 and ds.DerivationDescription.endswith(STEP)


def test_decimal_strings_have_at_most_sixteen_characters():
    values = np.array([-22.662499999999998, 1 / 3, -1e-7 / 3, -123456.789012345, 1e300 / 3, -0.0])
    assert max(map(len, decimals(values))) <= 16
    np.testing.assert_allclose(np.array(decimals(values), float), values, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("syntax", [uid.JPEGLSNearLossless, uid.ExplicitVRLittleEndian])
def test_lossy_sources_are_marked(tmp_path, syntax):
    image = read(save(ct(), tmp_path / "a.dcm"))
    image.source[0].file_meta.TransferSyntaxUID = syntax
    ds = dcmread(write(image, tmp_path / "b.dcm"))
    assert ds.get("LossyImageCompression") == ("01" if syntax == uid.JPEGLSNearLossless else None)


def test_characters_of_the_patient_name_survive(tmp_path):
    source = ct()
    source.SpecificCharacterSet, source.PatientName = "ISO_IR 100", "Müller^Änne"
    assert derive(source, tmp_path).PatientName == "Müller^Änne"


def test_series_goes_to_one_new_series(tmp_path):
    image = read(series(tmp_path / "s", orientation=OBLIQUE))
    large = doubled(image)
    folder = write(large, tmp_path / "d")
    found = [dcmread(path) for path in sorted(folder.glob("*.dcm"))]
    assert [path.name for path in sorted(folder.glob("*.dcm"))] == [f"IM{i:05d}.dcm" for i in (1, 2, 3, 4)]
    assert len({ds.SeriesInstanceUID for ds in found}) == 1 and len({ds.SOPInstanceUID for ds in found}) == 4
    assert [ds.SourceImageSequence[0].ReferencedSOPInstanceUID for ds in found] == [ds.SOPInstanceUID for ds in image.source]
    again = read(folder)
    assert (again.pixels == large.pixels).all()
    np.testing.assert_allclose(again.affine, large.affine, atol=1e-8)  # positions are written with ten digits


def test_each_slice_is_written_with_its_own_rescale(tmp_path):
    (tmp_path / "s").mkdir()
    for index in range(3):
        ds = mr(index)
        ds.RescaleSlope, ds.RescaleIntercept = index + 1, 0
        save(ds, tmp_path / "s" / f"{index}.dcm")
    large = doubled(read(tmp_path / "s"))
    assert (read(write(large, tmp_path / "d")).pixels == large.pixels).all()


@pytest.mark.parametrize("make", [lambda folder: series(folder), lambda path: save(enhanced(), path)])
@pytest.mark.parametrize("rows", [1, 5, 24])
def test_blocks_of_rows_make_the_same_pixels_as_whole_slices(tmp_path, make, rows):
    large = doubled(read(make(tmp_path / "a")))
    blocks = chain.from_iterable((plane[i : i + rows] for i in range(0, 24, rows)) for plane in large.slices())
    empty = replace(large, pixels=np.broadcast_to(np.zeros((), large.pixels.dtype), large.pixels.shape))
    path = tmp_path / "b"
    if dicom.is_folder(empty):
        path.mkdir()
    dicom.write(empty, blocks, path)
    assert (dicom.read(path).pixels == large.pixels).all()


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-1], lambda b: [*b, b[0]], lambda b: [p[:, 1:] for p in b], lambda b: [np.vstack([*b, *b])]]
)
def test_rows_that_do_not_fit_are_an_error(tmp_path, spoil):
    large = doubled(read(save(ct(), tmp_path / "a.dcm")))
    with pytest.raises(RadloupeError, match="Expected"):
        dicom.write(large, spoil([large.pixels[0, 0, :12], large.pixels[0, 0, 12:]]), tmp_path / "b.dcm")


def test_values_beyond_the_bits_are_clipped(tmp_path):
    image = read(save(ct(), tmp_path / "a.dcm"))
    image = replace(image, pixels=image.pixels * 0 + np.where(np.arange(10) < 5, -5000, 9000).astype(image.pixels.dtype))
    again = read(write(image, tmp_path / "b.dcm"))
    assert (again.pixels.min(), again.pixels.max()) == (-1024, 4095 - 1024)


def test_another_number_of_slices_is_refused(tmp_path):
    image = read(series(tmp_path / "s"))
    with pytest.raises(InputError, match="as many slices"):
        write(replace(image, pixels=image.pixels.repeat(2, 1)), tmp_path / "d")


@pytest.mark.parametrize("storage", [Storage("uint8", 8), Storage("uint16", 12), Storage("int16", 16, 0.5, 10.0)])
def test_image_becomes_a_secondary_capture(tmp_path, storage):
    pixels = ramp(high=200).astype("float32")[None, None] * storage.slope + storage.intercept
    image = Image(pixels, np.diag([-0.3, -0.4, 1, 1]), PixelInfo("stored", "XR", True, storage), history=("made here",))
    path = write(image, tmp_path / "a.dcm")
    again, ds = read(path), dcmread(path)
    np.testing.assert_allclose(again.pixels, pixels)
    assert again.info == image.info and again.spacing[:2] == pytest.approx((0.3, 0.4))
    assert (ds.SOPClassUID, ds.DerivationDescription) == (uid.SecondaryCaptureImageStorage, "made here")


def test_volume_without_a_dicom_source_is_refused(tmp_path):
    image = Image(np.zeros((1, 3, 4, 4), "uint16"), info=PixelInfo(storage=Storage("uint16", 16)))
    with pytest.raises(InputError, match="NIfTI"):
        write(image, tmp_path / "a.dcm")


def test_fractions_without_a_dicom_source_are_refused(tmp_path):
    with pytest.raises(InputError, match="integers of 8 or 16 bits"):
        write(Image(np.zeros((1, 1, 4, 4), "float32")), tmp_path / "a.dcm")


def test_nothing_is_left_of_a_refused_write(tmp_path):
    with pytest.raises(InputError):
        write(Image(np.zeros((1, 1, 4, 4), "float32")), tmp_path / "out" / "a.dcm")
    assert list(tmp_path.iterdir()) == []
