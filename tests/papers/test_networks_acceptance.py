"""Facts of the papers' networks that one can work out by hand."""

import pytest
import torch
from torch import nn

from radloupe.core.errors import InputError
from radloupe.networks.architectures.transform_mri import Low
from radloupe.networks.facts import multiply_adds, skeleton
from radloupe.networks.registry import NETWORKS, PARTS


def identities(convolution):
    """Make a convolution pass its input."""
    nn.init.dirac_(convolution.weight)


def test_a_transform_of_identities_is_undone_exactly():
    low = NETWORKS["transform-mri-low"](2, **NETWORKS["transform-mri"].small).low[0]
    assert isinstance(low, Low)
    with torch.no_grad():
        for module in (low.forth, low.back):
            for number, layer in enumerate(module):
                if isinstance(layer, nn.Conv2d):
                    identities(layer)
                elif isinstance(layer, nn.GELU):
                    module[number] = nn.Identity()
        lifted = torch.randn(2, low.forth[0].in_channels, 6, 7)
        assert torch.equal(low.back(low.forth(lifted)), lifted)


@pytest.mark.parametrize("name", ["aid-srgan", "aid-srgan-plus", "psrgan"])
def test_the_distilling_networks_take_13_pixels_and_no_fewer(name):
    network = NETWORKS[name](2, **NETWORKS[name].small).eval()
    assert network(torch.rand(1, 3, 13, 13)).shape == (1, 3, 26, 26)
    with pytest.raises(InputError, match="13"):
        network(torch.rand(1, 3, 12, 13))


def test_their_discriminator_takes_96_pixels_alone():
    with torch.device("meta"):
        judge = PARTS["vgg96-discriminator"]()
        assert judge(torch.rand(2, 3, 96, 96)).shape == (2, 1)
        for side in (95, 97):
            with pytest.raises(InputError, match="96"):
                judge(torch.rand(1, 3, side, side))


@pytest.mark.parametrize("name", ["edsr-baseline", "rcan"])
@pytest.mark.parametrize(("channels", "shifts"), [(1, 0), (3, 4)])
def test_only_colour_networks_shift_the_mean(name, channels, shifts):
    with torch.device("meta"):
        network = NETWORKS[name](2, **NETWORKS[name].small, channels=channels)
    assert len([key for key in network.state_dict() if "mean" in key]) == shifts


def test_multiplications_of_edsr_by_hand():
    body = 33 * 64 * 64 * 9  # two in each of 16 blocks, and one after them
    ups = 64 * 256 * 9 * (1 + 4)  # at the low size and at twice of it
    ends = 3 * 64 * 9 * (1 + 16) + 9 * (1 + 16)  # first and last convolution, and both shifts of the mean
    assert multiply_adds(skeleton(NETWORKS["edsr-baseline"], 4)) == (body + ups + ends) / 16


def test_multiplications_of_swinir_by_hand():
    block = (3 + 1 + 2 + 2) * 180**2 + 2 * 64 * 180  # query, key, value; mixing; MLP; scores with 64 others and their sum
    convolutions = 180**2 * 9 * 7 + 3 * 180 * 9 + 180 * 64 * 9  # after each of six groups and after all; first; before enlarging
    ups, last = 64 * 256 * 9 * (1 + 4), 16 * 64 * 3 * 9
    assert multiply_adds(skeleton(NETWORKS["swinir"], 4)) == (36 * block + convolutions + ups + last) / 16
