"""The int8 form of a network: what is quantised, what the engine makes of it, and which ranges are refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from jaxtyping import config

from radloupe.core import seeds
from radloupe.core.errors import RadloupeWarning, WeightsError
from radloupe.inference.compiled_network import COMPILED
from radloupe.inference.engines import prepare
from radloupe.networks import create_network
from radloupe.networks.int8 import QuantisedConv, body_convolutions, calibrated_ranges, ends, quantised
from radloupe.networks.model import Model

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of tracing, which OpenVINO does
IMAGES = [torch.from_numpy(seeds.generator(n, "int8").random((1, 1, 40, 36), dtype=np.float32)) for n in range(4)]


@pytest.fixture
def network(monkeypatch):
    """A network whose last convolution adds something, and no checks of shapes, which a network that is being traced does not allow."""
    config.update("jaxtyping_disable", True)
    torch.manual_seed(0)
    made = create_network("loupe", 2, width=16, blocks=3).eval()
    torch.nn.init.normal_(made.tail.weight, std=0.02)
    yield made
    config.update("jaxtyping_disable", False)


def test_only_the_body_is_quantised(network):
    ranges = calibrated_ranges(network, IMAGES)
    form = quantised(network, ranges)
    assert set(ranges) == set(body_convolutions(network)) == {f"{n}.{name}" for n in range(3) for name in ("first", "second")}
    assert sum(isinstance(module, QuantisedConv) for module in form.modules()) == 6
    assert type(form.head) is type(network.head)
    assert not any(isinstance(module, QuantisedConv) for module in network.modules())  # the network itself is as it was
    assert body_convolutions(create_network("nearest", 2)) == {}


def test_ranges_are_means_over_images(network):
    once = [calibrated_ranges(network, [image])["0.first"] for image in IMAGES]
    assert calibrated_ranges(network, IMAGES)["0.first"] == pytest.approx(np.mean(once, 0).tolist())


def test_a_quantised_convolution_rounds_to_its_grid(network):
    convolution = body_convolutions(network)["1.second"]
    features = torch.randn(1, 16, 9, 9)
    low, high = -1.0, 3.0
    step = (high - low) / 255
    rounded = (torch.round(features / step) * step).clamp(-round(1 / step) * step, (255 - round(1 / step)) * step)
    largest = convolution.weight.abs().amax((1, 2, 3), keepdim=True) / 127
    by_hand = torch.nn.functional.conv2d(rounded, torch.round(convolution.weight / largest) * largest, padding=1)
    assert torch.allclose(QuantisedConv(convolution, low, high)(features), by_hand, atol=1e-4)  # float32 sums of 144 products


def test_openvino_computes_the_same_in_whole_numbers(network):
    pytest.importorskip("openvino")
    ranges = calibrated_ranges(network, IMAGES)
    model = Model("small", network, "XR", "bicubic", engine_loss_db={"openvino-int8": 0.0}, int8_ranges=ranges)
    before = set(COMPILED)
    run, label = prepare(model, "openvino", "int8")
    (key,) = set(COMPILED) - before
    kinds = [node.get_rt_info() for node in COMPILED[key].get_runtime_model().get_ops()]
    precisions = [info["runtimePrecision"].astype(str) for info in kinds if info["layerType"].astype(str) == "Convolution"]
    low = IMAGES[0][0, 0].numpy()
    with torch.inference_mode():
        truth = quantised(network, ranges)(IMAGES[0])[0, 0].numpy()
        plain = network(IMAGES[0])[0, 0].numpy()
    assert label == "openvino-int8"
    assert {"f32", "u8"} == set(precisions) | {"f32"}  # head, tail and bicubic are not among the eight-bit ones
    assert precisions.count("u8") == 6
    off, lost = np.abs(run(low) - truth).max(), np.abs(truth - plain).max()
    assert off < lost / 2  # an input on the edge of two levels may fall to either; the form itself loses more than that


def test_a_model_without_ranges_or_without_a_known_loss_runs_in_float32(network):
    model = Model("small", network, "XR", "bicubic", int8_ranges=calibrated_ranges(network, IMAGES))
    for odd, words in ((model, "not known to lose less"), (replace(model, int8_ranges={}), "no int8 form")):
        with pytest.warns(RadloupeWarning, match=words):
            assert prepare(odd, "torch", "32")[1] == "torch-fp32"
            assert prepare(odd, "openvino", "int8")[1] == "openvino-fp32"
    with pytest.warns(RadloupeWarning, match="torch does not compute in int8"):
        assert prepare(model, "torch", "int8")[1] == "torch-fp32"


@pytest.mark.parametrize("ends", [[1.0], [2.0, 1.0], [float("nan"), 1.0], [0.0, "1"]])
def test_odd_ranges_are_refused(network, ends):
    ranges = calibrated_ranges(network, IMAGES)
    with pytest.raises(WeightsError, match=r"int8 range of 0\.first"):
        quantised(network, ranges | {"0.first": ends})
    with pytest.raises(WeightsError, match=r"2\.second"):
        quantised(network, {name: pair for name, pair in ranges.items() if name != "2.second"})


def test_outliers_do_not_widen_a_range():
    values = torch.linspace(-1, 2, 30_000)
    values[:2], values[-2:] = -50, 70  # of 30,000 values three are left out on each side
    assert ends(values) == pytest.approx((-1, 2), abs=1e-3)  # the steps of the slope are 1e-4
    assert ends(torch.tensor([3.0, 1.0])) == (1, 3)
