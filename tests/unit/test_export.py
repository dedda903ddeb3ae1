"""`radloupe export`: what ONNX Runtime computes is what PyTorch computes, or there is no file."""

import json

import numpy as np
import pytest
import torch

from radloupe.core.errors import UsageError
from radloupe.pipelines import export as pipeline
from radloupe.pipelines.export import SIZES, export_onnx
from radloupe.zoo.load import load_model, shipped

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")


def test_the_graph_is_the_model_at_a_third_size(radloupe, tmp_path):
    output = tmp_path / "model.onnx"
    code, out, err = radloupe("export", "mri-x2", "-o", output, "--json")
    assert code == 0, err
    facts = json.loads(out)
    assert facts["sizes"] == [list(size) for size in SIZES]
    assert facts["difference"] <= 1e-4
    graph = onnx.load(output)
    assert [one.version for one in graph.opset_import if not one.domain] == [facts["opset"]]
    low = np.random.default_rng(0).random((1, 1, 33, 20), dtype=np.float32)
    found = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"]).run(None, {"low": low})[0]
    with torch.no_grad():
        truth = load_model("mri-x2").network(torch.from_numpy(low)).numpy()
    np.testing.assert_allclose(found, truth, atol=1e-4)  # of values 0 to 1: what the engine's check allows


def test_a_graph_that_differs_is_not_written(tmp_path, monkeypatch):
    other = pipeline.exported(load_model("ct-x2"))
    monkeypatch.setattr(pipeline, "exported", lambda model: other)
    with pytest.raises(UsageError, match="differs from PyTorch"):
        export_onnx("mri-x2", tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_models_that_need_more_than_the_image_are_refused(tmp_path):
    assert load_model("ttsr-fd-x4").spec.needs == ("reference",)
    with pytest.raises(UsageError, match="needs reference"):
        export_onnx("ttsr-fd-x4", tmp_path / "model.onnx")


def test_no_file_is_replaced_unasked(tmp_path):
    (tmp_path / "model.onnx").write_text("mine")
    with pytest.raises(UsageError, match="overwrite"):
        export_onnx("mri-x2", tmp_path / "model.onnx")
    assert "mri-x2" in shipped()
    assert (tmp_path / "model.onnx").read_text() == "mine"
