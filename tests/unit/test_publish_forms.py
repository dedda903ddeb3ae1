"""Each form in which a model is published is read again, by Radloupe and as the other program would."""

import ast
import io
import json
from importlib import import_module

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from test_training import RECIPE, sources

import radloupe as rl
from radloupe.core.errors import UsageError
from radloupe.networks import create_network
from radloupe.training.loop import train
from radloupe.training.run_options import RunOptions
from radloupe.zoo.form_table import FORMS
from radloupe.zoo.load import load_model, shipped
from radloupe.zoo.manifest import WEIGHTS, read_manifest
from radloupe.zoo.publish import write_folder

LOW = torch.rand(1, 1, 9, 8, generator=torch.Generator().manual_seed(0))
REQUIRED = {  # by the schema that `metadata.json` names
    "changelog", "monai_version", "pytorch_version", "numpy_version", "required_packages_version", "task", "description", "authors",
    "copyright", "network_data_format", "version", "schema", "name",
}  # fmt: skip


@pytest.fixture(params=FORMS)
def form(request):
    return request.param


def published(form, tmp_path):
    folder = shipped()["mri-x2"]
    write_folder((folder / WEIGHTS).read_bytes(), read_manifest(folder), tmp_path / form, form=form)
    return tmp_path / form


def expected():
    with torch.no_grad():
        return load_model("mri-x2").network(LOW)


def test_every_form_is_a_model(form, tmp_path):
    with torch.no_grad():
        assert torch.equal(load_model(str(published(form, tmp_path))).network(LOW), expected())


def test_an_unknown_form_is_named(tmp_path):
    with pytest.raises(UsageError, match="Did you mean 'monai'"):
        published("monay", tmp_path)
    assert not (tmp_path / "monay").exists()


def test_a_hub_repository_has_a_card_a_config_and_weights(tmp_path):
    folder = published("huggingface", tmp_path)
    front = (folder / "README.md").read_text().split("---")[1].splitlines()
    assert {"library_name: radloupe", "license: apache-2.0"} <= set(front)  # the Hub's names of licences are lower case
    config = json.loads((folder / "config.json").read_text())
    network = create_network(**{key: value for key, value in config.items() if key not in ("library_name", "model_type")}).eval()
    network.load_state_dict({key: value.float() for key, value in load_file(folder / WEIGHTS).items()})
    with torch.no_grad():
        assert torch.equal(network(LOW), expected())


def test_a_bundle_describes_what_it_takes(tmp_path):
    metadata = json.loads((published("monai", tmp_path) / "configs" / "metadata.json").read_text())
    assert metadata.keys() >= REQUIRED
    formats = metadata["network_data_format"]
    assert formats["inputs"]["image"].keys() >= {"type", "format", "num_channels", "spatial_shape", "dtype", "value_range", "channel_def"}
    assert formats["outputs"]["pred"]["spatial_shape"] == ["2*n", "2*n"]


def test_a_bundle_builds_its_network_and_reads_its_weights(tmp_path):
    bundle = published("monai", tmp_path)
    definition = json.loads((bundle / "configs" / "inference.json").read_text())["network_def"]
    module, function = definition.pop("_target_").rsplit(".", 1)  # as MONAI's ConfigParser instantiates a component
    network = getattr(import_module(module), function)(**definition).eval()
    tensors = torch.load(io.BytesIO((bundle / "models" / "model.pt").read_bytes()), weights_only=True)
    network.load_state_dict({key: value.float() for key, value in tensors.items()})
    with torch.no_grad():
        assert torch.equal(network(LOW), expected())


@pytest.mark.filterwarnings("ignore:.*judge the result", "ignore:Low consistency")  # noise is no MR image
def test_a_bundle_s_run_enlarges_files(tmp_path):
    bundle = published("monai", tmp_path)
    config = json.loads((bundle / "configs" / "inference.json").read_text())
    (tmp_path / "input").mkdir()
    Image.effect_noise((10, 12), 40).save(tmp_path / "input" / "a.png")
    names = {}
    for line in config["imports"]:
        exec(line.removeprefix("$"), names)
    values = {"dataset_dir": str(tmp_path / "input"), "output_dir": str(tmp_path / "output"), "model": str(bundle / "models")}

    def evaluated(expression):  # MONAI's `$` expressions, whose `@name` stands for another entry
        text = expression.removeprefix("$")
        for name, value in values.items():
            text = text.replace(f"@{name}", repr(value))
        ast.parse(text, mode="eval")
        return eval(text, names)

    names["found"] = evaluated(config["inputs"])
    values["inputs"] = names["found"]
    text = config["run"][0].replace("@inputs", "found")
    evaluated(text)
    assert rl.read(tmp_path / "output" / "a.png").shape == (1, 24, 20)


def test_a_run_is_published_in_the_form_asked_for(radloupe, tmp_path):
    train(RECIPE, sources(), tmp_path / "run", RunOptions(device="cpu"))
    for form, file in (("folder", "model.json"), ("monai", "configs/metadata.json"), ("huggingface", "config.json")):
        code, _, err = radloupe("publish", tmp_path / "run", "--name", "mine", "-o", tmp_path / form, "--as", form)
        assert code == 0, err
        assert (tmp_path / form / file).is_file()
        assert load_model(str(tmp_path / form)).spec.scale == RECIPE.scale
    assert radloupe("publish", tmp_path / "run", "--name", "mine", "-o", tmp_path / "other", "--as", "zip")[0] == 2
