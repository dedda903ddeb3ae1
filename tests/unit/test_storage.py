"""Which type keeps an image's numbers in a format with fewer types or without a rescale."""

import numpy as np
import pytest

import radloupe as rl
from radloupe.core.errors import InputError
from radloupe.imaging.pixel_info import PixelInfo, Storage, fit_storage, plain_storage, upright


def test_a_rescale_is_replaced_by_the_type_of_the_values():
    assert plain_storage(Storage("uint16", 12, 1, -1024), np.dtype("int16")) == Storage("int16", 16)
    assert plain_storage(Storage("uint16", 12, 0.5, 0), np.dtype("float32")) == Storage("float32", 32)


def test_without_a_rescale_the_bits_stay():
    assert plain_storage(Storage("uint16", 12), np.dtype("float32")) == Storage("uint16", 12)


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        (Storage("uint16", 12), Storage("uint16", 12)),
        (Storage("uint32", 12), Storage("uint16", 16)),
        (Storage("uint32", 8), Storage("uint8", 8)),
        (Storage("int8", 8), Storage("int16", 16)),
        (Storage("int32", 32), None),
        (Storage("float64", 64), None),
    ],
)
def test_numbers_move_only_to_a_type_that_holds_them_all(source, kept):
    assert fit_storage(source, ("uint8", "uint16", "int16", "float32")) == kept


@pytest.mark.parametrize(
    ("storage", "low", "high"),
    [
        (Storage("uint16", 12), 0, 4095),
        (Storage("int16", 12), -2048, 2047),
        (Storage("uint16", 12, 1, -1024), -1024, 3071),
        (Storage("uint16", 12, 0.5, 10), 10, 2057.5),
        (Storage("float32", 32), -7, 7),
    ],
)
def test_an_inverted_image_is_mirrored_within_its_range(storage, low, high):
    ends = np.array([low, high])
    assert upright(ends, PixelInfo(inverted=True, storage=storage)).tolist() == [high, low]
    assert upright(ends, PixelInfo(storage=storage)).tolist() == [low, high]


def test_whole_numbers_without_a_word_are_stored_as_they_are(tmp_path):
    pixels = np.arange(40 * 50, dtype=np.uint16).reshape(1, 1, 40, 50)
    path = rl.write(rl.Image(pixels), tmp_path / "a.png")
    assert np.array_equal(rl.read(path).pixels, pixels)


def test_an_image_without_pixels_is_refused():
    with pytest.raises(InputError, match="at least one pixel"):
        rl.Image(np.zeros((1, 0, 4, 4)))
