"""NIfTI: where a voxel lies, what its number is, and what Radloupe writes."""

import gzip
from dataclasses import replace

import nibabel
import numpy as np
import pytest

import radloupe.formats as formats
from radloupe.core.errors import InputError
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from volume_factory import OBLIQUE, volume

STRAIGHT = np.diag([0.5, 0.6, 0.75, 1.0])
TOLERANCE_MM = 1e-5  # 32-bit header numbers of some 30 mm


def file(folder, sform=STRAIGHT, qform=STRAIGHT, codes=(1, 1), dtype="int16", cls=nibabel.Nifti1Header, **fields):
    """A NIfTI of 5 x 4 x 3 voxels counted from zero, with header fields as given and nothing repaired."""
    header = cls(endianness="<")
    header.set_data_dtype(dtype)
    header.set_data_shape((5, 4, 3))
    header.set_qform(qform, codes[1])
    header.set_sform(sform, codes[0])
    header["vox_offset"] = 352 if cls is nibabel.Nifti1Header else 544
    for name, value in fields.items():
        header[name] = value
    path = folder / "a.nii"
    path.write_bytes(header.binaryblock + bytes(4) + np.arange(60).astype(dtype).tobytes())
    return path


@pytest.mark.parametrize("cls", [nibabel.Nifti1Header, nibabel.Nifti2Header])
@pytest.mark.parametrize(("codes", "expected"), [((1, 1), OBLIQUE), ((2, 0), OBLIQUE), ((0, 1), STRAIGHT)])
def test_the_sform_places_the_voxels_and_else_the_qform(cls, codes, expected, tmp_path):
    image = formats.read(file(tmp_path, sform=OBLIQUE, codes=codes, cls=cls))
    assert np.abs(image.affine - expected).max() < TOLERANCE_MM
    assert image.pixels[0, 1, 2, 3] == 1 * 20 + 2 * 5 + 3


def test_a_file_without_orientation_keeps_its_spacing(tmp_path):
    assert np.allclose(formats.read(file(tmp_path, codes=(0, 0))).spacing, (0.5, 0.6, 0.75), atol=TOLERANCE_MM)


@pytest.mark.parametrize(("unit", "factor"), [(0, 1), (1, 1000), (2, 1), (3, 0.001), (3 | 8, 0.001)])
def test_lengths_are_in_millimetres_whatever_the_unit(unit, factor, tmp_path):
    image = formats.read(file(tmp_path, xyzt_units=unit))
    assert np.allclose(image.affine[:3], STRAIGHT[:3] * factor, rtol=1e-6)  # 32-bit header numbers


def test_a_sheared_sform_is_read_as_it_is_and_not_written(tmp_path):
    sheared = STRAIGHT.copy()
    sheared[0, 1] = 0.1
    image = formats.read(file(tmp_path, sform=sheared))
    assert np.abs(image.affine - sheared).max() < TOLERANCE_MM
    with pytest.raises(InputError, match="right angles"):
        formats.write(image, tmp_path / "b.nii")
    assert not (tmp_path / "b.nii").exists()


@pytest.mark.parametrize("slope", [0.0, np.nan])
def test_no_slope_means_no_rescale(slope, tmp_path):
    assert formats.read(file(tmp_path, scl_slope=slope, scl_inter=5)).pixels.max() == 59


def test_a_rescaled_file_becomes_floating_point_and_stays_so(tmp_path):
    image = formats.read(file(tmp_path, scl_slope=0.5, scl_inter=-1000))
    assert image.info == PixelInfo("HU", "CT", storage=Storage("float32", 32))
    assert image.pixels.max() == 0.5 * 59 - 1000
    assert formats.read(formats.write(image, tmp_path / "b.nii")).pixels.dtype == np.float32


def test_a_whole_intercept_keeps_whole_numbers(tmp_path):
    image = formats.read(file(tmp_path, dtype="uint16", scl_slope=1, scl_inter=-1024))
    assert image.pixels.dtype.kind == "i"
    assert image.pixels.min() == -1024


@pytest.mark.parametrize(("lowest", "unit", "modality"), [(-501, "HU", "CT"), (-500, "arbitrary", "MR")])
def test_air_tells_ct_from_mr_in_files_of_others(lowest, unit, modality, tmp_path):
    pixels = np.array([lowest, 0, 1, 2], np.int16).reshape(1, 2, 2)
    nibabel.save(nibabel.Nifti1Image(pixels, STRAIGHT), tmp_path / "a.nii")
    image = formats.read(tmp_path / "a.nii")
    assert (image.info.unit, image.info.modality) == (unit, modality)


def test_an_axis_over_32767_is_written_as_nifti_2(tmp_path):
    long = Image(np.arange(40_000, dtype=np.uint16).reshape(1, 1, 1, 40_000))
    path = formats.write(long, tmp_path / "a.nii")
    assert isinstance(nibabel.load(path), nibabel.Nifti2Image)
    assert np.array_equal(formats.read(path).pixels, long.pixels)


def test_the_last_step_is_described_in_79_bytes(tmp_path):
    path = formats.write(replace(volume("int16"), history=("first", "Enlarged é " * 20)), tmp_path / "a.nii")
    assert nibabel.load(path).header["descrip"].item() == (b"Enlarged ? " * 20)[:79]


def test_gzip_says_neither_name_nor_time(tmp_path):
    data = formats.write(volume("int16"), tmp_path / "secret.nii.gz").read_bytes()
    assert data[3] == 0  # no flags: no name follows
    assert data[4:8] == bytes(4)  # the time


def test_gzip_members_in_a_row_are_one_stream(tmp_path):
    whole = formats.write(volume("int16"), tmp_path / "a.nii").read_bytes()
    path = tmp_path / "b.nii.gz"
    path.write_bytes(gzip.compress(whole[:400]) + gzip.compress(whole[400:]))
    assert np.array_equal(formats.read(path).pixels, volume("int16").pixels)
