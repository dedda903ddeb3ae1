"""PatchGAN: a score for each overlapping patch of an image (Isola et al., CVPR 2017; Zhu et al., ICCV 2017, appendix)."""

from jaxtyping import Float
from torch import Tensor, nn

from radloupe.networks.check import check_patch

SLOPE = 0.2


def normed(before: int, after: int, stride: int) -> list[nn.Module]:
    """A 4x4 convolution with instance normalisation and rectifier."""
    return [nn.Conv2d(before, after, 4, stride, 1), nn.InstanceNorm2d(after), nn.LeakyReLU(SLOPE)]


class PatchGAN(nn.Module):
    """PatchGAN discriminator (Isola et al., CVPR 2017, section 3.2.2): `batch channels y x` to a logit for each overlapping patch.

    `layers` is the number of inner convolutions: of 32 x 32 pixels 3 leave 2 x 2 logits, 2 leave 6 x 6 and 1 leaves 14 x 14. Tensors have
    the released names.
    """

    def __init__(self, channels: int = 1, layers: int = 3, width: int = 64) -> None:
        super().__init__()
        self.channels = channels
        widths = [width * min(2**n, 8) for n in range(layers + 1)]
        inside = [layer for n in range(layers) for layer in normed(widths[n], widths[n + 1], 1 if n == layers - 1 else 2)]
        first = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(SLOPE)]
        self.model = nn.Sequential(*first, *inside, nn.Conv2d(widths[-1], 1, 4, 1, 1))

    def forward(self, image: Float[Tensor, "b c y x"]) -> Float[Tensor, "b 1 v u"]:
        """The logits. Raises `InputError` for other channels."""
        check_patch(image, self.channels)
        return self.model(image)
