"""Every format that is written, every type it holds: what was written is read back, whole or not at all."""

import tracemalloc

import numpy as np
import pytest

import radloupe.formats as formats
from radloupe.core.errors import InputError, RadloupeError, UsageError
from radloupe.imaging.image import Image, placeholder
from radloupe.imaging.pixel_info import PixelInfo, Storage
from volume_factory import radiograph, volume

ALL = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64")
HOLDS = {"nifti": ALL, "nrrd": ALL, "meta": ALL, "png": ("uint8", "uint16"), "tiff": ("uint8", "uint16", "int16", "float32")}
IN_PLACE = ("nifti", "nrrd", "meta")
EXTENSIONS = [(row.name, e) for row in formats.FORMATS if row.writes and row.name != "dicom" for e in row.extensions]
CASES = [(name, extension, dtype) for name, extension in EXTENSIONS for dtype in HOLDS[name]]


def example(name, dtype):
    return volume(dtype) if name in IN_PLACE else radiograph(dtype)


@pytest.mark.parametrize(("name", "extension", "dtype"), CASES)
def test_what_is_written_is_read_back(name, extension, dtype, tmp_path):
    image = example(name, dtype)
    again = formats.read(formats.write(image, tmp_path / f"a b{extension}"))
    assert again.pixels.dtype == image.pixels.dtype
    assert np.array_equal(again.pixels, image.pixels)
    assert again.info.storage == image.info.storage
    assert np.abs(again.affine - image.affine).max() < 1e-5  # NIfTI keeps 32-bit numbers: 24 bits of 30 mm


@pytest.mark.parametrize(("name", "extension"), EXTENSIONS)
def test_blocks_give_the_same_bytes_as_the_whole_image(name, extension, tmp_path):
    image = example(name, "uint16")
    stand_in = Image(placeholder(image.pixels.shape, image.pixels.dtype), image.affine, image.info, image.history)
    whole, pieces = tmp_path / "1" / f"a{extension}", tmp_path / "2" / f"a{extension}"
    formats.write(image, whole)
    formats.write(stand_in, pieces, blocks=(part for plane in image.slices() for part in (plane[:1], plane[1:])))
    assert [p.read_bytes() for p in sorted(whole.parent.iterdir())] == [p.read_bytes() for p in sorted(pieces.parent.iterdir())]


@pytest.mark.parametrize(("name", "extension"), [case for case in EXTENSIONS if case[0] != "png"])  # Pillow holds a whole PNG
def test_writing_holds_a_few_blocks_and_not_the_image(name, extension, tmp_path):
    shape = (1, 64, 256, 512)  # 16 MiB in blocks of 256 KiB
    blocks = (np.full(shape[2:], z, np.uint16) for z in range(shape[1]))
    image = Image(placeholder(shape, np.dtype("uint16")), info=PixelInfo(storage=Storage("uint16", 12)))
    formats.format_for(tmp_path / f"a{extension}").load()
    tracemalloc.start()
    try:
        formats.write(image, tmp_path / f"a{extension}", blocks=blocks)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 2**20  # rounding a block in 64-bit numbers takes a few MiB


@pytest.mark.parametrize(("name", "extension"), EXTENSIONS)
@pytest.mark.parametrize("keep", [0.2, 0.7, 0.97])
def test_a_truncated_file_is_refused(name, extension, keep, tmp_path):
    path = formats.write(
        volume("int16", (1, 1, 64, 64)) if name in IN_PLACE else radiograph("uint16", (1, 1, 64, 64)), tmp_path / f"a{extension}"
    )
    data = path.with_suffix(".raw") if extension == ".mhd" else path
    whole = data.read_bytes()
    data.write_bytes(whole[: int(keep * len(whole))])
    with pytest.raises(InputError):
        formats.read(path)


@pytest.mark.parametrize(("name", "extension"), EXTENSIONS)
def test_content_decides_and_not_the_name(name, extension, tmp_path):
    image = example(name, "uint16")
    path = formats.write(image, tmp_path / f"a{extension}")
    assert np.array_equal(formats.read(path.rename(tmp_path / "upload.bin")).pixels, image.pixels)


@pytest.mark.parametrize(("name", "extension"), EXTENSIONS)
def test_a_failure_in_a_block_leaves_nothing(name, extension, tmp_path):
    def broken():
        yield example(name, "uint16").pixels[0, 0]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        formats.write(example(name, "uint16"), tmp_path / f"a{extension}", blocks=broken())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("extension", [".nii.gz", ".nii", ".mha", ".mhd", ".nrrd", ".tif"])
def test_a_rescaled_source_is_written_as_values(extension, tmp_path):
    info = PixelInfo("HU", "CT", storage=Storage("uint16", 12, 1, -1024))
    hounsfield = np.array([-1024, -1000, 0, 3071], np.int16).reshape(1, 1, 2, 2)
    again = formats.read(formats.write(Image(hounsfield, info=info), tmp_path / f"ct{extension}"))
    assert again.pixels.dtype == np.int16
    assert np.array_equal(again.pixels, hounsfield)


@pytest.mark.parametrize("extension", [".nii.gz", ".mha", ".nrrd"])
def test_a_series_of_volumes_keeps_its_order(extension, tmp_path):
    image = volume("int16", (2, 3, 4, 5))
    again = formats.read(formats.write(image, tmp_path / f"a{extension}"))
    assert np.array_equal(again.pixels, image.pixels)
    assert np.abs(again.affine - image.affine).max() < 1e-5  # as above


@pytest.mark.parametrize(
    ("image", "name", "phrase"),
    [
        (volume("uint16"), "a.png", "one slice of integers"),
        (radiograph("float32"), "a.png", "integers from 0 to 65535"),
        (radiograph("int16"), "a.png", "integers from 0 to 65535"),
        (radiograph("int32"), "a.tif", "a.nii.gz"),
        (volume("uint16", (2, 3, 4, 5)), "a.tif", "one stack"),
        (radiograph("uint8"), "a.jpg", "never written"),
        (radiograph("uint8"), "a.gif", "Known:"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_with_another_choice(image, name, phrase, tmp_path):
    with pytest.raises(UsageError, match=phrase):
        formats.write(image, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x1f\x8b\x08\0", b"hello\n" * 100])
def test_another_kind_of_file_is_refused(content, tmp_path):
    path = tmp_path / "a.nii.gz"
    path.write_bytes(content)
    with pytest.raises(RadloupeError) as caught:
        formats.read(path)
    assert caught.type is InputError


@pytest.mark.parametrize(("name", "extension"), [case for case in EXTENSIONS if case[0] in (*IN_PLACE, "tiff")])
def test_numbers_that_are_not_finite_are_refused(name, extension, tmp_path):
    image = example(name, "float32")
    image.pixels.flat[7] = np.nan
    with pytest.raises(InputError, match="finite"):
        formats.read(formats.write(image, tmp_path / f"a{extension}"))
