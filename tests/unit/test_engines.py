"""Engines agree with eager PyTorch, or are not used."""

import dataclasses

import numpy as np
import pytest
import torch
from jaxtyping import config

from radloupe.core import seeds
from radloupe.core.errors import RadloupeWarning, UsageError
from radloupe.inference import engines
from radloupe.inference.engines import ENGINE_TOLERANCE, ENGINES, cpu_has_bf16, prepare
from radloupe.inference.self_ensemble import self_ensemble
from radloupe.papers.default_models import ZOO
from radloupe.zoo.load import load_model

LOW = seeds.generator(0, "test").random((61, 47), dtype=np.float32)


@pytest.fixture
def unchecked():
    """No checks of shapes: they look into tensors, which a network that is being traced does not allow."""
    config.update("jaxtyping_disable", True)
    yield
    config.update("jaxtyping_disable", False)


@pytest.mark.parametrize("name", sorted(ZOO))
@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree(name, engine, unchecked):
    plain, _ = prepare(load_model(name))
    run, label = prepare(load_model(name), engine)
    assert label == f"{engine}-fp32"
    assert np.abs(run(LOW) - plain(LOW)).max() < ENGINE_TOLERANCE


@pytest.mark.skipif(not cpu_has_bf16(), reason="this processor has no bfloat16 arithmetic")
@pytest.mark.parametrize("name", sorted(ZOO))
def test_bfloat16_loses_little(name):
    plain, _ = prepare(load_model(name))
    run, label = prepare(load_model(name), precision="bf16")
    assert label == "torch-bf16"
    loss = np.square(run(LOW) - plain(LOW)).mean()
    assert 0 < loss < 1e-4 * np.square(plain(LOW)).mean()  # 40 dB below the image; the gate in the manifest is on real images


@pytest.mark.parametrize("loss", [{}, {"torch-bf16": 0.051}, {"openvino-bf16": 0.0}])
def test_models_that_would_lose_more_stay_in_float32(loss):
    model = dataclasses.replace(load_model("mri-x2"), engine_loss_db=loss)
    with pytest.warns(RadloupeWarning, match="not known to lose less"):
        _, label = prepare(model, precision="bf16")
    assert label == "torch-fp32"


@pytest.mark.skipif(not cpu_has_bf16(), reason="this processor has no bfloat16 arithmetic")
def test_each_engine_answers_for_its_own_loss():
    model = dataclasses.replace(load_model("mri-x2"), engine_loss_db={"torch-bf16": 0.0, "openvino-bf16": 0.3})
    assert not engines.unfit(model, "torch", "bf16", "cpu")
    assert "openvino" in engines.unfit(model, "openvino", "bf16", "cpu")


def test_an_engine_that_differs_is_not_used(monkeypatch):
    plain = engines.torch_engine

    def wrong(model, precision, device):
        run = plain(model, precision, device)
        return run if precision == "32" else lambda low: run(low) + 0.1

    monkeypatch.setattr("radloupe.inference.eager.torch_engine", wrong)
    monkeypatch.setattr(engines, "cpu_has_bf16", lambda: True)
    with pytest.warns(RadloupeWarning, match="differs from eager"):
        run, label = prepare(load_model("mri-x2"), precision="bf16")
    assert label == "torch-fp32"
    assert np.array_equal(run(LOW), plain(load_model("mri-x2"), "32", "cpu")(LOW))


def test_cuda_is_refused_where_there_is_none():
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    with pytest.raises(UsageError, match="No CUDA device"):
        prepare(load_model("mri-x2"), device="cuda")


@pytest.mark.parametrize(
    ("asked", "pixels", "there", "bf16", "expected"),
    [
        (("auto", "32"), 10, {"torch", "openvino"}, True, ("torch", "32")),  # compiling would take longer
        (("auto", "32"), 2**20, {"torch", "openvino"}, True, ("openvino", "32")),
        (("auto", "32"), 2**20, {"torch"}, True, ("torch", "32")),
        (("auto", "auto"), 2**20, {"torch", "openvino"}, True, ("openvino", "int8")),
        (("auto", "auto"), 10, {"torch", "openvino"}, True, ("torch", "bf16")),
        (("auto", "auto"), 10, {"torch", "openvino"}, False, ("torch", "32")),
        (("auto", "bf16"), 2**20, {"torch"}, True, ("torch", "bf16")),
        (("openvino", "auto"), 10, {"torch", "openvino"}, True, ("openvino", "int8")),
        (("torch", "auto"), 2**20, {"torch", "openvino"}, True, ("torch", "bf16")),
        (("onnx", "auto"), 2**20, {"torch", "openvino"}, True, ("onnx", "32")),
    ],
)
def test_auto_takes_the_fastest_that_suits(monkeypatch, asked, pixels, there, bf16, expected):
    gated = dataclasses.replace(
        load_model("mri-x2"),
        int8_ranges={"0.first": [0, 1]},
        engine_loss_db=dict.fromkeys(["torch-bf16", "openvino-bf16", "openvino-int8"], 0.0),
    )
    monkeypatch.setattr(engines, "installed", there.__contains__)
    monkeypatch.setattr(engines, "cpu_has_bf16", lambda: bf16)
    assert engines.chosen(gated, *asked, "cpu", pixels) == expected
    assert engines.chosen(gated, *asked, "cuda", pixels)[1] in ("32", asked[1])  # an accelerator has no lower precision of its own
    lossy = dataclasses.replace(gated, engine_loss_db={"openvino-int8": 0.06})
    assert engines.chosen(lossy, "auto", "auto", "cpu", 2**20) == (("openvino", "32") if "openvino" in there else ("torch", "32"))


def test_the_self_ensemble_turns_with_the_image():
    model = load_model("mri-x2")
    run = self_ensemble(prepare(model)[0], model)
    high = run(LOW)
    assert np.abs(run(LOW[::-1]) - high[::-1]).max() < ENGINE_TOLERANCE
    assert np.abs(run(LOW.T) - high.T).max() < ENGINE_TOLERANCE
    assert np.abs(prepare(model)[0](LOW.T) - prepare(model)[0](LOW).T).max() > ENGINE_TOLERANCE  # the network alone does not
    planes = np.stack([LOW, 0 * LOW, LOW])
    assert self_ensemble(lambda low: low[0] + low[2], model)(planes) == pytest.approx(2 * LOW)
    with pytest.raises(UsageError, match="centred grids"):
        self_ensemble(run, dataclasses.replace(model, degradation="kspace"))
