"""Stored numbers come out exactly, however they are packed; what cannot be decoded is refused before anything is allocated."""

import numpy as np
import pytest
from pydicom import dcmread, uid
from pydicom.data import get_testdata_file

from dicom_factory import ct, mr, ramp, save
from radloupe.core.errors import InputError, UsageError
from radloupe.formats import read
from radloupe.formats.dicom import pixels
from radloupe.formats.dicom.codestream import declared_size


def stored(image):
    return image.pixels[0, 0]


@pytest.mark.parametrize("syntax", [uid.RLELossless, uid.JPEGLSLossless, uid.JPEG2000Lossless])
@pytest.mark.parametrize("make", [ct, mr])
def test_lossless_compression_gives_the_same_numbers(tmp_path, syntax, make):
    ds = make(pixels=ramp(64, 48, dtype="uint16" if make is ct else "int16"))
    plain = read(save(ds, tmp_path / "a.dcm"))
    ds.compress(syntax, generate_instance_uid=False)
    packed = read(save(ds, tmp_path / "b.dcm"))
    assert (packed.pixels == plain.pixels).all() and packed.info == plain.info


SAMPLES = {
    "MR_small_RLE.dcm": "MR_small.dcm",
    "MR_small_jp2klossless.dcm": "MR_small.dcm",
    "MR_small_jpeg_ls_lossless.dcm": "MR_small.dcm",
    "MR_small_bigendian.dcm": "MR_small.dcm",
    "MR_small_implicit.dcm": "MR_small.dcm",
    "MR_small_expb.dcm": "MR_small.dcm",
    "MR_small_padded.dcm": "MR_small.dcm",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_same_sample_in_other_syntaxes(name):
    ours, plain = (read(get_testdata_file(n, download=False)) for n in (name, SAMPLES[name]))
    assert (ours.pixels == plain.pixels).all()


@pytest.mark.parametrize("syntax", [uid.JPEGLossless, uid.JPEGLosslessSV1, uid.JPEGBaseline8Bit])
def test_jpeg_is_decoded_by_gdcm(tmp_path, syntax):
    gdcm = pytest.importorskip("gdcm")
    values = ramp(32, 24, 0, 255, "uint8") if syntax == uid.JPEGBaseline8Bit else ramp(32, 24)
    ds = mr(pixels=values, bits=8 * values.itemsize)
    source = str(save(ds, tmp_path / "a.dcm"))
    reader = gdcm.ImageReader()
    reader.SetFileName(source)
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    code = {
        uid.JPEGLossless: "JPEGLosslessProcess14",
        uid.JPEGLosslessSV1: "JPEGLosslessProcess14_1",
        uid.JPEGBaseline8Bit: "JPEGBaselineProcess1",
    }
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, code[syntax])))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(tmp_path / "b.dcm"))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    tolerance = 8 if syntax == uid.JPEGBaseline8Bit else 0  # baseline loses a little of a smooth ramp; 8 of 255 is far from a wrong decode
    assert dcmread(tmp_path / "b.dcm").file_meta.TransferSyntaxUID == syntax
    assert np.abs(stored(read(tmp_path / "b.dcm")).astype(int) - values).max() <= tolerance


@pytest.mark.parametrize("name", ["JPGExtended.dcm", "JPEG-lossy.dcm"])
def test_twelve_bit_jpeg_is_refused(name):
    with pytest.raises(InputError, match="JPEG Extended"):
        read(get_testdata_file(name, download=False))


def test_missing_decoder_is_not_called_damage(tmp_path, monkeypatch):
    ds = ct()
    ds.compress(uid.RLELossless)
    monkeypatch.setitem(pixels.DECODERS, uid.RLELossless, "pillow")  # which knows nothing of RLE
    with pytest.raises(UsageError, match="pillow"):
        read(save(ds, tmp_path / "a.dcm"))


def test_deflated_data_set_is_refused():
    with pytest.raises(InputError, match="deflated"):
        read(get_testdata_file("image_dfl.dcm", download=False))


def test_unknown_transfer_syntax_is_refused(tmp_path):
    ds = ct()
    ds.file_meta.TransferSyntaxUID = uid.MPEG2MPML
    with pytest.raises(InputError, match="transfer syntax"):
        read(save_as_named(ds, tmp_path / "a.dcm"))


def save_as_named(ds, path):
    """The file with a transfer syntax its encoding does not have."""
    named, ds.file_meta.TransferSyntaxUID = ds.file_meta.TransferSyntaxUID, uid.ExplicitVRLittleEndian
    data = save(ds, path).read_bytes()
    old, new = str(uid.ExplicitVRLittleEndian).encode() + b"\0", str(named).encode()
    new += b"\0" * (len(new) % 2)
    at = data.index(b"\x02\x00\x10\x00UI") + 6
    data = data[:at] + len(new).to_bytes(2, "little") + new + data[at + 2 + len(old) :]
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("signed", [False, True])
def test_unused_high_bits_are_ignored(tmp_path, signed):
    values = np.arange(120).reshape(12, 10) * 17 + (-1000 if signed else 0)
    rubbish = (np.arange(120).reshape(12, 10) % 16) << 12
    packed = ((values & 0xFFF) | rubbish).astype("uint16")
    ds = mr(pixels=packed.view("int16") if signed else packed, bits=12)
    assert (stored(read(save(ds, tmp_path / "a.dcm"))) == values).all()


def test_pixels_in_the_upper_bits_are_moved_down(tmp_path):
    values = ramp(high=4095)
    ds = mr(pixels=(values << 4).astype("uint16") | 5, bits=12)
    ds.HighBit = 15
    assert (stored(read(save(ds, tmp_path / "a.dcm"))) == values).all()


def test_signed_twelve_of_sixteen_bits(tmp_path):
    values = ramp(low=-2048, high=2047, dtype="int16")
    assert (stored(read(save(mr(pixels=values, bits=12), tmp_path / "a.dcm"))) == values).all()


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint32", "int32"])
def test_other_widths(tmp_path, dtype):
    info = np.iinfo(dtype)
    values = ramp(low=info.min, high=info.max // 2, dtype=dtype)
    assert (stored(read(save(mr(pixels=values, bits=info.bits), tmp_path / "a.dcm"))) == values).all()


def test_padding_value_stays(tmp_path):
    ds = ct(pixels=ramp(high=900))
    ds.PixelPaddingValue = 0
    assert read(save(ds, tmp_path / "a.dcm")).pixels.min() == -1024


def test_odd_number_of_bytes(tmp_path):
    values = ramp(5, 3, high=255, dtype="uint8")
    assert (stored(read(save(mr(pixels=values, bits=8), tmp_path / "a.dcm"))) == values).all()


@pytest.mark.parametrize("syntax", [uid.JPEGLSLossless, uid.JPEG2000Lossless])
def test_frame_larger_than_the_header_is_refused(tmp_path, syntax):
    ds = ct(pixels=ramp(64, 48))
    ds.compress(syntax)
    ds.Rows = 16
    with pytest.raises(InputError, match="size the header declares"):
        read(save(ds, tmp_path / "a.dcm"))


@pytest.mark.parametrize("code", [b"", b"\xff\xd8", b"\xff\xd8\xff\xda\x00\x02", b"\xff\xd8" + b"\xff" * 50, b"rubbish" * 9])
def test_frame_without_a_header_has_no_size(code):
    assert declared_size(code) is None
