"""A part of a file is never taken for the whole: whatever was cut off, appended or miscounted is refused, or the image is the same."""

import json
import struct
from io import BytesIO

import numpy as np
import pytest
import tifffile
from PIL import Image as PILImage
from pydicom import dcmread, uid
from pydicom.encaps import encapsulate, generate_frames

import radloupe.formats as formats
from dicom_factory import cr, ct, enhanced, ramp, save, series
from radloupe.core.errors import InputError, RadloupeError
from volume_factory import radiograph, volume

STACK = (np.arange(5 * 12 * 10) * 97 % 65521).astype("uint16").reshape(5, 12, 10)  # 65521 is a prime: no two slices are alike
PARTS = 40  # cuts that are spread evenly over the file
ITEM = b"\xfe\xff\x00\xe0"  # the tag before every compressed fragment and every item of a sequence
SYNTAXES = {"rle": uid.RLELossless, "jpeg-ls": uid.JPEGLSLossless, "jpeg 2000": uid.JPEG2000Lossless}


def tiff(**options):
    def make(folder):
        tifffile.imwrite(folder / "a.tif", STACK, **{"photometric": "minisblack", "metadata": None} | options)
        return folder / "a.tif"

    return make


def pillow_tiff(compression):
    def make(folder):
        first, *rest = (PILImage.fromarray(plane) for plane in STACK)
        first.save(folder / "a.tif", save_all=True, append_images=rest, compression=compression)
        return folder / "a.tif"

    return make


def written(image, name):
    return lambda folder: formats.write(image, folder / name)


def jpeg(folder):
    PILImage.fromarray(radiograph("uint8", (1, 1, 32, 32)).pixels[0, 0]).save(folder / "a.jpg")
    return folder / "a.jpg"


def dicom(make, syntax=None):
    def build(folder):
        ds = make()
        if syntax:
            ds.compress(SYNTAXES[syntax], generate_instance_uid=False)
        return save(ds, folder / "a.dcm")

    return build


def frames():
    return enhanced(stack=np.stack([ramp(64, 48) + i for i in range(3)]))


FILES = {
    "tiff": written(radiograph("uint16", (1, 5, 12, 10)), "a.tif"),
    "tiff page by page": tiff(contiguous=False),
    "tiff of tifffile": tiff(metadata={}),
    "tiff of imagej": tiff(imagej=True),
    "tiff of ome": tiff(ome=True),
    "bigtiff": tiff(bigtiff=True),
    "tiff in strips": tiff(rowsperstrip=5),
    "tiff in tiles": tiff(tile=(16, 16)),
    "tiff deflated": tiff(compression="zlib"),
    "tiff of pillow": pillow_tiff(None),
    "tiff lzw": pillow_tiff("tiff_lzw"),
    "nifti": written(volume("int16"), "a.nii"),
    "nifti.gz": written(volume("int16"), "a.nii.gz"),
    "mha": written(volume("int16"), "a.mha"),
    "mhd": written(volume("int16"), "a.mhd"),
    "nrrd": written(volume("int16"), "a.nrrd"),
    "png": written(radiograph("uint16", (1, 1, 32, 32)), "a.png"),
    "jpeg": jpeg,
    "dicom": dicom(ct),
    "dicom frames": dicom(enhanced),
    **{f"dicom {name}": dicom(lambda: ct(pixels=ramp(64, 48)), name) for name in SYNTAXES},
    **{f"dicom frames {name}": dicom(frames, name) for name in SYNTAXES},
}


def body(path):
    """The file that holds the pixels."""
    return path.with_suffix(".raw") if path.suffix == ".mhd" else path


def boundaries(path):
    """Where pages, directories, slices, elements and fragments end: the cuts that leave something well formed."""
    data = body(path).read_bytes()
    found = {len(data) - k * 40 for k in range(1, 4)}  # the slices of `volume`: 4 x 5 numbers of 16 bits
    if path.suffix == ".tif":
        with tifffile.TiffFile(path) as file:
            for page in file.pages:
                found |= {page.offset, *page.dataoffsets, *map(sum, zip(page.dataoffsets, page.databytecounts, strict=True))}
                found |= {tag.valueoffset + tag.valuebytecount for tag in page.tags}
                found |= {tag.offset + file.tiff.tagsize for tag in page.tags}  # the last one ends the directory but for the next offset
    if path.suffix == ".dcm":
        found |= {at + end for at in range(len(data)) if data.startswith((ITEM, b"\xe0\x7f\x10\x00"), at) for end in (0, 4, 8, 12)}
    return sorted(at for at in found if 0 <= at < len(data))


def refused_or_same(path, data, before):
    """Whether damaged bytes are refused; else they must give the image that the whole ones gave."""
    body(path).write_bytes(data)
    try:
        image = formats.read(path)
    except RadloupeError as error:
        assert error.exit_code in (3, 4)
        return True
    assert image.pixels.shape == before.pixels.shape
    assert np.array_equal(image.pixels, before.pixels)
    assert np.array_equal(image.affine, before.affine)
    assert image.info == before.info
    return False


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_anywhere_is_refused_or_the_same(name, tmp_path):
    path = FILES[name](tmp_path)
    before, data = formats.read(path), body(path).read_bytes()
    cuts = {len(data) * part // PARTS for part in range(PARTS)} | {len(data) - k for k in range(1, 10)} | set(boundaries(path))
    assert sum(refused_or_same(path, data[:cut], before) for cut in cuts) >= PARTS // 2  # most cuts take pixels away


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("more", [b"\0", bytes(300), b"\xff" * 7, b"more" * 500], ids=["a zero", "zeros", "ones", "text"])
def test_a_file_with_more_behind_is_refused_or_the_same(name, more, tmp_path):
    path = FILES[name](tmp_path)
    refused_or_same(path, body(path).read_bytes() + more, formats.read(path))


@pytest.mark.parametrize("keep", [1, 2, 39])
def test_a_stack_of_ours_is_not_read_as_the_pages_that_are_left(keep, tmp_path):
    path = formats.write(radiograph("uint16", (1, 40, 12, 10)), tmp_path / "a.tif")
    with tifffile.TiffFile(path) as file:
        last = file.pages[keep - 1]
        at = last.offset + file.tiff.tagnosize + len(last.tags) * file.tiff.tagsize
    data = bytearray(path.read_bytes())
    data[at : at + 4] = bytes(4)  # the chain of directories ends here, as well formed as any
    path.write_bytes(data)
    with pytest.raises(InputError, match=f"Expected 40 pages as the description says, found {keep}"):
        formats.read(path)


def test_a_page_that_is_named_beyond_the_end_is_missed(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK[:1], photometric="minisblack", metadata=None)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        page = file.pages[0]
        at = page.offset + file.tiff.tagnosize + len(page.tags) * file.tiff.tagsize
    data = bytearray((tmp_path / "a.tif").read_bytes())
    data[at : at + 4] = struct.pack("<I", len(data) + 10)
    (tmp_path / "a.tif").write_bytes(data)
    with pytest.raises(InputError, match="cut off or damaged"):
        formats.read(tmp_path / "a.tif")


MISCOUNTED = {  # one slice or row less than there is, and one more
    "nifti": ("nifti", struct.pack("<4h", 3, 5, 4, 3), [struct.pack("<4h", 3, 5, 4, n) for n in (2, 4)]),
    "mha": ("mha", b"DimSize = 5 4 3", [b"DimSize = 5 4 2", b"DimSize = 5 4 4"]),
    "nrrd": ("nrrd", b"sizes: 5 4 3", [b"sizes: 5 4 2", b"sizes: 5 4 4"]),
    "dicom": ("dicom", b"\x28\0\x10\0US\2\0\x0c", [b"\x28\0\x10\0US\2\0\x0b", b"\x28\0\x10\0US\2\0\x0d"]),
    "tiff": ("tiff", struct.pack("<HHII", 257, 4, 1, 12), [struct.pack("<HHII", 257, 4, 1, rows) for rows in (11, 13)]),
    "deflated": ("tiff deflated", struct.pack("<HHII", 257, 4, 1, 12), [struct.pack("<HHII", 257, 4, 1, 13)]),
    "imagej": ("tiff of imagej", b"images=5", [b"images=6"]),
}


@pytest.mark.parametrize("name", MISCOUNTED)
def test_another_count_than_that_of_the_pixels_is_refused(name, tmp_path):
    base, true, others = MISCOUNTED[name]
    path = FILES[base](tmp_path)
    whole = path.read_bytes()
    assert true in whole
    for wrong in others:
        path.write_bytes(whole.replace(true, wrong))
        with pytest.raises(InputError):
            formats.read(path)


@pytest.mark.parametrize("count", [None, 1, 2, 4])
@pytest.mark.parametrize("name", SYNTAXES)
@pytest.mark.parametrize("table", [False, True])
def test_another_number_of_compressed_frames_is_refused(name, count, table, tmp_path):
    ds = dcmread(dicom(frames, name)(tmp_path))
    codes = list(generate_frames(ds.PixelData, number_of_frames=3))
    film = cr(pixels=ramp(64, 48))
    film.compress(SYNTAXES[name], generate_instance_uid=False)
    film.PixelData = encapsulate(codes, has_bot=table)
    if count:
        film.NumberOfFrames = count
    with pytest.raises(InputError):
        formats.read(save(film, tmp_path / "film.dcm"))


@pytest.mark.parametrize("name", SYNTAXES)
def test_a_compressed_frame_cut_inside_its_fragment_is_refused(name, tmp_path):
    ds = dcmread(dicom(lambda: ct(pixels=ramp(64, 48)), name)(tmp_path))
    (code,) = generate_frames(ds.PixelData, number_of_frames=1)
    for part in range(1, 20):
        for end in (b"", b"\xff\xd9"):  # a repaired file may end as it should
            ds.PixelData = encapsulate([code[: len(code) * part // 20] + end])
            if name == "jpeg-ls" and end:
                continue  # nothing in JPEG-LS says how long its data are
            with pytest.raises(InputError):
                formats.read(save(ds, tmp_path / "b.dcm"))


@pytest.mark.parametrize("part", range(2, 20))  # a twentieth is shorter than DICOM's preamble: another kind of file
def test_a_series_with_a_cut_file_is_not_read_without_it(part, tmp_path):
    folder = series(tmp_path / "series")
    for path in sorted(folder.iterdir()):  # the first and the last slice are among them: no gap would show
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) * part // 20])
        with pytest.raises(InputError):
            formats.read(folder)
        path.write_bytes(whole)
    assert formats.read(folder).shape[0] == 4


@pytest.mark.parametrize("split", [1, 2, 5])
@pytest.mark.parametrize("name", ["jpeg-ls", "jpeg 2000"])
def test_a_compressed_frame_in_several_fragments_is_whole(name, split, tmp_path):
    path = dicom(lambda: ct(pixels=ramp(64, 48)), name)(tmp_path)
    before, ds = formats.read(path), dcmread(path)
    (code,) = generate_frames(ds.PixelData, number_of_frames=1)
    ds.PixelData = encapsulate([code], fragments_per_frame=split)
    assert np.array_equal(formats.read(save(ds, tmp_path / "b.dcm")).pixels, before.pixels)


def test_pixels_without_an_end_of_their_own_are_refused(tmp_path):
    path = FILES["dicom jpeg 2000"](tmp_path)
    data = path.read_bytes()
    delimiter = b"\xfe\xff\xdd\xe0\0\0\0\0"
    assert data.endswith(delimiter)
    path.write_bytes(data.removesuffix(delimiter))
    with pytest.raises(InputError, match="cut off or damaged"):
        formats.read(path)


def test_zeros_that_fill_a_block_are_padding_and_other_bytes_are_not(tmp_path):
    path = FILES["nifti"](tmp_path)
    before, data = formats.read(path), path.read_bytes()
    assert not refused_or_same(path, data + bytes(39), before)  # a slice has 40 bytes
    assert refused_or_same(path, data + bytes(40), before)
    assert refused_or_same(path, data + b"\1", before)


@pytest.mark.parametrize("line", ["space origin: (-10.5,20.25", "space origin: (-10.5,20.25,30.125)", "spacings: 1 2 3.25"])
def test_a_detached_header_cut_within_a_line_is_refused(line, tmp_path):
    header = "NRRD0004\ntype: short\ndimension: 3\nsizes: 5 4 3\nendian: little\nencoding: raw\ndata file: a.raw\n"
    header += "space: left-posterior-superior\nspace directions: (1,0,0) (0,1,0) (0,0,1)\n" if "origin" in line else ""
    (tmp_path / "a.nhdr").write_text(header + line)
    (tmp_path / "a.raw").write_bytes(bytes(120))
    with pytest.raises(InputError):
        formats.read(tmp_path / "a.nhdr")


def test_a_description_says_how_many_slices_there_are(tmp_path):
    with tifffile.TiffFile(FILES["tiff"](tmp_path)) as file:
        assert json.loads(file.pages[0].description)["shape"] == [5, 12, 10]
        assert file.series[0].shape == (5, 12, 10)


def test_a_frame_with_a_thumbnail_in_its_header_is_whole(tmp_path):
    ds = dcmread(FILES["dicom jpeg-ls"](tmp_path))
    (code,) = generate_frames(ds.PixelData, number_of_frames=1)
    thumbnail = BytesIO()
    PILImage.new("L", (8, 8)).save(thumbnail, "JPEG")
    application = b"\xff\xe0" + struct.pack(">H", 2 + len(thumbnail.getvalue())) + thumbnail.getvalue()
    ds.PixelData = encapsulate([code[:2] + application + code[2:]])
    assert np.array_equal(formats.read(save(ds, tmp_path / "b.dcm")).pixels, formats.read(tmp_path / "a.dcm").pixels)
