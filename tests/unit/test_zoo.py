"""Models by name and folder; damage is found before anything is parsed."""

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import save

from radloupe.core.errors import UsageError, WeightsError
from radloupe.networks.architectures.loupe import LoupeNet
from radloupe.zoo.load import default_model, load_model, shipped
from radloupe.zoo.manifest import MANIFEST, NAMES, WEIGHTS, read_manifest, with_weights
from radloupe.zoo.publish import write_folder


@pytest.fixture
def folder(tmp_path):
    """A copy of a shipped model's folder."""
    return shutil.copytree(shipped()["mri-x2"], tmp_path / "model")


def test_a_folder_is_a_model(folder):
    by_folder, by_name = load_model(str(folder)), load_model("mri-x2")
    assert by_folder.sha256 == by_name.sha256
    low = torch.rand(1, 1, 8, 8)
    assert torch.equal(by_folder.network(low), by_name.network(low))


@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_bit_is_found(folder, seed):
    data = bytearray((folder / WEIGHTS).read_bytes())
    model_folder = int(np.random.default_rng(seed).integers(8 * len(data)))
    data[model_folder // 8] ^= 1 << model_folder % 8
    (folder / WEIGHTS).write_bytes(data)
    with pytest.raises(WeightsError, match="damaged"):
        load_model(str(folder))


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda f: (f / WEIGHTS).unlink(), "missing"),
        (lambda f: (f / WEIGHTS).write_bytes(b""), "damaged"),
        (lambda f: (f / MANIFEST).unlink(), "Cannot read the model"),
        (lambda f: (f / MANIFEST).write_text("{"), "Cannot read the model"),
        (lambda f: (f / MANIFEST).write_text("[]"), "Expected the fields"),
        (lambda f: (f / MANIFEST).write_text('{"name": "x"}'), "Expected the fields"),
    ],
)
def test_broken_folders_are_weights_errors(folder, break_it, words):
    break_it(folder)
    with pytest.raises(WeightsError, match=words):
        load_model(str(folder))


@pytest.mark.parametrize(
    "tensors",
    [
        {},
        {"head.weight": torch.zeros(2, 2)},
        LoupeNet(4).state_dict(),
        {k: v for k, v in LoupeNet(2).state_dict().items() if k != "tail.weight"},
        LoupeNet(2).state_dict() | {"extra": torch.zeros(1)},
        LoupeNet(2).state_dict() | {"tail.weight": torch.full((4, 48, 3, 3), torch.nan)},
    ],
    ids=["nothing", "one", "other scale", "one missing", "one more", "not numbers"],
)
def test_weights_that_do_not_fit_are_weights_errors(folder, tensors):
    data = save(tensors)
    write_folder(data, with_weights(read_manifest(folder), data), folder, overwrite=True, names=NAMES)
    with pytest.raises(WeightsError):
        load_model(str(folder))


def test_a_pickle_with_a_right_fingerprint_is_not_read(folder):
    data = b"\x80\x04cos\nsystem\n(S'true'\ntR."
    write_folder(data, with_weights(read_manifest(folder), data), folder, overwrite=True, names=NAMES)
    with pytest.raises(WeightsError, match="not a safetensors file"):
        load_model(str(folder))


@pytest.mark.parametrize(
    "change", [{"network": "nonesuch"}, {"arguments": {"colour": 3}}, {"scale": "two"}, {"arguments": {"width": 10**12}}]
)
def test_manifests_that_build_nothing_are_weights_errors(folder, change):
    record = json.loads((folder / MANIFEST).read_text()) | change
    (folder / MANIFEST).write_text(json.dumps(record))
    with pytest.raises(WeightsError):
        load_model(str(folder))


def test_unknown_names_are_usage_errors():
    with pytest.raises(UsageError, match="Did you mean 'mri-x2'"):
        load_model("mri_x2")
    with pytest.raises(UsageError, match="No shipped model enlarges MR images by 7"):
        default_model("MR", 7)
