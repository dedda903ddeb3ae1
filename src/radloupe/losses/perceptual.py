"""Perceptual loss: distance of VGG19 features, with the layer and input range of each paper."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from radloupe.losses.loss import Batch, Loss, Value, chosen, in_float32
from radloupe.losses.pixel import l1, mse

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's RGB channels, 0 to 1
Colour = Float[Tensor, "batch 3 y x"]
DISTANCES = {"mse": mse, "l1": l1}


@dataclass(frozen=True)
class Perception:
    """A paper's perceptual loss: layer, input and distance."""

    layer: int
    """Index of the last layer of VGG19's `features`: 29 is relu5_1, 30 conv5_2, 34 conv5_4 and 35 relu5_4."""
    normalised: bool
    """Whether the input is normalised by ImageNet's mean and standard deviation."""
    distance: Literal["mse", "l1"]


PERCEPTIONS: Mapping[str, Perception] = {
    "ttsr": Perception(29, normalised=True, distance="mse"),
    "xpgan": Perception(30, normalised=False, distance="mse"),
    "aid": Perception(34, normalised=True, distance="l1"),
    "srgan": Perception(35, normalised=True, distance="mse"),
}


@in_float32
def perceptual(
    image: Batch, truth: Batch, features: Callable[[Tensor], Tensor], like: str = "ttsr", value_range: tuple[float, float] = (0.0, 1.0)
) -> Value:
    """Perceptual loss: distance of the VGG19 features of an image and of the truth, as in the paper `like`, a row of `PERCEPTIONS`.

    `features` is the frozen network up to that layer: (batch 3 y x) to feature maps. `value_range` holds the images' lowest and highest
    values; a single channel is repeated to three. The truth's features are computed without gradients. Raises `UsageError` for an
    unknown paper.

    >>> import torch
    >>> from radloupe.losses.perceptual import perceptual
    >>> image = torch.rand(1, 1, 8, 8)
    >>> perceptual(image, image, features=torch.nn.Conv2d(3, 4, 3)).item()
    0.0
    """
    perception = chosen("layer, as in the paper", like, PERCEPTIONS)
    with torch.no_grad():
        target = features(network_input(truth, perception, value_range))
    return DISTANCES[perception.distance](features(network_input(image, perception, value_range)), target)


def network_input(image: Batch, perception: Perception, value_range: tuple[float, float]) -> Colour:
    """Input of the feature network: three channels from 0 to 1, normalised where the paper does so."""
    low, high = value_range
    colour = ((image - low) / (high - low)).expand(-1, 3, -1, -1)
    if not perception.normalised:
        return colour
    mean, deviation = (colour.new_tensor(three)[:, None, None] for three in (MEAN, DEVIATION))
    return (colour - mean) / deviation


PERCEPTUAL = Loss(perceptual, "features")
