"""TTSR's learnable texture extractor: the first five convolutions of VGG19, fine-tuned (Yang et al., CVPR 2020, section 3.1)."""

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.layers.blocks import MeanShift, conv

IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
VGG19 = {"0": "levels.0.0", "2": "levels.1.0", "5": "levels.1.3", "7": "levels.2.0", "10": "levels.2.3"}
"""Layers of the extractor by those of torchvision's `vgg19().features`."""


def level(before: int, after: int) -> nn.Sequential:
    """Layers from one level to the next, which halve the size."""
    return nn.Sequential(conv(before, before), nn.ReLU(inplace=True), nn.MaxPool2d(2), conv(before, after), nn.ReLU(inplace=True))


class TextureExtractor(nn.Module):
    """Features of an image in -1..1 at its full, half and quarter size, with `width`, twice and four times as many channels.

    One-channel images are repeated to three channels, so that weights trained on colour images fit.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.sub_mean = MeanShift(IMAGENET_MEAN, IMAGENET_DEVIATION)
        self.levels = nn.ModuleList(
            [nn.Sequential(conv(3, width), nn.ReLU(inplace=True)), level(width, 2 * width), level(2 * width, 4 * width)]
        )
        for layer in self.levels.modules():
            if isinstance(layer, nn.Conv2d):
                start_from_contrast(layer)

    def forward(self, image: Float[Tensor, "b c y x"]) -> list[Float[Tensor, "b _d _v _u"]]:
        """The three levels, fine to coarse."""
        features = self.sub_mean((image.expand(-1, 3, -1, -1) + 1) / 2)
        found = []
        for layers in self.levels:
            features = layers(features)
            found.append(features)
        return found


@torch.no_grad()
def start_from_contrast(layer: nn.Conv2d) -> None:
    """Initialise with orthogonal kernels whose weights sum to zero, and no bias: features of differences, which vary over an image.

    With PyTorch's default initialisation features depend mainly on the mean brightness: all positions of a radiograph have nearly the same
    features, and the texture search finds no correspondence.
    """
    nn.init.orthogonal_(layer.weight, math.sqrt(2))
    layer.weight -= layer.weight.mean((1, 2, 3), keepdim=True)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def start_from_vgg19(extractor: TextureExtractor, weights: Mapping[str, Tensor]) -> None:
    """Copy ImageNet weights (keys `features.0.weight` and so on; others are ignored) into an extractor of full width."""
    kinds = ("weight", "bias")
    extractor.load_state_dict(
        {f"{our}.{kind}": weights[f"features.{n}.{kind}"] for n, our in VGG19.items() for kind in kinds}, strict=False
    )
