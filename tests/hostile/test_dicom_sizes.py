"""Sizes that a header only claims cost no memory: they are refused before anything is allocated."""

import tracemalloc
import zlib

import numpy as np
import pytest
from pydicom import uid

from dicom_factory import ct, mr, ramp, save
from radloupe.core.errors import InputError, LimitError, RadloupeError
from radloupe.formats import read

SMALL = 32 * 2**20  # bytes; what a claim of gigabytes may cost at most


def refused(path, error, phrase):
    """Read a file that must be refused, and at little cost once the libraries are loaded."""
    with pytest.raises(error, match=phrase):
        read(path)
    tracemalloc.start()
    try:
        with pytest.raises(error):
            read(path)
        assert tracemalloc.get_traced_memory()[1] < SMALL
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("syntax", [uid.RLELossless, uid.JPEGLSLossless])
def test_compressed_file_that_claims_gigabytes(tmp_path, syntax):
    ds = ct(pixels=np.zeros((64, 64), "uint16"))
    ds.compress(syntax)
    ds.Rows = ds.Columns = 20000
    refused(save(ds, tmp_path / "a.dcm"), LimitError, "more than")


def test_native_file_that_claims_the_largest_matrix(tmp_path):
    ds = ct()
    ds.Rows = ds.Columns = 65535
    refused(save(ds, tmp_path / "a.dcm"), LimitError, "million")


def test_frames_without_end(tmp_path):
    ds = mr()
    ds.NumberOfFrames = 2**31 - 1
    refused(save(ds, tmp_path / "a.dcm"), LimitError, "axes")


@pytest.mark.parametrize("syntax", [uid.JPEGLSLossless, uid.JPEG2000Lossless])
def test_codestream_that_claims_more_than_its_header(tmp_path, syntax):
    ds = ct(pixels=ramp(64, 64))
    ds.compress(syntax)
    data = save(ds, tmp_path / "a.dcm").read_bytes()
    if syntax == uid.JPEGLSLossless:
        at = data.index(b"\xff\xf7") + 5
        data = data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]
    else:
        at = data.index(b"\xff\x4f\xff\x51") + 8
        data = data[:at] + b"\x00\x00\xff\xff" * 2 + data[at + 8 :]
    (tmp_path / "a.dcm").write_bytes(data)
    refused(tmp_path / "a.dcm", InputError, "size the header declares")


def test_deflated_bomb_is_not_inflated(tmp_path):
    data = save(ct(), tmp_path / "a.dcm").read_bytes()
    explicit, deflated = (str(s).encode() for s in (uid.ExplicitVRLittleEndian, uid.DeflatedExplicitVRLittleEndian))
    at = data.index(b"\x02\x00\x10\x00UI") + 6
    length, named = int.from_bytes(data[at : at + 2], "little"), deflated + b"\0" * (len(deflated) % 2)
    assert data[at + 2 :].startswith(explicit)
    rest = data.index(b"\x08\x00")  # where the data set begins
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = deflate.compress(b"\0" * 2**26) + deflate.flush()
    for front in (data[:at], data[132:at]):  # with and without a preamble
        (tmp_path / "b.dcm").write_bytes(front + len(named).to_bytes(2, "little") + named + data[at + 2 + length : rest] + bomb)
        refused(tmp_path / "b.dcm", InputError, "deflated")


def test_element_that_claims_four_gigabytes(tmp_path):
    data = bytearray(save(ct(), tmp_path / "a.dcm").read_bytes())
    at = data.index(b"\xe0\x7f\x10\x00OW") + 8
    data[at : at + 4] = (2**32 - 2).to_bytes(4, "little")
    (tmp_path / "a.dcm").write_bytes(data)
    tracemalloc.start()
    try:
        read(tmp_path / "a.dcm")
    except RadloupeError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < SMALL


def test_sequences_nested_without_end(tmp_path):
    data = save(ct(), tmp_path / "a.dcm").read_bytes()
    at = data.index(b"\x08\x00\x16\x00")
    nest = (b"\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff") * 3000
    (tmp_path / "a.dcm").write_bytes(data[:at] + nest)
    refused(tmp_path / "a.dcm", InputError, "damaged|too early")  # pydicom's recursion ends at Python's limit or at the file's end
