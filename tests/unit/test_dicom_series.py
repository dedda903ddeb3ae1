"""A folder becomes one volume in the order its slices lie in the patient, or one clear error."""

from dataclasses import replace

import numpy as np
import pytest
from pydicom import uid

from dicom_factory import OBLIQUE, ct, mr, ramp, save, series
from radloupe.core.errors import InputError, LimitError
from radloupe.core.limits import LIMITS
from radloupe.formats import read, write
from radloupe.formats.dicom import dicom_format as dicom


@pytest.mark.parametrize("gap", [2.5, -2.5])
def test_slices_are_sorted_by_position_not_by_name_or_number(tmp_path, gap):
    image = read(series(tmp_path / "s", gap=gap, orientation=OBLIQUE))
    means = image.pixels[0].mean(axis=(1, 2))
    assert (np.diff(means) * gap > 0).all()  # brightness rises with the index, the index falls along the normal for a negative gap
    assert [d.ImagePositionPatient for d in image.source] == sorted((d.ImagePositionPatient for d in image.source), key=lambda p: p[2])


def test_spacing_is_that_of_positions_not_thickness(tmp_path):
    assert read(series(tmp_path / "s")).spacing == pytest.approx((0.5, 0.75, 2.5))


def test_affine_of_a_series_leads_to_each_position(tmp_path):
    image = read(series(tmp_path / "s", orientation=OBLIQUE))
    for index, header in enumerate(image.source):
        expected = np.array(header.ImagePositionPatient, float) * [-1, -1, 1]
        np.testing.assert_allclose((image.affine @ [0, 0, index, 1])[:3], expected, atol=1e-9)


def test_other_files_in_the_folder_are_passed_over(tmp_path):
    folder = series(tmp_path / "s")
    (folder / "notes.txt").write_text("not an image")
    (folder / "below").mkdir()
    report = ct()
    report.SOPClassUID = uid.BasicTextSRStorage
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(report, keyword)
    save(report, folder / "DICOMDIR")
    assert read(folder).shape == (4, 12, 10)


def test_each_slice_keeps_its_own_rescale(tmp_path):
    (tmp_path / "s").mkdir()
    for index in range(3):
        ds = mr(index)
        ds.RescaleSlope, ds.RescaleIntercept = index + 1, 0
        save(ds, tmp_path / "s" / f"{index}.dcm")
    image = read(tmp_path / "s")
    np.testing.assert_allclose(image.pixels[0], [ramp() * (i + 1.0) for i in range(3)])
    assert image.pixels.dtype == np.float32


def changed(tmp_path, **changes):
    """A series whose third file differs."""
    folder = series(tmp_path / "s")
    ds = ct(2)
    for keyword, value in changes.items():
        setattr(ds, keyword, value)
    name = next(path for path in folder.iterdir() if read(path).source[0].InstanceNumber == 3)
    save(ds, name)
    return folder


MIXED = {
    "series": ({"SeriesInstanceUID": "1.2.3"}, "2 series"),
    "spacing": ({"PixelSpacing": [0.5, 0.5]}, "pixel spacing"),
    "orientation": ({"ImageOrientationPatient": list(OBLIQUE)}, "orientation"),
    "signs": ({"PixelRepresentation": 1}, "PixelRepresentation"),
    "bits": ({"BitsStored": 16, "HighBit": 15}, "BitsStored"),
    "rescale types": ({"RescaleType": "US"}, "RescaleType"),
    "polarity": ({"PhotometricInterpretation": "MONOCHROME1"}, "PhotometricInterpretation"),
    "no position": ({"ImagePositionPatient": None}, "without"),
    "the same position": ({"ImagePositionPatient": [-11.5, 7.25, 30.0]}, "on top of another"),
    "an uneven place": ({"ImagePositionPatient": [-11.5, 7.25, 35.1]}, "uneven"),
    "a place beside the others": ({"ImagePositionPatient": [-11.3, 7.25, 35.0]}, "sideways"),
    "no place at all": ({"ImagePositionPatient": [1e300, 7.25, 35.0]}, "."),
}


@pytest.mark.parametrize("name", MIXED)
def test_slice_that_does_not_belong_is_refused(tmp_path, name):
    changes, phrase = MIXED[name]
    folder = changed(tmp_path, **changes)
    with pytest.raises(InputError, match=phrase):
        read(folder)


def test_slice_of_another_size_is_refused(tmp_path):
    folder = series(tmp_path / "s")
    save(ct(4, ramp(10, 10)), folder / "x.dcm")
    with pytest.raises(InputError, match="Rows"):
        read(folder)


@pytest.mark.parametrize(("lost", "phrase"), [((3,), "1 slice"), ((2, 3, 6), "3 slice")])
def test_missing_slices_are_counted(tmp_path, lost, phrase):
    folder = tmp_path / "s"
    folder.mkdir()
    for index in set(range(9)) - set(lost):
        save(ct(index), folder / f"{index}.dcm")
    with pytest.raises(InputError, match=phrase):
        read(folder)


def test_positions_rounded_to_hundredths_are_no_gaps(tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    for index in range(8):
        ds = ct(index)
        ds.ImagePositionPatient = [0, 0, round(0.625 * index, 2)]
        save(ds, folder / f"{index}.dcm")
    assert read(folder).spacing[2] == pytest.approx(0.625, rel=0.01)  # the last of 7 gaps ends 0.005 mm off


def leaning(folder, tilt_degrees):
    """A series whose slices do not follow their normal, as a tilted gantry makes it."""
    folder.mkdir()
    for index in range(4):
        ds = ct(index)
        ds.ImagePositionPatient = [0, round(2.5 * index * np.tan(np.radians(tilt_degrees)), 6), 2.5 * index]
        save(ds, folder / f"{index}.dcm")
    return folder


@pytest.mark.parametrize("tilt", [-30, 10, 30])
def test_tilted_gantry_is_read_with_its_shear(tmp_path, tilt):
    image = read(leaning(tmp_path / "s", tilt))
    for index, header in enumerate(image.source):
        expected = np.array(header.ImagePositionPatient, float) * [-1, -1, 1]
        np.testing.assert_allclose((image.affine @ [0, 0, index, 1])[:3], expected, atol=1e-5)  # positions have six decimals
    with pytest.raises(InputError, match="gantry tilt"):
        write(image, tmp_path / "b")


def test_stack_that_leans_too_far_is_refused(tmp_path):
    with pytest.raises(InputError, match="gantry tilt"):
        read(leaning(tmp_path / "s", 50))


def test_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="none"):
        read(tmp_path)


def test_more_files_than_the_limit_are_refused(tmp_path):
    with pytest.raises(LimitError, match="at most 3 files"):
        read(series(tmp_path / "s"), replace(LIMITS, files=3))


def test_more_pixels_than_the_limit_in_all_slices_are_refused(tmp_path):
    with pytest.raises(LimitError, match="pixels"):
        dicom.read(series(tmp_path / "s"), replace(LIMITS, pixels=300))  # each slice has 120
