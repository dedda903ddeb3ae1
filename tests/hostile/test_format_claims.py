"""Hand-made hostile files: what a header claims is compared with the file before memory is taken."""

import gzip
import struct
import tracemalloc
import zlib

import numpy as np
import pytest

import radloupe.formats as formats
from radloupe.core.errors import InputError, LimitError
from volume_factory import volume

MOST_BYTES = 16 * 2**20  # the files are below 100 kB; one piece of a stream inflates to 4 MiB, of which three copies may live at once


def nifti(folder, name="a.nii", at=42, change=b"", extra=b""):
    path = formats.write(volume("int16"), folder / "plain.nii")
    data = bytearray(path.read_bytes())
    data[at : at + len(change)] = change
    path = folder / name
    path.write_bytes(gzip.compress(data + extra) if name.endswith("gz") else data + extra)
    return path


def text(folder, name, header, body=bytes(120)):
    path = folder / name
    path.write_bytes(header.encode() + body)
    return path


def meta(folder, name="a.mha", body=bytes(120), **changes):
    fields = {"NDims": 3, "BinaryData": True, "DimSize": "5 4 3", "ElementType": "MET_SHORT", "ElementDataFile": "LOCAL", **changes}
    last = fields.pop("ElementDataFile")
    return text(folder, name, "".join(f"{k} = {v}\n" for k, v in fields.items()) + f"ElementDataFile = {last}\n", body)


def nrrd(folder, body=bytes(120), name="a.nrrd", **changes):
    fields = {"type": "short", "dimension": 3, "sizes": "5 4 3", "endian": "little", "encoding": "raw"}
    fields |= {key.replace("_", " "): value for key, value in changes.items()}
    return text(folder, name, "NRRD0004\n" + "".join(f"{k}: {v}\n" for k, v in fields.items()) + "\n", body)


def png(folder, width, height, depth=8, colour=0, body=b"\0" * 50):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    path = folder / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b""))
    return path


def tiff(folder, width=4, height=4, offset=None, count=16, compression=1, body=bytes(16), **tags):
    """One little-endian page: 8-bit grey in one strip behind the directory."""
    values = {256: width, 257: height, 258: 8, 259: compression, 262: 1, 273: offset, 277: 1, 278: height, 279: count}
    values |= {int(key[1:]): value for key, value in tags.items()}
    begin = 8 + 2 + 12 * len(values) + 4
    values[273] = begin if offset is None else offset
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(values.items()))
    path = folder / "a.tif"
    path.write_bytes(b"II*\0" + struct.pack("<IH", 8, len(values)) + entries + struct.pack("<I", 0) + body)
    return path


HUGE = struct.pack("<3h", 30_000, 30_000, 30_000)
LARGE = struct.pack("<3h", 1200, 1200, 340)  # below the pixel limit
BOMB = zlib.compress(bytes(40 * 2**20), 9)
CASES = {
    "nifti over the limit": (lambda d: nifti(d, change=HUGE), LimitError, "million pixels"),
    "nifti larger than its file": (lambda d: nifti(d, change=LARGE), InputError, "bytes of pixels"),
    "nifti.gz larger than its stream": (lambda d: nifti(d, "a.nii.gz", change=LARGE), LimitError, "200:1"),
    "nifti with more behind": (lambda d: nifti(d, extra=bytes(5000)), InputError, "bytes of pixels"),
    "nifti.gz bomb behind few pixels": (lambda d: nifti(d, "a.nii.gz", extra=bytes(60 * 2**20)), InputError, "bytes of pixels"),
    "nifti voxels far away": (lambda d: nifti(d, "a.nii.gz", 108, struct.pack("<f", 2.0**30)), LimitError, "200:1"),
    "nifti voxels inside the header": (lambda d: nifti(d, at=108, change=struct.pack("<f", 12)), InputError, "vox_offset"),
    "nifti negative axis": (lambda d: nifti(d, change=struct.pack("<h", -5)), InputError, "at least one pixel"),
    "nifti zero spacing": (lambda d: nifti(d, at=80, change=struct.pack("<f", 0)), InputError, "pixdim"),
    "nifti negative spacing": (lambda d: nifti(d, at=84, change=struct.pack("<f", -0.6)), InputError, "pixdim"),
    "nifti spacing NaN": (lambda d: nifti(d, at=88, change=struct.pack("<f", np.nan)), InputError, "pixdim"),
    "nifti infinite affine": (lambda d: nifti(d, at=280, change=struct.pack("<f", np.inf)), InputError, "finite"),
    "nifti sheared": (lambda d: nifti(d, at=284, change=struct.pack("<f", 3.0)), InputError, "lean"),
    "nifti slope": (lambda d: nifti(d, at=112, change=struct.pack("<f", 1e30)), InputError, "slope"),
    "nifti unit of length": (lambda d: nifti(d, at=123, change=b"\7"), InputError, "unit of length"),
    "nifti eight axes": (lambda d: nifti(d, at=40, change=struct.pack("<8h", 5, 5, 4, 1, 1, 3, 1, 1)), InputError, "2 to 4 axes"),
    "meta over the limit": (lambda d: meta(d, DimSize="30000 30000 30000"), LimitError, "million pixels"),
    "meta larger than its file": (lambda d: meta(d, DimSize="1000 1000 400"), InputError, "bytes of pixels"),
    "meta bomb": (lambda d: meta(d, body=BOMB, CompressedData=True), InputError, "bytes of pixels"),
    "meta path": (lambda d: meta(d, ElementDataFile="/etc/passwd"), InputError, "plain name"),
    "meta parent": (lambda d: meta(d, ElementDataFile="../a.raw"), InputError, "plain name"),
    "meta windows path": (lambda d: meta(d, ElementDataFile="..\\a.raw"), InputError, "plain name"),
    "meta list": (lambda d: meta(d, ElementDataFile="LIST 2"), InputError, "plain name"),
    "meta pattern": (lambda d: meta(d, ElementDataFile="a%03d.raw 1 3 1"), InputError, "plain name"),
    "meta missing data": (lambda d: meta(d, ElementDataFile="other.raw"), InputError, "found none"),
    "meta two sizes": (lambda d: meta(d, dimsize="1 1 1"), InputError, "found 'dimsize' twice"),
    "meta many axes": (lambda d: meta(d, NDims=99, DimSize=" ".join(["1"] * 99)), InputError, "2 to 4 axes"),
    "meta axes disagree": (lambda d: meta(d, NDims=2), InputError, "as many numbers"),
    "meta colour": (lambda d: meta(d, ElementNumberOfChannels=3), InputError, "elementnumberofchannels"),
    "meta spacing": (lambda d: meta(d, ElementSpacing="1 -1 1"), InputError, "above zero"),
    "meta direction": (lambda d: meta(d, TransformMatrix="2 0 0 0 1 0 0 0 1"), InputError, "length 1"),
    "meta shear": (lambda d: meta(d, TransformMatrix="1 0 0 0.8 0.6 0 0 0 1"), InputError, "lean"),
    "meta text data": (lambda d: meta(d, BinaryData=False), InputError, "binarydata"),
    "meta endless line": (lambda d: meta(d, Comment="x" * 2**21), InputError, "text header"),
    "nrrd over the limit": (lambda d: nrrd(d, sizes="30000 30000 30000"), LimitError, "million pixels"),
    "nrrd larger than its file": (lambda d: nrrd(d, sizes="1000 1000 400"), InputError, "bytes of pixels"),
    "nrrd bomb": (lambda d: nrrd(d, body=BOMB, encoding="gzip"), InputError, "bytes of pixels"),
    "nrrd path": (lambda d: nrrd(d, data_file="/etc/passwd"), InputError, "plain name"),
    "nrrd list": (lambda d: nrrd(d, data_file="LIST"), InputError, "plain name"),
    "nrrd colour": (lambda d: nrrd(d, kinds="RGB-color domain domain"), InputError, "colour"),
    "nrrd encoding": (lambda d: nrrd(d, encoding="ascii"), InputError, "raw or gzip"),
    "nrrd type": (lambda d: nrrd(d, type="block"), InputError, "found the type"),
    "nrrd space": (lambda d: nrrd(d, space="scanner-xyz"), InputError, "LPS, RAS or LAS"),
    "nrrd spacing": (lambda d: nrrd(d, spacings="1 nan 1"), InputError, "direction for each axis"),
    "png over pillow's limit": (lambda d: png(d, 60_000, 60_000), LimitError, "pixels"),
    "png over our limit of an axis": (lambda d: png(d, 70_000, 4), LimitError, "65535"),
    "png larger than its file": (lambda d: png(d, 12_000, 12_000), LimitError, "200:1"),
    "png 16-bit colour": (lambda d: png(d, 2, 2, 16, 2, b"\0" * 26), InputError, "16-bit colour"),
    "png without pixels": (lambda d: png(d, 0, 4), InputError, "PNG"),
    "tiff over the limit": (lambda d: tiff(d, 65_535, 65_535), LimitError, "million pixels"),
    "tiff larger than its file": (lambda d: tiff(d, 20_000, 20_000), InputError, "bytes of pixels"),
    "tiff bytes beyond the end": (lambda d: tiff(d, 4000, 4000, count=16_000_000), InputError, "beyond its end"),
    "tiff offset beyond the end": (lambda d: tiff(d, offset=5000), InputError, "beyond its end"),
    "tiff deflate bomb": (lambda d: tiff(d, compression=8, body=BOMB, count=len(BOMB)), LimitError, "each strip"),
    "tiff palette": (lambda d: tiff(d, t262=3), InputError, "photometric"),
    "tiff odd bits": (lambda d: tiff(d, t258=12), InputError, "12-bit"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_claim_is_refused_without_taking_memory(name, tmp_path):
    build, expected, phrase = CASES[name]
    path = build(tmp_path)
    formats.detect(path).load()  # importing a format's libraries takes memory of its own
    tracemalloc.start()
    try:
        with pytest.raises(expected, match=phrase) as caught:
            formats.read(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.type is expected
    assert peak < MOST_BYTES
