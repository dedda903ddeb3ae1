"""The transform-domain MRI network: its ways, its constraint and its switches."""

import pytest
import torch

from radloupe.core.errors import InputError
from radloupe.networks.architectures.transform_mri import SMALL, TransformMRI, low_branch_radius, soft
from radloupe.networks.registry import NETWORKS


def small(scale=2, **settings):
    torch.manual_seed(0)
    return TransformMRI(scale, **(SMALL | settings)).eval()


def test_soft_threshold():
    values = torch.tensor([-2.0, -0.5, 0.0, 0.5, 2.0]).view(1, 1, 1, 5)
    assert torch.equal(soft(values, torch.zeros(1)), values)
    assert soft(values, torch.tensor([0.75])).flatten().tolist() == [-1.25, 0, 0, 0, 1.25]


def test_thresholds_are_one_for_a_module_or_one_for_a_channel():
    assert small().low[0].threshold.tolist() == pytest.approx([0.01])
    assert small(threshold="channel").low[0].threshold.shape == (8,)


def test_a_positive_threshold_never_amplifies():
    network = small(positive=True)
    features = torch.randn(1, 8, 6, 6)
    with torch.no_grad():
        shrunk = network.low[0](features)
        network.low[0].threshold.neg_()
        assert torch.equal(network.low[0](features), shrunk)


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_parts_hold_the_image_and_a_pair_for_each_module(scale):
    network, low = small(scale), torch.rand(1, 1, 5, 7)
    parts = network.parts(low)
    assert torch.allclose(parts.image, network(low), atol=1e-6)  # the same sums
    assert [one.shape[-1] for one in parts.lifted] == [7 * 2**level for level in range(1, len(parts.lifted) + 1)]
    assert [a.shape == b.shape for a, b in zip(parts.lifted, parts.returned, strict=True)] == [True] * (scale.bit_length() - 1)


def test_without_threshold_the_low_branch_is_what_the_constraint_compares():
    network, low = small(branches="low"), torch.rand(1, 1, 6, 6)
    network.low[0].threshold.data.zero_()
    parts = network.parts(low)
    assert torch.equal(network.tail(parts.returned[0]), parts.image)


def test_both_branches_are_the_sum_of_each():
    network, features = small(), torch.randn(1, 16, 8, 8)
    with torch.no_grad():
        both = network.doubled(0, features)
        apart = network.low[0](network.low[0].lift(features)) + network.high[0](features)
    assert torch.equal(both, apart)


def test_ablations_leave_out_a_branch():
    assert len(NETWORKS["transform-mri-low"](4, **SMALL).high) == 0
    assert len(NETWORKS["transform-mri-high"](4, **SMALL).low) == 0
    assert small(branches="high").parts(torch.rand(1, 1, 8, 8)).lifted == []


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_receptive_field_of_the_convolutional_ablation_is_exact(scale):
    network = small(scale, branches="low", norm="batch").double()
    for direction in network.low:
        direction.threshold.data.zero_()  # lets the small values of random weights pass
    radius = network.spec.receptive_field_radius
    assert radius == low_branch_radius(scale.bit_length() - 1)
    side = 2 * radius + 5
    low = torch.rand(1, 1, side, side, dtype=torch.float64)
    changed = low.clone()
    changed[..., radius + 2, radius + 2] += 1
    with torch.no_grad():
        touched = (network(low) != network(changed)).nonzero()[:, 2:] // scale - (radius + 2)
    assert touched.abs().max() == radius


def test_a_residual_is_the_bicubic_image():
    network, low = small(residual=True, channels=2), torch.rand(2, 2, 6, 5)
    for parameter in network.tail.parameters():
        parameter.data.zero_()
    flat = torch.full_like(low, 0.3)
    with torch.no_grad():
        assert torch.allclose(network(flat), torch.full((2, 2, 12, 10), 0.3), atol=1e-6)  # weights sum to 1 in float32
        assert torch.equal(network(low)[0, 1], network(low[:, [1, 0]])[0, 0])


def test_more_channels_than_built_for_are_named():
    with pytest.raises(InputError, match="channel = 1"):
        small()(torch.rand(1, 3, 8, 8))
