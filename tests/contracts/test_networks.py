"""What every network promises."""

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from radloupe.infer.engines import torch_engine
from radloupe.infer.plan import Plan
from radloupe.infer.tiles import strips
from radloupe.nets import NETWORKS
from radloupe.nets.model import Model

SCALES = (2, 3, 4)
CASES = [(name, scale) for name in NETWORKS for scale in SCALES]


def build(name, scale):
    """A network with random weights everywhere, so that none of its paths is silent."""
    torch.manual_seed(0)
    network = NETWORKS[name](scale)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=(1 / parameter[0].numel()) ** 0.5)
    return network.eval()


def image(height, width, seed=0):
    return np.random.default_rng(seed).random((height, width), dtype=np.float32)


def whole(network, low):
    return torch_engine(Model("test", network, "other", "bicubic"), "32", "cpu")(low)


@pytest.mark.parametrize(("name", "scale"), CASES)
@pytest.mark.parametrize("shape", [(1, 1), (1, 37), (13, 7), (32, 48)])
def test_shape_is_scaled(name, scale, shape):
    assert whole(build(name, scale), image(*shape)).shape == (shape[0] * scale, shape[1] * scale)


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_gradients_reach_every_parameter(name, scale):
    network = build(name, scale).train()
    network(torch.rand(1, 1, 16, 16)).square().mean().backward()
    silent = [key for key, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert not silent


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_weights_survive_saving(name, scale):
    network = build(name, scale)
    other = NETWORKS[name](scale).eval()
    other.load_state_dict(load(save(network.state_dict())))
    low = image(9, 11)
    assert np.array_equal(whole(other, low), whole(network, low))


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_declared_reach_is_not_too_small(name, scale):
    network = build(name, scale)
    reach = int(network.spec.reach)
    low = image(2 * reach + 7, 2 * reach + 7)
    changed = low.copy()
    changed[reach + 3, reach + 3] += 1
    moved = np.nonzero(whole(network, low) != whole(network, changed))
    touched = [np.abs(axis // scale - (reach + 3)).max() for axis in moved]
    assert max(touched) <= reach


@pytest.mark.parametrize(("name", "scale"), CASES)
@pytest.mark.parametrize(("shape", "tile"), [((97, 131), 32), ((97, 131), 47), ((200, 61), 64), ((61, 61), 32), ((1, 130), 50)])
def test_tiled_equals_whole(name, scale, shape, tile):
    network = build(name, scale)
    low = image(*shape)
    run = torch_engine(Model("test", network, "other", "bicubic"), "32", "cpu")
    plan = Plan(tile, int(network.spec.reach))
    tiled = np.concatenate(list(strips(run, low, plan, network.spec)))
    assert np.array_equal(tiled, run(low))


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_a_halo_that_is_too_small_would_show(name, scale):
    network = build(name, scale)
    low = image(97, 64)
    run = torch_engine(Model("test", network, "other", "bicubic"), "32", "cpu")
    tiled = np.concatenate(list(strips(run, low, Plan(32, 3), network.spec)))
    assert not np.array_equal(tiled, run(low))


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_bfloat16_body_stays_close(name, scale):
    network = NETWORKS[name](scale).eval()
    if not hasattr(network, "body_in"):
        pytest.skip("no bfloat16 form")
    torch.nn.init.normal_(network.tail.weight, std=0.01)
    low = image(40, 40)
    plain = whole(network, low)
    difference = np.abs(whole(network.body_in(torch.bfloat16), low) - plain).max()
    # bfloat16 keeps 8 bits of what the body adds; rounding adds up over the blocks
    assert 0 < difference < 0.05 * np.abs(plain).max()
