"""Named ways to score an image against the truth: which part, on which range, with which figures."""

import math
from dataclasses import dataclass

import numpy as np

from radloupe.errors import InputError, UsageError
from radloupe.image import Image
from radloupe.intensity import NETWORK_SPAN_HU
from radloupe.metrics.fidelity import psnr, ssim
from radloupe.metrics.sharpness import laplacian_variance
from radloupe.tables import suggest


@dataclass(frozen=True)
class Protocol:
    """A way to score slices of one channel."""

    name: str
    border: int = 0
    """Pixels cut off on all sides before scoring."""


PROTOCOLS = {"plain": Protocol("plain")}


def protocol_named(name: str) -> Protocol:
    """The protocol called `name`; raises `UsageError`."""
    if name not in PROTOCOLS:
        raise UsageError(f"Unknown protocol {name!r}.{suggest(name, list(PROTOCOLS))}")
    return PROTOCOLS[name]


def value_range(truth: Image) -> float:
    """The span that PSNR and SSIM refer to: 3000 HU for CT, what the stored bits hold for radiographs, the largest value for all others.

    Raises `InputError` for an image that is zero everywhere.
    """
    if truth.meaning.unit == "HU":
        return NETWORK_SPAN_HU
    low, high = truth.meaning.storage.range
    span = high - low if truth.meaning.unit == "stored" and math.isfinite(high) else float(truth.pixels.max())
    if not span > 0:
        raise InputError("Expected a truth with values above zero, found none: there is no range to score on.")
    return span


def measure(image: Image, truth: Image, protocol: str = "plain") -> dict[str, float]:
    """PSNR (dB, from the squared error of all slices), mean SSIM and variance of Laplacian over slices, of an image against the truth.

    `plain`: grey, no border cut, the range of `value_range`, 11x11 Gaussian SSIM. Raises `InputError` when the shapes differ.
    """
    border = protocol_named(protocol).border
    if image.pixels.shape != truth.pixels.shape:
        found = " and ".join("x".join(map(str, i.pixels.shape)) for i in (image, truth))
        raise InputError(f"Expected two images of one shape (c, z, y, x), found {found}.")
    span = value_range(truth)
    inner = slice(border, -border or None)
    a, b = image.pixels[..., inner, inner], truth.pixels[..., inner, inner]
    planes = list(zip(a.reshape(-1, *a.shape[2:]), b.reshape(-1, *b.shape[2:]), strict=True))
    return {
        "psnr": psnr(a, b, span),
        "ssim": float(np.mean([ssim(x, y, span) for x, y in planes])),
        "laplacian_variance": float(np.mean([laplacian_variance(x, span) for x, _ in planes])),
    }
