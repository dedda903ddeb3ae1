"""PNG, JPEG and TIFF: grey in every disguise is read, colour is refused, and nothing is cut to eight bits."""

import numpy as np
import pytest
import tifffile
from PIL import Image as PILImage

import radloupe.formats as formats
from radloupe.core.errors import InputError
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from volume_factory import radiograph

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8)
GREY16 = np.arange(48, dtype=np.uint16).reshape(6, 8) * 1000
COLOUR = np.stack([GREY, GREY, 255 - GREY], -1)


def saved(pil_image, path, **options):
    pil_image.save(path, **options)
    return path


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P"])
def test_grey_saved_as_colour_is_grey(mode, tmp_path):
    image = formats.read(saved(PILImage.fromarray(GREY).convert(mode), tmp_path / "a.png"))
    assert np.array_equal(image.pixels[0, 0], GREY)
    assert image.info == PixelInfo("stored", "XR", storage=Storage("uint8", 8))
    assert image.spacing == (1, 1, 1)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_colour_is_refused(suffix, tmp_path):
    with pytest.raises(InputError, match="colours"):
        formats.read(saved(PILImage.fromarray(COLOUR), tmp_path / f"a{suffix}"))


def test_transparent_pixels_are_refused(tmp_path):
    clear = PILImage.fromarray(GREY).convert("RGBA")
    clear.putpixel((1, 1), (9, 9, 9, 0))
    with pytest.raises(InputError, match="transparent"):
        formats.read(saved(clear, tmp_path / "a.png"))


def test_one_bit_becomes_black_and_white(tmp_path):
    image = formats.read(saved(PILImage.fromarray(GREY > 20), tmp_path / "a.png"))
    assert np.array_equal(image.pixels[0, 0], (GREY > 20) * np.uint8(255))


def test_several_frames_are_refused(tmp_path):
    frames = [PILImage.fromarray(GREY), PILImage.fromarray(255 - GREY)]
    with pytest.raises(InputError, match="frames"):
        formats.read(saved(frames[0], tmp_path / "a.png", save_all=True, append_images=frames[1:]))


def test_jpeg_is_turned_as_its_camera_says(tmp_path):
    exif = PILImage.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to view
    path = saved(PILImage.fromarray(GREY), tmp_path / "a.jpg", quality=100, exif=exif)
    pixels = formats.read(path).pixels[0, 0].astype(int)
    assert np.abs(pixels - np.rot90(GREY, -1)).max() <= 2  # JPEG at its best quality still rounds


def test_twelve_bits_are_the_same_numbers_in_a_png(tmp_path):
    pixels = np.array([0, 1, 2048, 4095], np.uint16).reshape(1, 1, 2, 2)
    image = Image(pixels, info=PixelInfo("stored", "XR", storage=Storage("uint16", 12)))
    assert np.array_equal(formats.read(formats.write(image, tmp_path / "a.png")).pixels, pixels)


@pytest.mark.parametrize("suffix", [".png", ".nii", ".mha", ".nrrd"])
def test_an_inverted_image_is_mirrored_where_the_format_cannot_say_so(suffix, tmp_path):
    pixels = np.array([0, 1, 2048, 4095], np.uint16).reshape(1, 1, 2, 2)
    image = Image(pixels, info=PixelInfo("stored", "XR", inverted=True, storage=Storage("uint16", 12)))
    again = formats.read(formats.write(image, tmp_path / f"a{suffix}"))
    assert np.array_equal(again.pixels, 4095 - pixels)
    assert not again.info.inverted


def test_an_inverted_tiff_says_so_and_keeps_its_numbers(tmp_path):
    image = radiograph("uint16")
    image = Image(image.pixels, info=PixelInfo("stored", "XR", inverted=True, storage=Storage("uint16", 16)))
    path = formats.write(image, tmp_path / "a.tif")
    with tifffile.TiffFile(path) as file:
        assert file.pages[0].photometric == tifffile.PHOTOMETRIC.MINISWHITE
    again = formats.read(path)
    assert again.info == image.info
    assert np.array_equal(again.pixels, image.pixels)


LAYOUTS = {
    "strip": {},
    "big endian": {"byteorder": ">"},
    "bigtiff": {"bigtiff": True},
    "tiles": {"tile": (16, 16)},
    "strips": {"rowsperstrip": 2},
    "deflate": {"compression": "zlib"},
    "deflated tiles": {"compression": "zlib", "tile": (16, 16)},
    "differences": {"compression": "zlib", "predictor": 2},
}


@pytest.mark.parametrize(
    ("layout", "dtype"),
    [(name, dtype) for name in LAYOUTS for dtype in ("uint8", "uint16", "int16", "float32") if (name, dtype) != ("differences", "float32")],
)
def test_every_layout_of_a_tiff_stack_is_read(layout, dtype, tmp_path):
    stack = (np.arange(3 * 6 * 8) * 7 - 50).astype(dtype).reshape(3, 6, 8)
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack", metadata=None, **LAYOUTS[layout])
    image = formats.read(tmp_path / "a.tif")
    assert np.array_equal(image.pixels[0], stack)
    assert image.info == PixelInfo("arbitrary", "CT", storage=Storage(dtype, stack.itemsize * 8))


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "tiff_adobe_deflate"])
@pytest.mark.parametrize("pixels", [GREY, GREY16, np.stack([GREY] * 3, -1)], ids=["8 bits", "16 bits", "colour"])
def test_compressed_tiff_pages_are_read(compression, pixels, tmp_path):
    page = PILImage.fromarray(pixels)
    path = saved(
        page, tmp_path / "a.tif", compression=compression, save_all=True, append_images=[page.transpose(PILImage.Transpose.FLIP_TOP_BOTTOM)]
    )
    image = formats.read(path)
    plane = pixels if pixels.ndim == 2 else GREY
    assert np.array_equal(image.pixels[0], [plane, plane[::-1]])


def test_planes_of_grey_saved_as_colour_are_grey(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.stack([GREY16] * 3), photometric="rgb", planarconfig="separate", metadata=None)
    assert np.array_equal(formats.read(tmp_path / "a.tif").pixels[0, 0], GREY16)


def test_pages_of_two_sizes_are_refused(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(GREY, photometric="minisblack")
        file.write(GREY[:3], photometric="minisblack")
    with pytest.raises(InputError, match="one size"):
        formats.read(tmp_path / "a.tif")


def test_an_imagej_stack_without_pages_is_refused_and_not_cut_to_one_slice(tmp_path):
    stack = np.stack([GREY] * 3)
    tifffile.imwrite(tmp_path / "a.tif", stack, imagej=True, truncate=True)
    with pytest.raises(InputError, match="Expected 3 pages"):
        formats.read(tmp_path / "a.tif")


def test_a_tiff_over_four_gigabytes_is_planned_as_bigtiff(tmp_path, monkeypatch):
    from radloupe.formats import tiff

    monkeypatch.setattr(tiff, "LARGE_BYTES", 10)
    path = formats.write(radiograph("uint16"), tmp_path / "a.tif")
    assert path.read_bytes()[:4] == b"II+\0"
    assert np.array_equal(formats.read(path).pixels, radiograph("uint16").pixels)
