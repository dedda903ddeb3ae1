"""Networks by class and by name, one's own among them, and what building them leaves alone."""

import json
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest
import torch

import radloupe.networks
from radloupe.core.errors import RadloupeWarning, UsageError, WeightsError
from radloupe.networks import NETWORKS, LoupeNet, Network, create_network, list_networks, registry
from radloupe.networks.architecture import RENAMED_SETTINGS
from radloupe.networks.facts import survey
from radloupe.networks.network import ReducedPrecisionNetwork
from radloupe.papers.small_budget import chosen
from radloupe.training.setup import build
from radloupe.zoo.load import load_model
from radloupe.zoo.manifest import MANIFEST, Manifest, read_manifest, translated
from radloupe.zoo.publish import publish

OWN = """
import torch
from torch import nn
from radloupe.networks import Network, NetworkSpec

class MyNet(Network):
    def __init__(self, scale, width=4):
        super().__init__()
        self.up = nn.Conv2d(1, scale * scale, 3, padding=1)
        self.spec = NetworkSpec(scale, receptive_field_radius=1, bytes_per_pixel=8 * scale**2)

    def forward(self, low):
        return nn.functional.pixel_shuffle(self.up(low), self.spec.scale)

class Plain(nn.Module):
    def __init__(self, scale):
        super().__init__()
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A file with a network, as a reference; what is registered is forgotten after the test."""
    monkeypatch.setattr(NETWORKS, "own", {})
    (tmp_path / "my_net.py").write_text(OWN)
    return f"{tmp_path / 'my_net.py'}:MyNet"


@pytest.fixture
def folder(own, tmp_path):
    """A model folder of one's own network."""
    name = radloupe.networks.register_network(own)
    facts = {"trained_on": "-", "degradation": "bicubic", "metrics": {}, "licence": "MIT", "engine_loss_db": {}, "training": {}}
    manifest = Manifest(name="mine", modality="other", scale=2, network=name, arguments={}, **facts)
    publish(NETWORKS[name](2), manifest, tmp_path / "model")
    NETWORKS.own.clear()
    return tmp_path / "model"


@pytest.mark.parametrize("name", radloupe.networks.__all__)
def test_every_public_name_is_there(name):
    assert getattr(radloupe.networks, name) is not None
    assert name in dir(radloupe.networks)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="EDRS"):
        _ = radloupe.networks.EDRS


def test_one_class_does_not_import_the_others():
    code = "from radloupe.networks import EDSR; import sys; print(*(m for m in sys.modules if 'architectures.' in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["radloupe.networks.architectures.edsr"]


def test_networks_are_made_and_listed_by_name():
    network = create_network("loupe", 2, width=8, blocks=1)
    assert isinstance(network, LoupeNet) and network.spec.scale == 2
    assert list_networks("lte-*") == ["lte-edsr", "lte-rdn", "lte-swinir"]
    assert list_networks() == list(NETWORKS)
    with pytest.raises(UsageError, match="Did you mean 'edsr'"):
        create_network("edrs", 2)
    with pytest.raises(UsageError, match="colour"):
        create_network("loupe", 2, colour=3)


@pytest.mark.parametrize("build", [lambda: load_model("mri-x2"), lambda: list(survey())], ids=["load_model", "survey"])
def test_random_numbers_of_the_caller_stay(build):
    before = torch.get_rng_state()
    build()
    assert torch.equal(torch.get_rng_state(), before)


def test_initial_weights_are_drawn_as_torch_draws():
    torch.manual_seed(3)
    first = create_network("edsr-baseline", 2, width=4, blocks=1)
    torch.manual_seed(3)
    assert torch.equal(first.tail.weight, create_network("edsr-baseline", 2, width=4, blocks=1).tail.weight)


def test_a_skip_connection_has_no_lower_precision_of_its_own():
    # it would be the inner network's, which leaves out the bicubic enlargement
    assert isinstance(create_network("loupe", 2), ReducedPrecisionNetwork)
    assert not isinstance(create_network("loupe", 2, skip=True), ReducedPrecisionNetwork)


@pytest.mark.parametrize(
    ("name", "settings"), [("transform-mri", {"ways": "low"}), ("srresnet-kair", {"told": True})], ids=RENAMED_SETTINGS.values()
)
def test_settings_of_older_folders_are_understood(name, settings):
    now = {RENAMED_SETTINGS[key]: value for key, value in settings.items()}
    row = NETWORKS[name]
    old, new = (row(2, **(dict(row.small) | some)).state_dict() for some in (settings, now))
    assert {key: value.shape for key, value in old.items()} == {key: value.shape for key, value in new.items()}


def test_manifests_of_version_0_1_are_understood():
    assert translated({"reach": 22, "bf16_loss_db": 0.1}) == {
        "network_source": "",
        "pixel_range": [],
        "int8_ranges": {},
        "uncertainty": {},
        "receptive_field_radius": 22,
        "engine_loss_db": {"torch-bf16": 0.1},
    }


def test_a_network_of_ones_own_is_built_by_its_file(own):
    assert create_network(own, 3)(torch.zeros(1, 1, 5, 4)).shape == (1, 1, 15, 12)
    assert "my_net:MyNet" in list_networks()
    assert NETWORKS["my_net:MyNet"].source.startswith("my_net.py, sha256 ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda own: own.replace("my_net.py", "your_net.py"), "there is no file"),
        (lambda own: own + "work", "no attribute 'MyNetwork'"),
        (lambda own: own.replace("MyNet", "OWN"), "has no attribute 'OWN'"),
        (lambda own: own.replace("MyNet", "Plain"), "found a Plain"),
        (lambda own: own.removesuffix(":MyNet"), "Expected a network as FILE.py:CLASS|Unknown network"),
    ],
    ids=["no file", "no class", "no name", "no network", "no class given"],
)
def test_files_that_define_no_network_are_usage_errors(own, change, words):
    with pytest.raises(UsageError, match=words):
        create_network(change(own), 2)


def test_a_file_that_fails_is_a_usage_error(own, tmp_path):
    (tmp_path / "my_net.py").write_text("1 / 0")
    with pytest.raises(UsageError, match="ZeroDivisionError"):
        create_network(own, 2)


def test_a_model_folder_asks_for_the_code_by_name_and_runs_none(folder, own, tmp_path):
    manifest = read_manifest(folder)
    assert (manifest.network, manifest.network_source[:17]) == ("my_net:MyNet", "my_net.py, sha256")
    (folder / "my_net.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")  # nothing beside the weights is run
    with pytest.raises(WeightsError, match=r"`network` \(PATH/my_net\.py:MyNet\)"):
        load_model(str(folder))
    assert not (tmp_path / "ran").exists()
    radloupe.networks.register_network(own)
    assert load_model(str(folder)).network(torch.zeros(1, 1, 4, 4)).shape == (1, 1, 8, 8)


def test_a_manifest_cannot_name_a_file_to_run(folder, tmp_path):
    (tmp_path / "harm.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    record = json.loads((folder / MANIFEST).read_text()) | {"network": f"{tmp_path / 'harm.py'}:MyNet"}
    (folder / MANIFEST).write_text(json.dumps(record))
    with pytest.raises(WeightsError, match="never run unless you name it"):
        load_model(str(folder))
    assert not (tmp_path / "ran").exists()


def test_changed_code_is_reported(folder, own, tmp_path):
    (tmp_path / "my_net.py").write_text(OWN + "\n")
    radloupe.networks.register_network(own)
    with pytest.warns(RadloupeWarning, match="was published with the network of my_net.py"):
        load_model(str(folder))


def test_shipped_manifests_do_not_speak_of_other_code():
    from radloupe.zoo.load import shipped

    assert "network_source" not in (shipped()["mri-x2"] / MANIFEST).read_text()


def test_installed_packages_offer_networks(monkeypatch, tmp_path):
    (tmp_path / "other_package.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    offered = {"other-net": "MyNet", "broken": "YourNet"}
    points = [EntryPoint(name, f"other_package:{net}", "radloupe.networks") for name, net in offered.items()]
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group == "radloupe.networks" else [])
    assert isinstance(create_network("other-net", 2), Network)
    assert NETWORKS["other-net"].source == "other_package:MyNet"
    assert list_networks("other*") == ["other-net"]
    with pytest.raises(UsageError, match="YourNet"):
        create_network("broken", 2)


def test_a_recipe_takes_it_as_its_generator(own):
    name = radloupe.networks.register_network(own)
    recipe = chosen("edsr-baseline", "small", {"networks.generator.settings.width": "6"}, name)
    generator = recipe.networks["generator"]
    assert (generator.architecture, dict(generator.settings)) == ("my_net:MyNet", {"width": 6})
    assert build(generator, seed=0).up.in_channels == 1
    before = torch.get_rng_state()
    build(generator, seed=1)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_file_is_trained_on_one_device(radloupe, own, tmp_path):
    arguments = ("--network", own, "--data", tmp_path, "--run", tmp_path / "run", "--devices", 2)
    code, _, err = radloupe("train", "edsr-baseline", *arguments)
    assert (code, "entry point" in err) == (2, True)


def test_the_command_line_knows_ones_own_network(radloupe, folder, own, tmp_path):
    from PIL import Image

    Image.effect_noise((12, 10), 40).save(tmp_path / "in.png")
    arguments = ("upscale", tmp_path / "in.png", "-o", tmp_path / "out.png", "--model", folder)
    code, _, err = radloupe(*arguments)
    assert (code, "my_net.py" in err) == (5, True)
    code, _, err = radloupe(*arguments, "--network", own)
    assert code == 0, err
    with Image.open(tmp_path / "out.png") as large:
        assert large.size == (24, 20)
