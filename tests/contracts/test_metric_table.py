"""What every metric promises."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from radloupe.core.errors import InputError
from radloupe.metrics import METRICS
from radloupe.metrics.lpips_distance import TRUNKS, weights_name

SPAN = 100.0


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Stacks as small as these are slower on several threads, above all where other programs run."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Weights of LPIPS: random, and positive where they weigh channels."""
    place = tmp_path_factory.mktemp("weights")
    for name, trunk in TRUNKS.items():
        torch.manual_seed(0)
        tensors = {key: value.abs() if "lin" in key else value for key, value in trunk().state_dict().items()}
        save_file(tensors, place / weights_name(name))
    return place


@pytest.fixture(params=METRICS)
def metric(request):
    return METRICS[request.param]


@pytest.fixture
def figure(metric, folder: Path):
    return metric.compute(folder) if metric.weights else metric.compute


@pytest.fixture
def pairs(metric):
    """Three pairs (image y x) that are large enough for the metric; networks need less room than five scales, and more time."""
    rng = np.random.default_rng(0)
    height, width = (35, 43) if metric.weights else (178, 191)
    truth = 50 + 20 * rng.standard_normal((3, height, width)).cumsum(1) / np.sqrt(np.arange(1, height + 1))[:, None]
    return truth + 5 * rng.standard_normal(truth.shape), truth


def test_identical_images_score_what_is_promised(metric, figure, pairs):
    same = figure(pairs[1], pairs[1], SPAN)
    if metric.identical is None:
        assert np.isfinite(same).all()
    else:
        # rounding of float64 in means over 34 000 pixels
        assert same == pytest.approx([metric.identical] * 3, abs=1e-9)
        assert not np.isclose(figure(*pairs, SPAN), metric.identical, atol=1e-3).any()


def test_symmetric_where_promised(metric, figure, pairs):
    there, back = figure(*pairs, SPAN), figure(*pairs[::-1], SPAN)
    # rounding of float64
    assert np.allclose(there, back, rtol=1e-9) == metric.symmetric


def test_batched_equals_one_by_one(metric, figure, pairs):
    batch = figure(*pairs, SPAN)
    assert batch.shape == (3,)
    # sums of float64 and of networks' float32, in another order
    tolerance = 1e-5 if metric.weights else 1e-9
    assert batch == pytest.approx([figure(a, b, SPAN) for a, b in zip(*pairs, strict=True)], rel=tolerance)
    assert len(set(batch.tolist())) > 1 or (batch == 0.5).all()


def test_torch_equals_numpy(figure, pairs):
    tensors = (torch.from_numpy(one)[:, None] for one in pairs)
    batch = figure(*tensors, SPAN)
    assert batch.shape == (3, 1)
    assert batch.dtype == torch.float64
    assert np.array_equal(batch[:, 0].numpy(), figure(*pairs, SPAN))


def test_every_real_type_is_added_up_in_float64(figure, pairs):
    whole = [np.rint(one).clip(0, 255) for one in pairs]
    expected = figure(*whole, SPAN)
    for dtype in (np.uint8, np.uint16, ">i2", np.float32):
        assert np.array_equal(figure(*(one.astype(dtype) for one in whole), SPAN), expected)


def test_images_are_left_alone(figure, pairs):
    before = [one.copy() for one in pairs]
    for one in pairs:
        one.flags.writeable = False
    figure(*pairs, SPAN)
    assert all(np.array_equal(one, other) for one, other in zip(pairs, before, strict=True))


def test_other_shapes_are_refused(figure, pairs):
    with pytest.raises(InputError, match="one shape"):
        figure(pairs[0], pairs[1][:, 1:], SPAN)


def test_small_images_give_nan_or_a_value(figure):
    rng = np.random.default_rng(0)
    for shape in ((1, 1), (1, 40), (6, 7), (10, 40)):
        value = figure(rng.random(shape), rng.random(shape), 1.0)
        assert isinstance(value, float)
        assert math.isnan(value) or value >= -1
