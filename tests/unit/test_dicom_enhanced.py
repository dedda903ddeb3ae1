"""An enhanced multi-frame object is the same volume as the series it stands for, in and out."""

import numpy as np
import pytest
from pydicom import dcmread

from dicom_factory import OBLIQUE, doubled, enhanced, holder, ramp, save
from radloupe.core.errors import InputError
from radloupe.formats import read, write


@pytest.mark.parametrize("modality", ["CT", "MR"])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (2, 1, 0)])
def test_frames_are_sorted_by_position(tmp_path, modality, order):
    stack = np.stack([ramp() + 100 * place for place in order]).astype("uint16")
    image = read(save(enhanced(modality, stack, order, OBLIQUE), tmp_path / "a.dcm"))
    slope, intercept = {"CT": (1, -1024), "MR": (2, 0)}[modality]
    np.testing.assert_array_equal(image.pixels[0], [(ramp() + 100.0 * i) * slope + intercept for i in range(3)])
    assert image.spacing == pytest.approx((0.5, 0.75, 2.5)) and len(image.source) == 1
    assert image.info.unit == {"CT": "HU", "MR": "arbitrary"}[modality]


def test_each_frame_keeps_its_own_rescale(tmp_path):
    ds = enhanced("MR")
    del ds.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence
    for slope, group in enumerate(ds.PerFrameFunctionalGroupsSequence, 1):
        group.PixelValueTransformationSequence = [holder(RescaleSlope=slope, RescaleIntercept=0, RescaleType="US")]
    image = read(save(ds, tmp_path / "a.dcm"))  # stored as places 2, 0, 1
    np.testing.assert_allclose(image.pixels[0], np.array([2 * (ramp() + 10.0), 3 * (ramp() + 20.0), 1 * (ramp() + 0.0)]))
    large = doubled(image)
    again = read(write(large, tmp_path / "b.dcm"))
    np.testing.assert_allclose(again.pixels, large.pixels)


def test_spacing_in_each_frame_is_scaled_too(tmp_path):
    ds = enhanced()
    measures = ds.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence
    del ds.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence
    for group in ds.PerFrameFunctionalGroupsSequence:
        group.PixelMeasuresSequence = measures
    image = read(save(ds, tmp_path / "a.dcm"))
    again = read(write(doubled(image), tmp_path / "b.dcm"))
    np.testing.assert_allclose(again.affine, doubled(image).affine, atol=1e-8)


SEVERAL = {
    "stack": ("FrameContentSequence", {"StackID": "2"}),
    "point in time": ("FrameContentSequence", {"StackID": "1", "TemporalPositionIndex": 2}),
    "echo": ("MREchoSequence", {"EffectiveEchoTime": 80.0}),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_several_volumes_in_one_object_are_refused(tmp_path, name):
    sequence, values = SEVERAL[name]
    ds = enhanced("MR")
    setattr(ds.PerFrameFunctionalGroupsSequence[0], sequence, [holder(**values)])
    with pytest.raises(InputError, match=name):
        read(save(ds, tmp_path / "a.dcm"))


@pytest.mark.parametrize(("order", "phrase"), [((0, 1, 1), "on top of another"), ((0, 1, 2, 4), "1 slice")])
def test_doubled_and_missing_frames_are_refused(tmp_path, order, phrase):
    with pytest.raises(InputError, match=phrase):
        read(save(enhanced(order=order), tmp_path / "a.dcm"))


def test_wrong_number_of_groups_is_refused(tmp_path):
    ds = enhanced()
    del ds.PerFrameFunctionalGroupsSequence[2]
    with pytest.raises(InputError, match="functional groups"):
        read(save(ds, tmp_path / "a.dcm"))


@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_derived_object_has_its_own_position_spacing_and_sources(tmp_path, modality):
    source = enhanced(modality, orientation=OBLIQUE)
    large = doubled(read(save(source, tmp_path / "a.dcm")))
    path = write(large, tmp_path / "b.dcm")
    again, ds = read(path), dcmread(path)
    assert (again.pixels == large.pixels).all() and again.info == large.info
    np.testing.assert_allclose(again.affine, large.affine, atol=1e-8)
    shared = ds.SharedFunctionalGroupsSequence[0]
    assert list(ds.ImageType) == ["DERIVED", "PRIMARY", "VOLUME", "NONE"]
    assert shared[f"{modality}ImageFrameTypeSequence"][0].FrameType[0] == "DERIVED"
    assert shared.PixelMeasuresSequence[0].PixelSpacing == [0.375, 0.25]
    derived = [group.DerivationImageSequence[0].SourceImageSequence[0] for group in ds.PerFrameFunctionalGroupsSequence]
    assert [item.ReferencedFrameNumber for item in derived] == [2, 3, 1]  # frames were stored as places 2, 0, 1
    assert {item.ReferencedSOPInstanceUID for item in derived} == {source.SOPInstanceUID}
    assert [g.FrameContentSequence[0].InStackPositionNumber for g in ds.PerFrameFunctionalGroupsSequence] == [1, 2, 3]
