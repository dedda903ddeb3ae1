"""The value that flows through Radloupe: pixels with their place in the patient and their unit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from radloupe.core.errors import InputError
from radloupe.core.limits import LIMITS, Limits, check_shape
from radloupe.imaging import geometry
from radloupe.imaging.pixel_info import PixelInfo


@dataclass(frozen=True)
class Image:
    """Pixels `c z y x` in the unit that `info` names, where `affine` maps an index (x, y, z) to RAS mm.

    A radiograph has z = 1; c counts the volumes of a 4-D series and is 1 otherwise. Pixels are never changed in place.
    """

    pixels: np.ndarray
    affine: np.ndarray = field(default_factory=lambda: np.eye(4))
    info: PixelInfo = field(default_factory=PixelInfo)
    history: tuple[str, ...] = ()
    """What was done to the pixels since they were acquired, a sentence a step, oldest first."""
    source: Any = None
    """What the format needs to write a derived image: the DICOM data sets without pixels, and nothing for other formats."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """How the pixels were computed, under the JSON keys of the command that does the same; empty for an image that was read."""

    def __post_init__(self) -> None:
        if self.pixels.ndim != 4:
            raise InputError(f"Expected pixels with four axes (c, z, y, x), found {self.pixels.ndim}: {self.pixels.shape}.")
        geometry.check(self.affine)

    @property
    def meaning(self) -> PixelInfo:
        """`info` under the name that the public interface gives it."""
        return self.info

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along z, y, x."""
        return self.pixels.shape[1:]

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distances in mm between voxel centres along x, y, z."""
        x, y, z = geometry.spacing(self.affine).tolist()
        return x, y, z

    def slices(self) -> Iterator[np.ndarray]:
        """The 2-D slices (y, x), volume by volume, in stored order."""
        for volume in self.pixels:
            yield from volume

    def resampled(self, pixels: np.ndarray, factors: Sequence[float], step: str, centred: bool = True) -> "Image":
        """The image on a grid of `factors` (x, y, z) times as many samples: new pixels, moved affine, one more step of history.

        `centred` says how the grids lie on each other; see `geometry.resample`.
        """
        affine = geometry.resample(self.affine, factors, centred)
        return replace(self, pixels=pixels, affine=affine, history=(*self.history, step), facts={})


def placeholder(shape: Sequence[int], dtype: np.dtype) -> np.ndarray:
    """Pixels of a shape and type that take no memory: they stand for pixels that are still to come."""
    return np.broadcast_to(np.zeros((), dtype), tuple(shape))


def check(image: Image, limits: Limits = LIMITS) -> Image:
    """The same image, once its size is within the limits and every pixel is a number.

    Raises `LimitError` or `InputError`.
    """
    check_shape(image.pixels.shape, limits)
    if image.pixels.dtype.kind == "f" and not all(np.isfinite(plane).all() for plane in image.slices()):
        raise InputError("Expected finite pixels, found NaN or infinity. Replace them before super-resolution.")
    return image
