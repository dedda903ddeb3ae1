"""Units: reversible maps, whole bits, nothing clipped for display."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radloupe.core.errors import InputError
from radloupe.imaging import pixel_info
from radloupe.imaging.pixel_info import PixelInfo, Storage


def test_rescale_to_hounsfield_keeps_whole_numbers():
    storage = Storage("uint16", 12, 1, -1024)
    values = pixel_info.from_stored(np.array([0, 1024, 4095], np.uint16), storage)
    assert values.dtype == np.int16
    assert values.tolist() == [-1024, 0, 3071]


@given(
    signed=st.booleans(),
    bits=st.integers(2, 16),
    slope=st.sampled_from([1.0, 0.5, 2.0, 0.0244]),
    intercept=st.sampled_from([0.0, -1024.0, 0.5]),
)
def test_every_stored_number_survives_the_round_trip(signed, bits, slope, intercept):
    storage = Storage("int16" if signed else "uint16", bits, slope, intercept)
    low, high = storage.range
    stored = np.unique(np.linspace(low, high, 257).round()).astype(storage.dtype)
    assert np.array_equal(pixel_info.to_stored(pixel_info.from_stored(stored, storage), storage), stored)


def test_twelve_bits_stay_twelve_bits():
    info = PixelInfo("stored", "XR", storage=Storage("uint16", 12))
    assert pixel_info.quantise(np.array([-5.0, 4095.4, 5000.0]), info, np.dtype("uint16")).tolist() == [0, 4095, 4095]


def test_values_outside_the_network_range_pass():
    image = np.array([-3024, -1000, 2000, 30000], np.int16)  # padding, air, bone, metal
    to_network = pixel_info.network_range(image, PixelInfo("HU", "CT"))
    # float32 holds 30000 HU to a 500th of one
    np.testing.assert_allclose(to_network.leave(to_network.enter(image)), image, atol=2e-3)


@given(scale=st.floats(1e-3, 1e6), offset=st.floats(-1e6, 1e6))
def test_network_range_does_not_depend_on_arbitrary_units(scale, offset):
    image = np.random.default_rng(0).random((8, 8))
    info = PixelInfo("arbitrary", "MR")
    plain = pixel_info.network_range(image, info).enter(image)
    other = pixel_info.network_range(scale * image + offset, info).enter(scale * image + offset)
    # float64 subtraction loses offset/scale of its 16 digits
    np.testing.assert_allclose(other, plain, atol=1e-6 + 1e-15 * abs(offset) / scale)


def test_inverted_images_enter_the_network_bright():
    image = np.array([[0, 1000], [3000, 4000]], np.uint16)
    to_network = pixel_info.network_range(image, PixelInfo("stored", "XR", inverted=True))
    assert to_network.enter(image).tolist() == [[1, 0.75], [0.25, 0]]
    assert to_network.leave(to_network.enter(image)).tolist() == image.tolist()


def test_constant_images_have_a_range():
    image = np.full((4, 4), 7.0)
    to_network = pixel_info.network_range(image, PixelInfo())
    assert np.array_equal(to_network.leave(to_network.enter(image)), image)


@pytest.mark.parametrize("slope", [0.0, np.nan, 1e30])
def test_absurd_rescale_is_refused(slope):
    with pytest.raises(InputError, match="rescale slope"):
        pixel_info.from_stored(np.zeros(3, np.int16), Storage("int16", 16, slope, 0))


def test_a_range_of_training_replaces_the_usual_one_for_hounsfield_units():
    values = np.array([[-1024.0, 3071.0]])
    ct, mr = PixelInfo("HU", "CT"), PixelInfo("arbitrary", "MR")
    assert pixel_info.network_range(values, ct, (-1024.0, 3071.0)).enter(values).tolist() == [[0, 1]]
    assert pixel_info.network_range(values, ct) == pixel_info.NetworkRange(-1000, 3000)
    assert pixel_info.network_range(values, mr, (0.0, 1.0)) == pixel_info.NetworkRange(-1024, 4095)  # MR has no fixed unit
