"""`radloupe upscale` on what it cannot use: the exit code, one paragraph, little memory, nothing left behind."""

import gzip
import resource
import struct
import tracemalloc
import zlib

import nibabel
import numpy as np
import pytest
import tifffile
from PIL import Image as PILImage

PIXELS = np.random.default_rng(0).integers(0, 200, (24, 20), dtype=np.uint8)
MODEL = ("--model", "mri-x2")


def png_header(width, height):
    """A PNG that declares a size and holds hardly any pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def nifti(change=lambda header: None, dtype=np.int16):
    """The bytes of a NIfTI whose header was changed after the fact."""
    image = nibabel.Nifti1Image(np.zeros((8, 7, 6), dtype), np.diag([1.0, 1, 2, 1]))
    image.header["scl_slope"], image.header["scl_inter"], image.header["vox_offset"] = 1, 0, 352
    change(image.header)
    return image.header.binaryblock + bytes(4) + np.zeros(8 * 7 * 6, dtype).tobytes()


def with_field(name, value):
    """A change of one header field."""

    def change(header):
        header[name] = value

    return change


NOISE = nifti()[:352] + np.random.default_rng(0).bytes(2 * 8 * 7 * 6)


def not_a_number():
    data = np.zeros((5, 5), np.float32)
    data[2, 2] = np.nan
    return data


CASES = {
    "empty": ("a.png", b"", 3, "empty"),
    "wrong magic": ("a.dcm", b"MZ" + bytes(500), 3, "another kind of file"),
    "a text": ("a.nii", b"hello", 3, "another kind of file"),
    "truncated image": ("a.png", lambda p: p.write_bytes(image_bytes(p)[:80]), 3, "a.png"),
    "truncated gzip": ("a.nii.gz", gzip.compress(nifti() + bytes(30))[:-9], 3, "compressed"),
    "flipped bit in gzip": ("a.nii.gz", lambda p: p.write_bytes(flipped(gzip.compress(NOISE, mtime=0))), 3, "damaged"),
    "truncated volume": ("a.nii", nifti()[:-100], 3, "bytes"),
    "negative spacing": ("a.nii", nifti(with_field("pixdim", [1, -1, 1, 2, 0, 0, 0, 0])), 3, "spacing"),
    "zero spacing": ("a.nii", nifti(with_field("pixdim", [1, 0, 1, 2, 0, 0, 0, 0])), 3, "spacing"),
    "sheared": ("a.nii", nifti(with_field("srow_x", [1, 0.5, 0, 0])), 3, "right angles"),
    "huge claim": ("a.nii", nifti(with_field("dim", [3, 32767, 32767, 400, 1, 1, 1, 1])), 4, "million pixels"),
    "claim over the file": ("a.nii", nifti(with_field("dim", [3, 500, 500, 500, 1, 1, 1, 1])), 3, "bytes"),
    "65535 x 65535": ("a.png", png_header(65_535, 65_535), 4, "pixels"),
    "13000 x 13000 of nothing": ("a.png", png_header(13_000, 13_000), 4, ":1"),
    "not a number": ("a.tif", lambda p: tifffile.imwrite(p, not_a_number()), 3, "NaN"),
    "colour": ("a.png", lambda p: PILImage.fromarray(np.dstack([PIXELS, PIXELS + 9, PIXELS])).save(p), 3, "colour"),
}


def image_bytes(path):
    """The bytes of a good PNG."""
    PILImage.fromarray(PIXELS).save(path)
    return path.read_bytes()


def flipped(data):
    """The same bytes with one bit changed in the middle."""
    changed = bytearray(data)
    changed[len(data) // 2] ^= 4
    return bytes(changed)


@pytest.mark.parametrize("case", CASES)
def test_bad_files(radloupe, tmp_path, case):
    name, content, code, words = CASES[case]
    path = tmp_path / name
    content(path) if callable(content) else path.write_bytes(content)
    image_bytes(tmp_path / "good.png")
    radloupe("upscale", tmp_path / "good.png", "-o", tmp_path / "good.nii.gz", *MODEL)  # libraries are loaded outside of the measurement
    for good in tmp_path.glob("good*"):
        good.unlink()
    tracemalloc.start()
    found, out, err = radloupe("upscale", path, "-o", tmp_path / "out.nii.gz", *MODEL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found, out) == (code, "")
    assert words in err
    assert len(err) < 500
    assert peak < 64 * 2**20  # nothing that a header only claims is allocated
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("unwritable", ["/proc/radloupe/out.png", "/dev/null/out.png"])
def test_unwritable_outputs_are_usage_errors(radloupe, tmp_path, unwritable):
    path = tmp_path / "a.png"
    image_bytes(path)
    code, _, err = radloupe("upscale", path, "-o", unwritable, *MODEL)
    assert code == 2
    assert "Cannot write" in err


@pytest.mark.parametrize("name", ["out.nii", "out.nii.gz", "out.mha", "out.mhd", "out.nrrd", "out.tif", "out.png", "out.dcm"])
def test_a_full_disk_is_a_limit_and_leaves_nothing(radloupe, tmp_path, name):
    path = tmp_path / "a.png"
    PILImage.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)).save(path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, hard))  # the output has 16 kB
    try:
        code, _, err = radloupe("upscale", path, "-o", tmp_path / name, *MODEL)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code == 4
    assert "No space" in err
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
