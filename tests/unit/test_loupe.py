"""The default network: bicubic before training, homogeneous, small."""

import numpy as np
import pytest
import torch

from radloupe.degradation.resample import bicubic
from radloupe.networks.architectures.loupe import LoupeNet


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_untrained_equals_bicubic(scale):
    low = np.random.default_rng(0).random((17, 23))
    out = LoupeNet(scale)(torch.from_numpy(low).float()[None, None])[0, 0].detach().numpy()
    np.testing.assert_allclose(out, bicubic(low, scale, border="edge"), atol=1e-6)  # float32 sums of 25 products


@pytest.mark.parametrize("scale", [2, 4])
def test_default_size(scale):
    assert sum(p.numel() for p in LoupeNet(scale).parameters()) <= 600_000


def test_contrast_scales_through():
    torch.manual_seed(0)
    network = LoupeNet(2)
    torch.nn.init.normal_(network.tail.weight)
    low = torch.rand(1, 1, 12, 12)
    assert torch.equal(network(1024 * low), 1024 * network(low))  # a power of two changes no digit
