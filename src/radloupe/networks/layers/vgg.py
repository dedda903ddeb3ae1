"""VGG-19's features, for perceptual losses and texture extractors (Simonyan and Zisserman, ICLR 2015)."""

from pathlib import Path

from jaxtyping import Float
from torch import Tensor, nn

from radloupe.core import files
from radloupe.core.errors import InputError, UsageError, WeightsError
from radloupe.networks.checkpoints.foreign import read
from radloupe.networks.layers.blocks import MeanShift, conv

WIDTHS = (64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512, 512, 512, 512, 0)  # 0 is a pooling
IMAGENET_MEAN = (0.485, 0.456, 0.406)  # of ImageNet's training images in 0..1, red green blue (torchvision's weights expect them)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
CONV5_4 = 34  # without its ReLU: the perceptual layer of ESRGAN, SPSR and AID-SRGAN; XPGAN takes 30, TTSR 29


def layers(width: int = 64) -> list[nn.Module]:
    """Convolutions each with a ReLU, and poolings, in torchvision's order and numbers; `width` is the first layer's."""
    made: list[nn.Module] = []
    before = 3
    for standard in WIDTHS:
        after = standard * width // 64
        made += [conv(before, after), nn.ReLU(inplace=True)] if standard else [nn.MaxPool2d(2, 2)]
        before = after or before
    return made


class VGG19(nn.Module):
    """The features up to a layer of images in 0..1; grey images enter as three equal channels.

    `sha256` is of the weights' file, empty where they are random.
    """

    def __init__(self, last: int, normalise: bool, width: int) -> None:
        super().__init__()
        every = layers(width)
        if not 0 <= last < len(every):
            raise UsageError(f"Expected a layer of VGG-19 from 0 to {len(every) - 1}, found {last}.")
        self.normalise = MeanShift(IMAGENET_MEAN, IMAGENET_DEVIATION) if normalise else nn.Identity()
        self.features = nn.Sequential(*every[: last + 1])
        self.sha256 = ""

    def forward(self, image: Float[Tensor, "b c y x"]) -> Float[Tensor, "b features fy fx"]:
        """The features of that layer."""
        if image.shape[1] not in (1, 3):
            raise InputError(f"VGG-19 expects images of 1 or 3 channels, found {image.shape[1]}.")
        return self.features(self.normalise(image.expand(-1, 3, -1, -1)))


def vgg19(
    last: int = CONV5_4, weights: str | Path | None = None, normalise: bool = True, trainable: bool = False, width: int = 64
) -> VGG19:
    """The features up to and with layer `last` (torchvision's number; a ReLU follows its convolution by one).

    `weights` is a local file in torchvision's layout (.safetensors, or .pth as PyTorch saves it); without it they are random, which is for
    training only. Raises `WeightsError` for a file that is missing, damaged or of another layout.
    """
    network = VGG19(last, normalise, width)
    if weights is not None:
        path = Path(weights)
        own = network.features.state_dict()
        try:
            tensors = read(path)
            network.features.load_state_dict({key: tensors[f"features.{key}"] for key in own})
        except (KeyError, RuntimeError, TypeError) as error:
            raise WeightsError(f"The weights {path} are not VGG-19's in torchvision's layout (features.0.weight ...): {error}.") from error
        network.sha256 = files.sha256(path)
    return network.requires_grad_(trainable)
