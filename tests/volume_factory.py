"""Small images for the format tests: `volume(dtype)`, `radiograph(dtype)`, and the oblique, flipped affine that catches mixed-up axes."""

import numpy as np

from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage

COS, SIN = 0.8, 0.6
OBLIQUE = np.eye(4)
OBLIQUE[:3, :3] = (
    np.array([[COS, -SIN, 0], [SIN, COS, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, COS, -SIN], [0, SIN, COS]]) * [0.5, -0.6, 0.75]
)
OBLIQUE[:3, 3] = [10.25, -20.5, 30.125]


def numbers(shape, dtype):
    """Numbers over the whole range of a type, each extreme included; for floating point some with fractions."""
    kind = np.dtype(dtype)
    low, high = (-1000.25, 3000.75) if kind.kind == "f" else (np.iinfo(kind).min, np.iinfo(kind).max)
    values = np.linspace(low, high, int(np.prod(shape)))
    pixels = values.astype(kind) if kind.kind == "f" else values[1:-1].astype(kind)
    return (pixels if kind.kind == "f" else np.array([low, *pixels.tolist(), high], kind)).reshape(shape)


def volume(dtype, shape=(1, 3, 4, 5)):
    pixels = numbers(shape, dtype)
    info = PixelInfo("HU", "CT") if pixels.min() < -500 else PixelInfo("arbitrary", "MR")
    return Image(pixels, OBLIQUE, with_storage(info, pixels), ("Enlarged for a test.",))


def radiograph(dtype, shape=(1, 1, 6, 5)):
    pixels = numbers(shape, dtype)
    return Image(pixels, np.eye(4), with_storage(PixelInfo("stored", "XR"), pixels), ("Enlarged for a test.",))


def with_storage(info, pixels):
    return PixelInfo(info.unit, info.modality, info.inverted, Storage(pixels.dtype.name, 8 * pixels.dtype.itemsize))
