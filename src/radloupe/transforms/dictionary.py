"""Dictionary transforms that read, degrade and super-resolve images inside `monai.transforms.Compose`.

MONAI keeps an image as a `MetaTensor` of shape `c x y z` whose affine maps an index (x, y, z) to RAS millimetres. The other
properties of an `Image` (unit, modality, storage, history, facts) are in `meta["radloupe"]` as JSON, which every collate function can
batch. DICOM headers are not included: read the file with `radloupe.read` to write a derived DICOM image.
"""

import json
from collections.abc import Hashable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import MapTransform, Randomizable

from radloupe.core.settings import rebuilt
from radloupe.degradation import degrade
from radloupe.formats import read
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, quantise
from radloupe.pipelines.upscale import upscale

Keys = Hashable | tuple[Hashable, ...] | list[Hashable]
Data = Mapping[Hashable, Any]
KEY = "radloupe"
"""Key in `meta`."""


def from_image(image: Image, **meta: Any) -> MetaTensor:
    """The MONAI tensor `c x y z` of an image, in the image's unit and in float32 unless its pixels are float64."""
    dtype = np.float64 if image.pixels.dtype == np.float64 else np.float32
    pixels = np.ascontiguousarray(image.pixels.transpose(0, 3, 2, 1).astype(dtype))
    known = {"info": asdict(image.info), "dtype": image.pixels.dtype.name, "history": image.history, "facts": dict(image.facts)}
    meta |= {KEY: json.dumps(known)}
    return MetaTensor(torch.from_numpy(pixels), affine=torch.from_numpy(image.affine.copy()), meta=meta)


def to_image(tensor: MetaTensor) -> Image:
    """The image of a MONAI tensor `c x y z`; one that was not made by `from_image` has arbitrary units."""
    array = tensor.detach().cpu().numpy().transpose(0, 3, 2, 1)
    affine = np.asarray(tensor.affine, dtype=float)
    if KEY not in tensor.meta:
        return Image(array, affine)
    known = json.loads(tensor.meta[KEY])
    info = rebuilt(PixelInfo, known["info"])
    return Image(quantise(array, info, np.dtype(known["dtype"])), affine, info, tuple(known["history"]), facts=known["facts"])


class LoadImaged(MapTransform):  # type: ignore[misc]
    """Reading of the image files under the given keys, in any format of `radloupe.read`.

    Args:
        keys: Keys of the paths, which are replaced by `MetaTensor`s `c x y z` in the unit of the file, with affine and `meta`.
        allow_missing_keys: Whether a missing key is passed over.

    Raises:
        InputError: For a file that is damaged or no grey image.

    >>> from pydicom.data import get_testdata_file
    >>> LoadImaged("image")({"image": get_testdata_file("MR_small.dcm")})["image"].shape  # c x y z
    torch.Size([1, 64, 64, 1])
    """

    def __call__(self, data: Data) -> dict[Hashable, Any]:
        """The items with images in place of paths."""
        items = dict(data)
        for key in self.key_iterator(items):
            items[key] = from_image(read(items[key]), filename_or_obj=str(items[key]))
        return items


class Degraded(Randomizable, MapTransform):  # type: ignore[misc]
    """Degradation of the images under the given keys by a preset of `radloupe.degradation.PRESETS`.

    Args:
        keys: Keys of `MetaTensor`s `c x y z`.
        preset: Preset of the degradation.
        scale: Whole factor of reduction in plane.
        settings: Values by name that replace the preset's own settings.
        allow_missing_keys: Whether a missing key is passed over.

    A preset with random parameters draws new ones for every image; `Compose.set_random_state(seed)` makes them repeatable.

    >>> from pydicom.data import get_testdata_file
    >>> image = LoadImaged("image")({"image": get_testdata_file("MR_small.dcm")})
    >>> Degraded("image", "bicubic", scale=2)(image)["image"].shape
    torch.Size([1, 32, 32, 1])
    """

    def __init__(
        self, keys: Keys, preset: str, scale: int, settings: Mapping[str, object] | None = None, allow_missing_keys: bool = False
    ) -> None:
        MapTransform.__init__(self, keys, allow_missing_keys)
        self.preset, self.scale, self.settings = preset, scale, dict(settings or {})

    def __call__(self, data: Data) -> dict[Hashable, Any]:
        """The items with low-resolution images in place of high-resolution ones."""
        items = dict(data)
        for key in self.key_iterator(items):
            seed = int(self.R.randint(2**31))
            items[key] = from_image(degrade(to_image(items[key]), self.preset, self.scale, seed, self.settings))
        return items


class Upscaled(MapTransform):  # type: ignore[misc]
    """Super-resolution of the images under the given keys, slice by slice, by `radloupe.upscale`.

    Args:
        keys: Keys of `MetaTensor`s `c x y z`.
        allow_missing_keys: Whether a missing key is passed over.
        options: Options of `radloupe.upscale`: `model`, `scale`, `tile`, `device`, and so on.

    >>> from pydicom.data import get_testdata_file
    >>> image = LoadImaged("image")({"image": get_testdata_file("MR_small.dcm")})
    >>> Upscaled("image", scale=2)(image)["image"].shape
    torch.Size([1, 128, 128, 1])
    """

    def __init__(self, keys: Keys, allow_missing_keys: bool = False, **options: Any) -> None:
        super().__init__(keys, allow_missing_keys)
        self.options = options

    def __call__(self, data: Data) -> dict[Hashable, Any]:
        """The items with super-resolved images, with `facts` of their computation (`to_image`)."""
        items = dict(data)
        for key in self.key_iterator(items):
            items[key] = from_image(upscale(to_image(items[key]), **self.options))
        return items
