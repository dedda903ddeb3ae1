"""The discriminators of ESRGAN (128 pixels) and of KAIR and AID-SRGAN (96 pixels): VGG's shape, batch normalisation, two dense layers."""

from jaxtyping import Float
from torch import Tensor, nn

from radloupe.core.errors import InputError
from radloupe.networks.layers.blocks import conv

SLOPE = 0.2
HALVINGS = 5


def layers(channels_in: int, channels_out: int, halve: bool, momentum: float, epsilon: float) -> list[nn.Module]:
    """Convolution, batch normalisation and activation; `halve` has a window of 4 and a stride of 2."""
    convolution = nn.Conv2d(channels_in, channels_out, 4, 2, 1) if halve else conv(channels_in, channels_out)
    return [convolution, nn.BatchNorm2d(channels_out, epsilon, momentum), nn.LeakyReLU(SLOPE, inplace=True)]


class VGGDiscriminator(nn.Module):
    """VGG-style discriminator with batch normalisation (ESRGAN, Wang et al., 2018): `batch channels side side` to logits `batch 1`."""

    def __init__(self, side: int, channels: int, width: int, first_active: bool, momentum: float, epsilon: float) -> None:
        super().__init__()
        self.side, self.channels = side, channels
        widths = [width * min(2**n, 8) for n in range(HALVINGS)]
        body: list[nn.Module] = [conv(channels, width)] + [nn.LeakyReLU(SLOPE, inplace=True)] * first_active
        for before, after in zip([None, *widths], widths, strict=False):
            if before:
                body += layers(before, after, False, momentum, epsilon)
            body += layers(after, after, True, momentum, epsilon)
        self.features = nn.Sequential(*body)
        inputs = widths[-1] * (side >> HALVINGS) ** 2
        self.classifier = nn.Sequential(nn.Linear(inputs, 100), nn.LeakyReLU(SLOPE, inplace=True), nn.Linear(100, 1))

    def forward(self, image: Float[Tensor, "b c y x"]) -> Float[Tensor, "b 1"]:
        """The logits; raises `InputError` for another size or number of channels."""
        expected = (self.channels, self.side, self.side)
        if image.shape[1:] != expected:
            raise InputError(
                f"The discriminator expects images of (channel, y, x) = {expected}, found {tuple(image.shape[1:])}. Crop them."
            )
        return self.classifier(self.features(image).flatten(1))


def vgg96(channels: int = 3, width: int = 64, first_active: bool = False, momentum: float = 0.9, epsilon: float = 1e-4) -> VGGDiscriminator:
    """For high images of 96 pixels; AID-SRGAN's normalisation, and no activation after the first layer, are the released code's."""
    return VGGDiscriminator(96, channels, width, first_active, momentum, epsilon)


def vgg128(channels: int = 3, width: int = 64, first_active: bool = True, momentum: float = 0.1, epsilon: float = 1e-5) -> VGGDiscriminator:
    """For high images of 128 pixels (ESRGAN, SPSR)."""
    return VGGDiscriminator(128, channels, width, first_active, momentum, epsilon)
