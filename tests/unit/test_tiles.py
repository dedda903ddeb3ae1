"""Plans, blending, memory that runs out."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from radloupe.core.errors import LimitError, UsageError
from radloupe.inference.tile_plan import FLOOR, Plan, pieces, plan_tiles
from radloupe.inference.tiles import strips
from radloupe.networks.spec import NetworkSpec

FINITE = NetworkSpec(scale=2, receptive_field_radius=5, bytes_per_pixel=1000)
GLOBAL = NetworkSpec(scale=2, receptive_field_radius=math.inf, bytes_per_pixel=1000)


def nearest(low):
    """A network that repeats pixels."""
    return np.kron(low, np.ones((2, 2), np.float32))


@given(length=st.integers(1, 700), tile=st.integers(32, 200), blend=st.booleans(), multiple=st.sampled_from([1, 8]))
def test_pieces_cover_an_axis_once(length, tile, blend, multiple):
    spec = NetworkSpec(2, math.inf if blend else 5, 1000, size_multiple=multiple)
    total = np.zeros(length * 2)
    tile, halo = tile // multiple * multiple, 0 if blend else 8  # as `plan_tiles` rounds them
    for piece in pieces(0, length, Plan(tile, halo, blend), spec):
        assert 0 <= piece.start <= piece.keep.start < piece.keep.stop <= piece.stop <= length
        assert piece.start % multiple == 0 or blend
        total[piece.keep.start * 2 : piece.keep.stop * 2] += piece.weights
    np.testing.assert_allclose(total, 1, atol=1e-6)  # float32 weights


@settings(max_examples=30)
@given(height=st.integers(1, 150), width=st.integers(1, 150), blend=st.booleans())
def test_repeated_pixels_come_through_any_plan(height, width, blend):
    low = np.random.default_rng(0).random((height, width), dtype=np.float32)
    spec = GLOBAL if blend else FINITE
    out = np.concatenate(list(strips(nearest, low, Plan(32, 0 if blend else 5, blend), spec)))
    np.testing.assert_allclose(out, nearest(low), atol=1e-6)  # weights add to one in float32


def test_blended_tiles_have_no_seam():
    def tile_mean(low):  # a network with a global operation: every tile has its own level
        return nearest(low) + low.mean()

    low = np.linspace(0, 1, 200 * 64, dtype=np.float32).reshape(200, 64)
    blended = np.concatenate(list(strips(tile_mean, low, Plan(64, 0, True), GLOBAL)))
    cut = np.concatenate(list(strips(tile_mean, low, Plan(64, 0), FINITE)))
    steps = [np.abs(np.diff(out[:, 0])).max() for out in (blended, cut)]
    assert steps[0] < 0.25 * steps[1]  # a Hann window spreads the step over half a tile of 64 rows


def test_sizes_that_do_not_suit_are_filled_up_and_cut():
    spec = NetworkSpec(2, 5, 1000, size_multiple=8, minimum_size=16)
    seen = []

    def run(low):
        seen.append(low.shape)
        return nearest(low)

    low = np.random.default_rng(0).random((13, 50), dtype=np.float32)
    assert np.array_equal(np.concatenate(list(strips(run, low, Plan(32, 8), spec))), nearest(low))
    assert all(n >= 16 and n % 8 == 0 for shape in seen for n in shape)


@pytest.mark.parametrize(
    "error", [MemoryError(), torch.OutOfMemoryError("CUDA"), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_out_of_memory_halves_the_tile_and_gives_the_same(error):
    torch.manual_seed(0)
    convolution = torch.nn.Conv2d(1, 4, 3, padding=1)
    sizes = []

    def run(low):
        with torch.inference_mode():
            return torch.pixel_shuffle(convolution(torch.from_numpy(low.copy())[None, None]), 2)[0, 0].numpy()

    def scarce(low):
        sizes.append(max(low.shape))
        if len(sizes) > 3 and low.shape[0] > 60:  # it runs out after the first rows were handed on
            raise error
        return run(low)

    low = np.random.default_rng(0).random((300, 150), dtype=np.float32)
    out = np.concatenate(list(strips(scarce, low, Plan(100, 5), FINITE)))
    assert np.array_equal(out, run(low))
    assert max(sizes[:3]) > 60 >= max(sizes[4:])


def test_no_memory_at_all_is_a_limit_error():
    def never(low):
        raise MemoryError

    with pytest.raises(LimitError, match="Memory ran out"):
        list(strips(never, np.zeros((200, 200), np.float32), Plan(200, 5), FINITE))


def test_other_errors_pass():
    def broken(low):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        list(strips(broken, np.zeros((50, 50), np.float32), Plan(50, 5), FINITE))


def test_tiles_follow_the_memory():
    large, small = (plan_tiles((3000, 3000), FINITE, budget).tile for budget in (2 * 2**30, 40 * 2**20))
    assert large > small >= FLOOR
    assert plan_tiles((200, 150), FINITE, 2**30).tile == 200
    assert plan_tiles((3000, 3000), FINITE, 2**40, "off").tile == 3000
    beside = replace(FINITE, bytes_beside=2**31 - 40 * 2**20)
    assert plan_tiles((3000, 3000), beside, 2**31).tile == small
    with pytest.raises(LimitError, match="`memory`"):
        plan_tiles((3000, 3000), FINITE, 2**20)
    for wrong in (FLOOR - 1, "many", -3):
        with pytest.raises(UsageError, match="`tile`"):
            plan_tiles((3000, 3000), FINITE, 2**30, wrong)
