"""Implicit functions: the fast forms give what the published form gives, at every place."""

import pytest
import torch

from live_memory import peak_bytes
from radloupe.networks.architectures.arbitrary_scale import ENCODERS
from radloupe.networks.architectures.liif import LIIF, LIIFDecoder
from radloupe.networks.architectures.lte import LTE, LTEDecoder
from radloupe.networks.layers import implicit
from radloupe.networks.layers.implicit import centres, enlarge, mlp, neighbours, plain_query, query

CLOSE = 1e-5  # of values near 1: float32 sums of 16 to 144 products in another order
HEADS = {"liif": lambda: LIIFDecoder(16, 3, mlp(*[32] * 4), 32), "lte": lambda: LTEDecoder(16, 3, 32)}
SIZES = [(8, 6), (9, 5), (11, 7), (1, 13), (2, 1)]
INNER = ENCODERS["edsr"].small


def asked(features, scale):
    y, x = features.shape[2:]
    positions = centres((scale * y, scale * x), features).expand(len(features), -1, -1)
    return positions, torch.tensor([2 / (scale * y), 2 / (scale * x)]).expand_as(positions)


def image(values, features, scale):
    return values.mT.unflatten(-1, [scale * n for n in features.shape[2:]])


@pytest.fixture(params=HEADS)
def head(request):
    torch.manual_seed(0)
    return HEADS[request.param]()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", [2, 3, 4, 5, 8])
def test_phases_and_chunks_equal_the_published_form(head, size, scale, monkeypatch):
    monkeypatch.setattr(implicit, "CHUNK", 7)  # several strips and chunks, the last one shorter
    features = torch.randn(2, 16, *size)
    positions, cell = asked(features, scale)
    plain = image(plain_query(head, features, positions, cell), features, scale)
    assert torch.allclose(enlarge(head, head.codes(features), scale, 2 / scale), plain, atol=CLOSE)
    assert torch.allclose(image(query(head, head.codes(features), positions, cell), features, scale), plain, atol=CLOSE)


def test_any_position_and_cell_equal_the_published_form(head):
    features = torch.randn(2, 16, 9, 7)
    positions, cell = torch.rand(2, 301, 2) * 2 - 1, torch.rand(2, 301, 2)
    assert torch.allclose(query(head, head.codes(features), positions, cell), plain_query(head, features, positions, cell), atol=CLOSE)


def test_gradients_of_the_fast_form_equal_the_published_ones(head):
    features = torch.randn(1, 16, 6, 5, requires_grad=True)
    positions, cell = asked(features, 2)
    wanted = torch.autograd.grad(plain_query(head, features, positions, cell).square().sum(), [features, *head.parameters()])
    found = torch.autograd.grad(enlarge(head, head.codes(features), 2, 1.0).square().sum(), [features, *head.parameters()])
    for ours, plain in zip(found, wanted, strict=True):
        assert torch.allclose(ours, plain, atol=1e-4 * plain.abs().max())  # sums over 120 positions in another order


def test_doubling_has_the_offsets_and_weights_of_the_papers_geometry():
    (near, far), (first, second) = (neighbours(2, phase, torch.zeros(3)) for phase in (0, 1))
    assert [near[:2], far[:2], first[:2], second[:2]] == [(0, -0.5), (-1, 1.5), (0, 0.5), (1, -1.5)]
    assert near[2].tolist() == [1, 0.75, 0.75]
    assert second[2].tolist() == [0.25, 0.25, 0]


def test_a_longer_query_takes_no_more_memory_for_its_activations(head):
    codes = head.codes(torch.randn(1, 16, 8, 8))

    def beyond(count):
        positions = torch.zeros(1, count, 2)
        return peak_bytes(lambda: query(head, codes, positions, positions)) / count

    result = 4 * (2 * 3 + 2)  # bytes a place: values, joined, and scaled cells
    assert beyond(64 * implicit.CHUNK) < 2 * result + beyond(implicit.CHUNK) / 8


@pytest.mark.parametrize("build", [LIIF, LTE])
def test_at_the_pixels_of_the_large_image_at_and_forward_agree(build):
    torch.manual_seed(0)
    network = build(3, width=16, inner=INNER)
    low = torch.rand(1, 3, 7, 5)
    with torch.no_grad():
        assert torch.allclose(image(network.at(low, *asked(low, 3)), low, 3), network(low), atol=CLOSE)


def test_beyond_the_trained_scales_lte_gets_the_cell_of_the_largest_trained_scale():
    torch.manual_seed(0)
    network = LTE(8, width=16, inner=INNER)
    low = torch.rand(1, 3, 4, 4)
    positions, cell = asked(low, 8)
    with torch.no_grad():
        assert torch.allclose(image(network.at(low, positions, 2 * cell), low, 8), network(low), atol=CLOSE)
        assert not torch.allclose(image(network.at(low, positions, cell), low, 8), network(low), atol=CLOSE)
