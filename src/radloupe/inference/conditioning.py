"""Conditioning of non-blind networks: the noise level and blur of an image, estimated or set by the user."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.ndimage import maximum_filter, minimum_filter

from radloupe.core.errors import UsageError
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import network_range
from radloupe.inference.blur_level import blur_level
from radloupe.inference.noise_level import noise_level
from radloupe.inference.options import AUTO, InferenceOptions
from radloupe.inference.tiles import Run
from radloupe.networks.architectures.loupe import MAP_RADIUS
from radloupe.networks.model import Model

FULL_NOISE = 5 / 255
"""Noise level of `denoise=1` in network range: the largest of training."""
AUTO_BLUR = 0.5
"""The most that `auto` tells of blur, that of a Gaussian of half a pixel. Smooth CT kernels read as 0.7: told so, a network makes small
vessels several times as bright, which nothing but a request should do."""
LOOKED_AT = 9
"""Number of evenly spaced slices for the estimates of a volume, whose median is used."""


NO_MAPS = {"denoise": None, "sharpness": None}
"""Record for networks without maps."""


@dataclass(frozen=True)
class Conditioning:
    """The maps of an image: the standard deviation of its noise in network range, and its blur from 0 to 1.

    Both are the same everywhere, but for neighbourhoods of one value, such as masked background: what is constant has no noise.
    """

    noise: float
    blur: float

    @property
    def record(self) -> dict[str, float]:
        """JSON record, on the scale of the options `denoise` and `sharpness`."""
        return {"denoise": round(self.noise / FULL_NOISE, 3), "sharpness": round(1 - self.blur, 3)}

    def applied(self, run: Run) -> Run:
        """A network with maps as a function of the image alone."""

        def enlarge(low: Float[np.ndarray, "y x"]) -> Float[np.ndarray, "sy sx"]:
            return run(np.stack([low, self.noise * varies(low), np.full_like(low, self.blur)]))

        return enlarge


def varies(low: Float[np.ndarray, "y x"]) -> Float[np.ndarray, "y x"]:
    """1 where the neighbourhood of a pixel has more than one value, 0 elsewhere."""
    side = 2 * MAP_RADIUS + 1
    return (maximum_filter(low, side, mode="nearest") > minimum_filter(low, side, mode="nearest")).astype(low.dtype)


def conditioning_for(image: Image, model: Model, options: InferenceOptions) -> Conditioning | None:
    """Conditioning maps of an image; None for a model without maps, `UsageError` if a strength was set for it."""
    asked = {name: share(name, getattr(options, name)) for name in ("denoise", "sharpness")}
    if not model.spec.maps:
        if given := [f"`{name}`" for name, value in asked.items() if value is not None]:
            raise UsageError(f"{model.name} takes no {' and no '.join(given)}: it was trained on one degradation. Leave it at auto.")
        return None
    to_network = network_range(image.pixels, image.info)
    planes = [to_network.enter(plane) for plane in looked_at(image)]
    noise = median(noise_level, planes) if asked["denoise"] is None else asked["denoise"] * FULL_NOISE
    blur = min(median(blur_level, planes), AUTO_BLUR) if asked["sharpness"] is None else 1 - asked["sharpness"]
    return Conditioning(min(noise, FULL_NOISE), blur)


def share(name: str, value: str | float) -> float | None:
    """A number from 0 to 1, or None for `auto`; raises `UsageError` for other values."""
    if value == AUTO:
        return None
    try:
        number = float(value)
    except ValueError:
        number = np.nan
    if not 0 <= number <= 1:
        raise UsageError(f"Expected auto or a number from 0 to 1 for `{name}`, found {value!r}.")
    return number


def looked_at(image: Image) -> list[np.ndarray]:
    """Evenly spaced slices of an image for the estimates."""
    slices = list(image.slices())
    positions = (np.arange(min(len(slices), LOOKED_AT)) + 0.5) / min(len(slices), LOOKED_AT)
    return [slices[int(position * len(slices))] for position in positions]


def median(estimate: Any, planes: list[np.ndarray]) -> float:
    """Median of an estimate over slices, including zeros for lack of pixels or contrast."""
    return float(np.median([estimate(plane) for plane in planes]))
