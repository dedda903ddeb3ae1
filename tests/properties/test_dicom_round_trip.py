"""What is written is what is read, for every type, number of bits, sign and rescale."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dicom_factory import mr, save
from radloupe.formats import read, write


@st.composite
def stored(draw):
    """Stored numbers of any type, size and range of bits."""
    width, signed = draw(st.sampled_from([8, 16, 32])), draw(st.booleans())
    bits = draw(st.integers(2, width))
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    shape = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    values = draw(st.lists(st.integers(low, high), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    return np.array(values).astype(f"{'int' if signed else 'uint'}{width}").reshape(shape), bits


@settings(max_examples=60, deadline=None)
@given(stored(), st.sampled_from([1.0, -1.0, 0.5, 0.1, 3.7, 1234.5]), st.sampled_from([0.0, -1024.0, 0.25]))
def test_read_of_write_is_the_image(numbers, slope, intercept):
    pixels, bits = numbers
    ds = mr(pixels=pixels, bits=bits)
    ds.RescaleSlope, ds.RescaleIntercept = slope, intercept
    with tempfile.TemporaryDirectory() as folder:
        image = read(save(ds, Path(folder) / "a.dcm"))
        again = read(write(image, Path(folder) / "b.dcm"))
    assert again.pixels.dtype == image.pixels.dtype and again.info == image.info
    np.testing.assert_array_equal(again.pixels, image.pixels)
    np.testing.assert_allclose(again.affine, image.affine, atol=1e-9)
    exact = pixels * float(slope) + intercept
    np.testing.assert_allclose(image.pixels[0, 0], exact, rtol=1e-6, atol=1e-6 * abs(exact).max())  # float32 where not whole
