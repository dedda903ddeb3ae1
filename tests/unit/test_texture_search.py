"""TTSR's texture search and transfer: fast forms against the definition."""

import pytest
import torch

from live_memory import peak_bytes
from radloupe.networks.layers.coarse_search import coarse_search
from radloupe.networks.layers.texture_search import plain_search, search
from radloupe.networks.layers.texture_transfer import plain_transfer, transfer

SIZES = [((8, 6), (8, 6)), ((7, 5), (9, 11)), ((13, 17), (37, 41)), ((1, 1), (1, 1)), ((1, 3), (5, 1)), ((34, 3), (3, 33))]
ROUNDING = 1e-5  # cosines are sums of up to a few thousand float32 products


def features(*shape, seed=0, grad=False):
    """Noise of both signs: no other position is nearly as similar as the best one."""
    return torch.randn(2, 16, *shape, generator=torch.Generator().manual_seed(seed)).requires_grad_(grad)


def whole_numbers(*shape, seed=0):
    """Small whole numbers, whose products and sums float32 holds exactly: equal similarities are equal to the bit."""
    return torch.randint(0, 4, (1, 4, *shape), generator=torch.Generator().manual_seed(seed)).float()


@pytest.mark.parametrize(("size", "other"), SIZES)
@pytest.mark.parametrize("tile", [5, 32])
def test_streamed_search_finds_the_same_positions(size, other, tile):
    low, reference = features(*size), features(*other, seed=1)
    plain, fast = plain_search(low, reference), search(low, reference, tile)
    assert torch.equal(fast.position, plain.position)
    torch.testing.assert_close(fast.similarity, plain.similarity, atol=ROUNDING, rtol=0)


@pytest.mark.parametrize("tile", [3, 4, 32])
def test_of_equals_the_first_in_reading_order_is_taken(tile):
    low = whole_numbers(6, 7)
    reference = low.repeat(1, 1, 3, 3)  # inside, each patch is there nine times
    position = search(low, reference, tile).position[0]
    rows, columns = torch.meshgrid(torch.arange(6), torch.arange(7), indexing="ij")
    inside = (slice(1, -1), slice(1, -1))
    assert torch.equal(position[inside], (rows * 21 + columns)[inside])


def test_a_flat_reference_is_found_at_its_first_inner_position():
    found = search(torch.ones(1, 4, 9, 9), torch.ones(1, 4, 9, 9), 4)
    assert (found.position[0, 1:-1, 1:-1] == 10).all()  # row 1, column 1: the border's patches hold zeros
    assert (found.similarity[0, 1:-1, 1:-1] - 1).abs().max() < 1e-6  # rounding of one division


def test_an_image_finds_itself():
    low = features(11, 12)
    found = search(low, low)
    assert torch.equal(found.position, torch.arange(11 * 12).view(1, 11, 12).expand(2, -1, -1))
    torch.testing.assert_close(found.similarity, torch.ones(2, 11, 12), atol=ROUNDING, rtol=0)


def test_a_dark_image_is_similar_to_nothing():
    found = search(torch.zeros(1, 4, 5, 5), features(6, 6)[:1, :4])
    assert not found.similarity.any()
    assert not found.position.any()


def test_gradients_of_the_similarity_are_those_of_the_definition():
    gradients = []
    for find in (plain_search, search):
        low, reference = features(7, 9, grad=True), features(8, 5, seed=1, grad=True)
        find(low, reference).similarity.square().sum().backward()
        gradients.append((low.grad, reference.grad))
    for plain, fast in zip(*gradients, strict=True):
        torch.testing.assert_close(fast, plain, atol=ROUNDING, rtol=0)


def test_half_precision_is_searched_in_float32():
    low, reference = features(9, 9).bfloat16(), features(9, 9, seed=1).bfloat16()
    assert torch.equal(search(low, reference).position, plain_search(low.float(), reference.float()).position)


def test_memory_does_not_grow_with_the_pairs():
    def peak(side):
        low, reference = features(side, side)[:1], features(side, side, seed=1)[:1]
        return peak_bytes(lambda: search(low, reference, tile=8))

    assert peak(48) < 4 * (48 * 48) ** 2 / 20
    assert peak(48) < 4 * peak(24)  # four times the positions, and the block of products keeps its size


@pytest.mark.parametrize(("size", "other"), SIZES)
@pytest.mark.parametrize("factor", [1, 2, 4])
def test_transfer_equals_the_definition(size, other, factor):
    position = plain_search(features(*size), features(*other, seed=1)).position
    results = []
    for bring in (plain_transfer, transfer):
        texture = torch.randn(2, 3, other[0] * factor, other[1] * factor, generator=torch.Generator().manual_seed(2)).requires_grad_()
        brought = bring(texture, position, factor)
        (brought * torch.arange(brought.numel()).view_as(brought).sin()).sum().backward()
        results.append((brought, texture.grad))
    for plain, fast in zip(*results, strict=True):
        torch.testing.assert_close(fast, plain, atol=ROUNDING, rtol=ROUNDING)


@pytest.mark.parametrize(("size", "other"), SIZES)
@pytest.mark.parametrize("factor", [2, 4])
def test_coarse_search_returns_the_similarity_of_its_positions(size, other, factor):
    low, reference = features(*size), features(*other, seed=1)
    exact, coarse = plain_search(low, reference), coarse_search(low, reference, factor)
    assert coarse.position.min() >= 0
    assert coarse.position.max() < other[0] * other[1]
    assert (coarse.similarity <= exact.similarity + ROUNDING).all()
    same = coarse.position == exact.position
    torch.testing.assert_close(coarse.similarity[same], exact.similarity[same], atol=ROUNDING, rtol=0)
    low.requires_grad_()
    torch.testing.assert_close(coarse_search(low, reference, factor).similarity, coarse.similarity, atol=ROUNDING, rtol=0)


def test_coarse_search_finds_a_moved_image():
    scene = torch.nn.functional.avg_pool2d(features(48, 56), 5, 1)
    low, reference = scene[..., 8:40, 4:36], scene
    coarse, exact = coarse_search(low, reference, 2), plain_search(low, reference)
    assert (coarse.position == exact.position)[:, 2:-2, 2:-2].double().mean() > 0.95  # smooth images keep their meaning when pooled
