"""Learned perceptual image patch similarity (LPIPS 0.1), with weights from a local folder.

Weights are one safetensors file a network (`lpips-alex.safetensors`, `lpips-vgg.safetensors`) with torchvision's names for the trunk,
`features.0.weight` and so on, and LPIPS's names for the channel weights of the five layers, `lin0.model.1.weight` to `lin4`.
Source: Zhang et al., CVPR 2018, equation 1; its released version 0.1.
"""

import math
from functools import partial
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float32, Float64
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.core.errors import WeightsError
from radloupe.metrics.metric import Metric, Stack, Values, per_image

SHIFT, SPREAD = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # of red, green, blue: released version 0.1
TINY = 1e-10  # released version 0.1
SMALLEST = 31  # the side that AlexNet's three reductions need


class Trunk(nn.Module):
    """Convolutional trunk with five feature layers, and a weight for each of their channels."""

    def __init__(self, layers: list[nn.Module], taps: dict[int, int]) -> None:
        """From all layers, and the indices of the feature layers with their channels."""
        super().__init__()
        self.features, self.taps = nn.Sequential(*layers), taps
        for number, channels in enumerate(taps.values()):
            self.add_module(f"lin{number}", nn.ModuleDict({"model": nn.ModuleDict({"1": nn.Conv2d(channels, 1, 1, bias=False)})}))

    def weigh(self, number: int, difference: Tensor) -> Tensor:
        """The weighted sum over the channels of a layer."""
        return F.conv2d(difference, self.get_parameter(f"lin{number}.model.1.weight").double())

    def forward(self, images: Float32[Tensor, "image 3 y x"]) -> list[Float64[Tensor, "image channel y2 x2"]]:
        """Features of the five layers, unit-normalised over channels at each pixel."""
        layers = []
        for number, layer in enumerate(self.features):
            images = layer(images)
            if number in self.taps:
                wide = images.double()
                layers.append(wide / (wide.square().sum(1, keepdim=True).sqrt() + TINY))
        return layers


def alex() -> Trunk:
    """AlexNet (the one of torchvision), read after each of its five ReLU."""
    pool = nn.MaxPool2d(3, 2)
    layers: list[nn.Module] = [
        *(nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), pool),
        *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), pool),
        *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU()),
    ]
    return Trunk(layers, {1: 64, 4: 192, 7: 384, 9: 256, 11: 256})


def vgg() -> Trunk:
    """VGG16, read after the last ReLU before each reduction and at the end."""
    layers: list[nn.Module] = []
    channels, taps = 3, {}
    for width, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        layers += [nn.MaxPool2d(2)] if layers else []
        for _ in range(count):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
        taps[len(layers) - 1] = width
    return Trunk(layers, taps)


TRUNKS = {"alex": alex, "vgg": vgg}


def weights_name(network: str) -> str:
    """The file that holds the weights of a network."""
    return f"lpips-{network}.safetensors"


def load_trunk(network: str, folder: Path | None) -> Trunk:
    """A network with its weights; raises `WeightsError` for missing, damaged or unfitting ones."""
    if folder is None:
        raise WeightsError(f"LPIPS needs {weights_name(network)}, and no folder of weights was named. Name one as `weights`.")
    path, trunk = folder / weights_name(network), TRUNKS[network]()
    try:
        tensors = load_file(path)
        trunk.load_state_dict({key: tensors[key] for key in trunk.state_dict()})
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise WeightsError(f"LPIPS cannot use {path}: {error}. docs/metrics.md says how to make it.") from error
    return trunk.float().eval().requires_grad_(False)


@per_image
def lpips(image: Stack, truth: Stack, span: float, trunk: Trunk) -> Values:
    """Learned perceptual distance of grey images from 0 to `span`; NaN for sides below 31 pixels.

    Grey is copied to three channels and mapped to -1..1. Differences of the layers' unit channels are squared, weighted, averaged over
    the image and added. The network works in float32, as it was trained; distances are accumulated in float64.

    >>> truth = torch.rand(1, 1, 32, 32)
    >>> lpips(truth, truth, span=1.0, trunk=TRUNKS["alex"]()).tolist()  # of untrained weights, too
    [[0.0]]
    """
    if min(image.shape[-2:]) < SMALLEST:
        return torch.full((len(image),), math.nan, dtype=torch.float64, device=image.device)
    shift, spread = (torch.tensor(c, device=image.device).view(1, 3, 1, 1) for c in (SHIFT, SPREAD))
    ours, theirs = (trunk(((one[:, None] * (2 / span) - 1).float() - shift) / spread) for one in (image, truth))
    layers = enumerate(zip(ours, theirs, strict=True))
    return torch.stack([trunk.weigh(number, (a - b).square()).mean((1, 2, 3)) for number, (a, b) in layers]).sum(0)


def lpips_from(folder: Path | None, network: str) -> Any:
    """`lpips` with the weights of a folder."""
    return partial(lpips, trunk=load_trunk(network, folder))


LPIPS_ALEX, LPIPS_VGG = (
    Metric(partial(lpips_from, network=name), identical=0.0, symmetric=True, weights=weights_name(name)) for name in TRUNKS
)
