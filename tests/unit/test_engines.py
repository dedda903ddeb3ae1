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
    assert not engines.cannot_bf16(model, "torch", "cpu")
    assert "openvino" in engines.cannot_bf16(model, "openvino", "cpu")


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
