"""ArSSR: features between codes, and where the decoder is told it is."""

import pytest
import torch
from torch.nn import functional as F

from radloupe.networks.architectures.arssr import ArSSR
from radloupe.networks.layers.implicit import centres

SMALL = {"features": 4, "hidden": 8, "width": 8, "blocks": 1}


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("encoder", ["rdn", "rescnn", "srresnet"])
def test_at_and_forward_agree(encoder, dimensions):
    torch.manual_seed(0)
    network = ArSSR(2, encoder, dimensions, **SMALL)
    low = torch.rand(2, 1, *(5, 3, 4)[:dimensions])
    sides = [2 * n for n in low.shape[2:]]
    with torch.no_grad():
        values = network.at(low, centres(sides, low).expand(2, -1, -1))
        assert torch.allclose(values.view(2, 1, *sides), network(low), atol=1e-6)  # the same sums
        assert network(low).min() >= 0


def test_between_codes_features_are_trilinear():
    torch.manual_seed(0)
    network, features = ArSSR(2, dimensions=2, **SMALL), torch.randn(1, 4, 6, 6)
    seen = []
    network.first.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    network.query(features, centres((12, 12), features)[None])
    inside = seen[0][..., :4].mT.view(1, 4, 12, 12)[..., 1:-1, 1:-1]  # the outermost fade to zero
    wanted = F.interpolate(features, scale_factor=2, mode="bilinear")[..., 1:-1, 1:-1]
    assert torch.allclose(inside, wanted, atol=1e-5)  # coordinates in float32
    assert torch.equal(seen[0][0, :, 4:], centres((12, 12), features))
