"""Tiled inference on tensors: exact where the receptive field is known, seamless where it is not."""

import pytest
import torch
from torch import nn

from radloupe.core.errors import UsageError
from radloupe.inference import TiledInferer
from radloupe.networks import create_network

LOW = torch.rand(2, 1, 75, 90, generator=torch.Generator().manual_seed(0))


class Plain(nn.Module):
    """A network as others write it: no spec, three channels, a further input."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def forward(self, images, offset, gain=1.0):
        self.sizes.append(tuple(images.shape[-2:]))
        return images.repeat_interleave(3, -1).repeat_interleave(3, -2) * gain + offset


@pytest.mark.parametrize("name", ["loupe", "edsr-baseline", "srresnet"])
def test_tiles_with_a_known_receptive_field_equal_the_whole_image(name):
    network = create_network(name, 2).eval()
    images = LOW.expand(-1, network.spec.channels, -1, -1)
    with torch.no_grad():
        whole, tiled = network(images), TiledInferer(tile=40)(images, network)
    # convolutions of other sizes sum in another order: float32 rounding, a thousandth of a 12-bit grey level of the output's range
    assert (tiled - whole).abs().max() < 1e-5 * max(1.0, float(whole.abs().max()))


def test_a_network_without_a_spec_is_measured_and_blended():
    network = Plain()
    output = TiledInferer(tile=32)(LOW.expand(-1, 3, -1, -1), network, 0.5, gain=2.0)
    assert max(max(size) for size in network.sizes) == 32
    # the weights of overlapping tiles add to one within float32 rounding
    torch.testing.assert_close(output, Plain()(LOW.expand(-1, 3, -1, -1), 0.5, 2.0), rtol=0, atol=1e-6)


def test_a_given_receptive_field_replaces_blending_by_a_halo():
    network = Plain()
    output = TiledInferer(tile=32, receptive_field_radius=1)(LOW, network, 0.0)
    assert torch.equal(output, Plain()(LOW, 0.0))  # pixels are copied, and weights are exactly one
    assert max(max(size) for size in network.sizes[1:]) <= 32 + 2  # the first call measures the scale


@pytest.mark.parametrize("images", [LOW[0], LOW[None]])
def test_other_axes_are_refused_with_their_number(images):
    with pytest.raises(UsageError, match=f"found {images.ndim} axes"):
        TiledInferer()(images, Plain(), 0.0)


def test_a_network_of_no_whole_scale_is_refused():
    with pytest.raises(UsageError, match="found 37x37"):
        TiledInferer(tile=64)(LOW[..., :64, :64], lambda images: images[..., :37, :37])
