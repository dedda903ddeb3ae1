"""Training goes on where it stopped, to the last bit, and learns."""

import dataclasses

import numpy as np
import pytest
import torch

from radloupe import seeds
from radloupe.data.pairs import Pair, pairs, patches
from radloupe.data.sources import Item
from radloupe.degradation import shrink
from radloupe.errors import InputError, RadloupeError, WeightsError
from radloupe.image import Image
from radloupe.nets.loupe import LoupeNet
from radloupe.train.optimisers import Muon, optimisers
from radloupe.train.state import CHECKPOINT, restore, store
from radloupe.train.supervised import Schedule, advance, rate, start, train

SCHEDULE = Schedule(steps=6, batch=2, side=8, warmup=2, muon_lr=0.01)


def scene(seed=0):
    """Smooth random structure with an edge: something that can be learnt."""
    y, x = np.mgrid[:64, :64]
    phase = np.random.default_rng(seed).random(4) * 6
    return (np.sin(x / 3 + phase[0]) * np.sin(y / 4 + phase[1]) + (x + y > 60 + 5 * phase[2])).astype(np.float32)


def pool():
    highs = np.stack([scene(k) for k in range(4)])
    return [Pair("scenes", shrink(highs, 2, "bicubic").astype(np.float32), highs)]


def network():
    torch.manual_seed(0)
    return LoupeNet(2, width=24, blocks=1)


def weights(state):
    return torch.cat([p.detach().flatten() for p in [*state.network.parameters(), *state.average.parameters()]])


def quiet(step, loss):
    pass


def test_resuming_equals_never_having_stopped(tmp_path):
    straight = train(network(), pool(), SCHEDULE, 2, tmp_path / "a", 1, quiet)
    state = start(network(), SCHEDULE)
    for _ in range(3):
        advance(state, pool(), SCHEDULE, 2)
    store(state, tmp_path / "b")
    resumed = train(network(), pool(), SCHEDULE, 2, tmp_path / "b", 1, quiet)
    assert resumed.step == straight.step == 6
    assert torch.equal(weights(resumed), weights(straight))


def test_no_time_means_no_step_and_a_checkpoint(tmp_path):
    state = train(network(), pool(), SCHEDULE, 2, tmp_path, 0, quiet)
    assert state.step == 0
    assert restore(start(network(), SCHEDULE), tmp_path)


def test_a_damaged_checkpoint_is_refused(tmp_path):
    store(start(network(), SCHEDULE), tmp_path)
    path = tmp_path / CHECKPOINT / "state.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 8
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="damaged"):
        restore(start(network(), SCHEDULE), tmp_path)


def test_training_lowers_the_error():
    schedule = dataclasses.replace(SCHEDULE, steps=60, batch=4, side=16)
    state, data = start(network(), schedule), pool()
    losses = [advance(state, data, schedule, 2) for _ in range(60)]
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:10])  # seen: 0.75; untrained is bicubic, so the first losses are not high


def test_a_loss_that_is_no_number_stops_the_run():
    data = [Pair("bad", np.full((1, 16, 16), np.nan, np.float32), np.zeros((1, 32, 32), np.float32))]
    with pytest.raises(RadloupeError, match="step 0"):
        advance(start(network(), SCHEDULE), data, SCHEDULE, 2)


def test_the_rate_rises_and_falls_to_zero():
    schedule = Schedule(steps=1000)
    rates = [rate(schedule, step) for step in range(1001)]
    assert rates[0] == pytest.approx(0.01, abs=1e-5)  # a hundredth of a warm-up of 100 steps
    assert max(rates) == pytest.approx(rates[99], abs=0.03)
    assert rates[1000] == pytest.approx(0, abs=1e-12)


def test_a_restart_is_a_new_cycle():
    one, two = Schedule(steps=400), Schedule(steps=1000, restarts=(400,))
    assert [rate(two, step) for step in range(400)] == [rate(one, step) for step in range(400)]
    assert rate(two, 400) == pytest.approx(0.01, abs=1e-5)
    assert rate(two, 550) > 0.8
    assert rate(two, 999) < 1e-4


def test_muon_takes_the_inner_kernels_and_orthogonalises_their_step():
    net = network()
    muon, adam = optimisers(net, 0.01, 1e-3)
    inner = [p for name, p in net.named_parameters() if "body" in name]
    assert [k.data_ptr() for k in muon.kernels] == [p.data_ptr() for p in inner]
    assert len(adam.param_groups[0]["params"]) == 2  # head and tail
    kernel = torch.nn.Parameter(torch.randn(24, 24, 3, 3))
    before = kernel.detach().clone()
    optimiser = Muon([kernel], lr=1.0)
    kernel.grad = torch.randn(24, 24, 3, 3) * torch.logspace(0, 3, 24)[:, None, None, None]
    optimiser.step()
    singular = torch.linalg.svdvals((kernel.detach() - before).flatten(1))
    assert singular.max() / singular.min() < 4  # Newton-Schulz leaves them within 0.7 to 1.2; the gradient's own span a thousand


def test_patches_are_aligned_and_depend_on_the_generator_alone():
    low, high = patches(pool(), 6, 8, 2, seeds.generator(1, "t"))
    again, _ = patches(pool(), 6, 8, 2, seeds.generator(1, "t"))
    assert torch.equal(low, again)
    assert low.shape == (6, 1, 8, 8)
    assert high.shape == (6, 1, 16, 16)
    for one, other in zip(low[:, 0].numpy(), high[:, 0].numpy(), strict=True):
        inner = shrink(other, 2, "bicubic")[3:-3, 3:-3]  # antialiased bicubic reaches two low pixels and a half
        np.testing.assert_allclose(inner, one[3:-3, 3:-3], atol=1e-5)


def test_pairs_are_degraded_as_a_file_would_hold_them():
    image = Image((100 * np.abs(scene())).astype(np.uint8)[None, None])
    (pair,) = pairs([Item("p", "n", image)], "bicubic", 2)
    values = pair.low * np.ptp(np.rint(shrink(image.pixels[0, 0], 2, "bicubic")))
    np.testing.assert_allclose(values, np.rint(values), atol=1e-3)  # whole numbers in network range
    with pytest.raises(InputError, match="at least one image"):
        pairs([], "bicubic", 2)
