"""Swin attention in windows, against plain definitions."""

import pytest
import torch

from radloupe.networks.architectures.swinir import SwinIR
from radloupe.networks.layers import swin
from radloupe.networks.layers.swin import (
    Block,
    Body,
    WindowAttention,
    from_windows,
    mirrored,
    pairs,
    plain_attention,
    shift_mask,
    to_windows,
)


@pytest.mark.parametrize(("batch", "size"), [(1, (8, 8)), (2, (12, 4)), (3, (4, 20))])
@pytest.mark.parametrize("shifted", [False, True])
def test_fused_attention_equals_the_plain_one(batch, size, shifted, monkeypatch):
    torch.manual_seed(0)
    block = Block(12, 2, 4, 2.0, shifted)
    torch.nn.init.normal_(block.attention.bias)
    tokens = torch.randn(batch, *size, 12)
    fused = block(tokens, shift_mask(tokens, 4))
    monkeypatch.setattr(swin.F, "scaled_dot_product_attention", plain_attention)
    assert torch.allclose(fused, block(tokens, shift_mask(tokens, 4)), atol=1e-5)  # float32 sums of 16 products


def test_windows_come_back():
    tokens = torch.randn(2, 8, 12, 3)
    assert torch.equal(from_windows(to_windows(tokens, 4), tokens.shape, 4), tokens)
    assert torch.equal(to_windows(tokens, 4)[1], tokens[0, :4, 4:8].reshape(16, 3))


def test_equal_distances_share_a_bias():
    table, side = pairs(3), 3
    distance = {}
    for a in range(side**2):
        for b in range(side**2):
            apart = (a // side - b // side, a % side - b % side)
            assert distance.setdefault(apart, int(table[a, b])) == table[a, b]
    assert sorted(distance.values()) == list(range(25))


def test_a_shift_joins_no_opposite_borders():
    block, tokens = Block(4, 1, 4, 2.0, True), torch.randn(1, 8, 8, 4, requires_grad=True)
    block(tokens, shift_mask(tokens, 4))[0, 0, 0].sum().backward()
    touched = tokens.grad[0].abs().sum(-1)
    assert touched[:2, :2].all()
    assert not touched[2:].any()
    assert not touched[:, 2:].any()


def test_a_mask_is_the_same_for_every_image_of_a_batch():
    torch.manual_seed(0)
    attention, tokens = WindowAttention(4, 2, 4), torch.randn(1, 8, 8, 4)
    windows, mask = to_windows(tokens, 4), shift_mask(tokens, 4)
    both = attention(to_windows(torch.cat([tokens, tokens]), 4), mask)
    assert torch.allclose(both, attention(windows, mask).repeat(2, 1, 1), atol=1e-6)  # the same sums in larger blocks


@pytest.mark.parametrize(("n", "line"), [(1, [0] * 4), (2, [0, 1, 0, 1]), (3, [0, 1, 2, 1]), (5, [0, 1, 2, 3, 4, 3, 2, 1])])
def test_images_go_on_mirrored(n, line):
    image = torch.arange(n, dtype=torch.float32).expand(1, 1, 4, n)
    assert mirrored(image, 4)[0, 0, 0].tolist() == line


def test_branches_are_left_out_in_training_alone():
    torch.manual_seed(0)
    body, features = Body(8, (2, 2), 2, 4, drop=0.9), torch.randn(4, 8, 8, 8)
    assert not torch.equal(body(features), body(features))
    body.eval()
    assert torch.equal(body(features), body(features))


def test_a_multiple_of_the_window_is_a_part_of_its_mirrored_continuation():
    torch.manual_seed(0)
    network = SwinIR(2, width=8, depths=(2,), heads=2, side=4).eval()
    low = torch.rand(1, 3, 7, 5)
    with torch.no_grad():
        assert torch.allclose(network(low), network(mirrored(low, 4))[..., :14, :10], atol=1e-6)  # the same sums
