"""The type of a metric: one value per image of a stack of NumPy arrays or torch tensors, accumulated in float64."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from statistics import fmean
from typing import Any

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor

from radloupe.core.errors import InputError

Stack = Float64[Tensor, "image y x"]
Values = Float64[Tensor, "image"]


@dataclass(frozen=True)
class Metric:
    """A metric with its properties: value for identical images, symmetry, averaging."""

    compute: Callable[..., Any]
    """(image, truth, span) -> one value per image; with `weights`, a function of their folder that returns such a function."""
    identical: float | None = None
    """Value for identical images; None where it depends on the image."""
    symmetric: bool = False
    """Whether image and truth are interchangeable."""
    average: Callable[[Sequence[float]], float] = fmean
    """Combines the values of a volume's slices into one."""
    weights: str = ""
    """The file of weights that it needs."""


def per_image(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function of float64 stacks (image y x) take arrays or tensors (..., y, x), such as (batch 1 y x), of any real type.

    The result has the leading axes and the kind (array or tensor) of the input; it is a plain number for one array (y, x). Raises
    `InputError` where shapes differ.
    """

    @wraps(compute)
    def over_leading_axes(*arguments: Any, **settings: Any) -> Any:
        images = [a for a in arguments if isinstance(a, np.ndarray | Tensor)]
        check_shapes(*images)
        result = compute(*map(stack, images), *arguments[len(images) :], **settings)
        result = result.reshape((*images[0].shape[:-2], *result.shape[1:]))
        if isinstance(images[0], Tensor):
            return result
        return result.numpy() if result.ndim else result.item()

    return over_leading_axes


def check_shapes(*images: Any) -> None:
    """Raise `InputError` unless all are of one shape (..., y, x) and hold something."""
    shapes = list(dict.fromkeys(tuple(image.shape) for image in images))
    if len(shapes) > 1 or len(shapes[0]) < 2 or 0 in shapes[0]:
        raise InputError(f"Expected images of one shape (..., y, x) with pixels, found {' and '.join(map(str, shapes))}.")


def stack(images: Any) -> Stack:
    """Images (..., y, x) as float64 tensor (image y x), without a copy where that is possible."""
    if not isinstance(images, Tensor):
        images = torch.from_numpy(np.require(images, np.float64, ["C", "W"]))  # torch takes neither read-only nor big-endian memory
    return images.to(torch.float64).reshape(-1, *images.shape[-2:])


def correlate(images: Stack, taps: tuple[float, ...], axis: int) -> Float64[Tensor, "image y2 x2"]:
    """Weighted sums along an axis, only where all taps lie inside the image: the axis gets len(taps) - 1 shorter.

    A sum of shifted views is several times as fast in float64 as torch's convolution, as long as the images fit the processor's cache.
    """
    size = images.shape[axis] - len(taps) + 1
    total = images.narrow(axis, 0, size) * taps[0]
    for start, tap in enumerate(taps[1:], 1):
        total.add_(images.narrow(axis, start, size), alpha=tap)
    return total


def gaussian(sigma: float, radius: int) -> tuple[float, ...]:
    """Weights of a sampled Gaussian that sum to one."""
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return tuple((taps / taps.sum()).tolist())
