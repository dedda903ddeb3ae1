"""Limits of sizes, checked before memory is allocated."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from radloupe.core.errors import InputError, LimitError, UsageError

UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


@dataclass(frozen=True)
class Limits:
    """Limits on the size of an image. Every value can be replaced: `dataclasses.replace(LIMITS, pixels=10**9)`."""

    file_bytes: int = 2 * 2**30
    """Largest file in bytes; micro-CT stacks approach it."""
    pixels: int = 500_000_000
    """Largest number of pixels of an image that is read; a 512x512x1000 CT has 262 million."""
    output_pixels: int = 8_000_000_000
    """Largest number of pixels of an output, which is streamed to disk: such a CT at x4 has 4.2 thousand million."""
    axis: int = 65_535
    """Longest axis: DICOM's Rows and Columns are 16 bit."""
    expansion: float = 1000.0
    """Largest ratio of decoded to stored bytes; CT compresses 2:1 to 5:1, an empty mask 200:1 and more."""
    large_expansion: float = 200.0
    """Largest ratio above `large_bytes` of decoded pixels, against decompression bombs."""
    large_bytes: int = 16 * 2**20
    spacing_mm: tuple[float, float] = (1e-4, 1e3)
    """Smallest and largest pixel spacing in mm: micro-CT is near 0.5 um, scout views near 10 mm."""
    lean_degrees: float = 45.0
    """Largest deviation of axes from right angles in degrees; a CT gantry tilts by up to 30."""
    slope: tuple[float, float] = (1e-9, 1e9)
    """Smallest and largest magnitude of a rescale slope."""
    files: int = 10_000
    """Largest number of files of a series."""


LIMITS = Limits()


def check_shape(shape: Sequence[int], limits: Limits = LIMITS, what: str = "the image") -> None:
    """Check a shape (any order of axes) against the limits on axes and pixels.

    Raises `InputError` for an axis below 1, `LimitError` for one over the limit or for too many pixels.
    """
    sizes = [int(n) for n in shape]
    named = "x".join(map(str, sizes))
    if min(sizes) < 1:
        raise InputError(f"Expected at least one pixel along each axis of {what}, found {named}.")
    if max(sizes) > limits.axis:
        raise LimitError(f"Expected axes of {what} of at most {limits.axis} pixels, found {named}. Crop it first.")
    if math.prod(sizes) > limits.pixels:
        raise LimitError(
            f"Expected at most {limits.pixels / 1e6:.0f} million pixels in {what}, found {named} = "
            f"{math.prod(sizes) / 1e6:.0f} million. Crop it, or use a smaller scale."
        )


def check_output_shape(shape: Sequence[int], limits: Limits = LIMITS) -> None:
    """`check_shape` for an output image."""
    check_shape(shape, replace(limits, pixels=limits.output_pixels), "the output")


def check_expansion(decoded_bytes: int, stored_bytes: int, limits: Limits = LIMITS) -> None:
    """Raise `LimitError` for headers that declare far more pixels than their file can hold."""
    allowed = limits.large_expansion if decoded_bytes > limits.large_bytes else limits.expansion
    if decoded_bytes > allowed * max(stored_bytes, 1):
        raise LimitError(
            f"The header declares {decoded_bytes} bytes of pixels in {stored_bytes} stored bytes; more than "
            f"{allowed:.0f}:1 is not accepted. The file is damaged or hostile."
        )


def check_file_size(size: int, limits: Limits = LIMITS) -> None:
    """Raise `InputError` for empty files, `LimitError` for files over the limit."""
    if size == 0:
        raise InputError("Expected an image, found an empty file.")
    if size > limits.file_bytes:
        raise LimitError(f"Expected a file of at most {limits.file_bytes} bytes, found {size}.")


def parse_bytes(text: str) -> int:
    """Parse a size such as `2GiB`, `512M` or `1073741824` in bytes; raises `UsageError`.

    >>> parse_bytes("2GiB")
    2147483648
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?\s*", text, re.IGNORECASE)
    if not found or not float(found[1]):
        raise UsageError(f"Expected a size such as 2GiB or 512MiB, found {text!r}.")
    return int(float(found[1]) * UNITS[found[2].upper()])
