"""The image type: pixel values with their geometry in the patient, unit, history and source headers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from radloupe.core.errors import InputError
from radloupe.core.limits import LIMITS, Limits, check_shape
from radloupe.imaging import geometry
from radloupe.imaging.pixel_info import PixelInfo, Storage


@dataclass(frozen=True)
class Image:
    """Grey image or volume: pixels `c z y x` in the unit that `info` names, on a grid placed in the patient by `affine`.

    Args:
        pixels: Array `c z y x`; a radiograph has z = 1, and c counts the volumes of a 4-D series and is 1 otherwise. It is never changed in
            place.
        affine: 4x4 matrix from an index (x, y, z), at the centre of a voxel, to RAS millimetres.
        info: Unit, modality and storage of the pixel values.
        history: Processing steps since the acquisition, one sentence each, oldest first.
        source: Headers for writing a derived image: the DICOM data sets without pixels; empty for other formats.
        uncertainty: Half widths of intervals around the pixels, in their unit, where requested (`rl.upscale`).
        facts: Facts of the computation, under the JSON keys of the corresponding command; empty for an image that was read.

    Raises:
        InputError: For pixels of other than four axes, or absurd geometry.

    >>> image = Image(np.zeros((1, 2, 30, 40)), np.diag([0.5, 0.5, 3.0, 1.0]))
    >>> image.shape, image.spacing
    ((2, 30, 40), (0.5, 0.5, 3.0))
    """

    pixels: np.ndarray
    affine: np.ndarray = field(default_factory=lambda: np.eye(4))
    info: PixelInfo = field(default_factory=PixelInfo)
    history: tuple[str, ...] = ()
    source: Any = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    uncertainty: "Image | None" = None

    def __post_init__(self) -> None:
        if self.pixels.ndim != 4:
            raise InputError(f"Expected pixels with four axes (c, z, y, x), found {self.pixels.ndim}: {self.pixels.shape}.")
        if 0 in self.pixels.shape:
            raise InputError(f"Expected at least one pixel along each axis (c, z, y, x), found {self.pixels.shape}.")
        geometry.check(self.affine)
        if self.info == PixelInfo() and self.pixels.dtype.kind in "iu":  # whole numbers are stored as such by default
            storage = Storage(self.pixels.dtype.name, 8 * self.pixels.dtype.itemsize)
            object.__setattr__(self, "info", replace(self.info, storage=storage))

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
        """Image on a grid of `factors` (x, y, z) times as many samples: new pixels, the affine that follows, one more step of history.

        `centred` is the alignment of the grids; see `geometry.resample`.
        """
        affine = geometry.resample(self.affine, factors, centred)
        return replace(self, pixels=pixels, affine=affine, history=(*self.history, step), facts={}, uncertainty=None)


def placeholder(shape: Sequence[int], dtype: np.dtype) -> np.ndarray:
    """Placeholder array of a shape and dtype, without memory, for pixels that are not computed yet."""
    return np.broadcast_to(np.zeros((), dtype), tuple(shape))


def check(image: Image, limits: Limits = LIMITS) -> Image:
    """The image itself, after checks of its size and for finite pixels.

    Raises `LimitError` or `InputError`.
    """
    check_shape(image.pixels.shape, limits)
    if image.pixels.dtype.kind == "f" and not all(np.isfinite(plane).all() for plane in image.slices()):
        raise InputError("Expected finite pixels, found NaN or infinity. Replace them before super-resolution.")
    return image
