"""`radloupe convert`: released files of every network fill it whole; whatever does not fit is named, and nothing is left behind."""

import functools
import json
from itertools import count
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from radloupe.core import files
from radloupe.core.files.record import RECORD
from radloupe.networks.checkpoints.foreign import read
from radloupe.networks.example import example
from radloupe.networks.facts import skeleton
from radloupe.networks.registry import NETWORKS
from radloupe.zoo.convert import filled, unwrapped
from radloupe.zoo.load import load_model

RELEASED = [name for name in NETWORKS if NETWORKS[name].keys]
CHEAP = ["xpgan", "psrgan", "srmd", "dncnn", "safmn", "swinir-light"]  # under two million parameters, with buffers and without
LEARNED_NOWHERE = (3,)  # the shape of a constant that is dropped


@functools.cache
def official_names(name, scale):
    """Our name for each released one."""
    return NETWORKS[name].keys(scale)


def released(name, scale, value):
    """A state dict with every official name, filled by `value(shape)`; copies of one of our tensors are equal."""
    own = skeleton(NETWORKS[name], scale).state_dict()
    keys = official_names(name, scale)
    held = {ours: value(own[ours].shape) if ours else torch.zeros(LEARNED_NOWHERE) for ours in dict.fromkeys(keys.values())}
    return {official: held[ours] for official, ours in keys.items()}


def random_values(name, scale):
    """Small random numbers; a variance of zero or less would make none of them finite."""
    generator = torch.Generator().manual_seed(0)
    return released(name, scale, lambda shape: torch.rand(shape, generator=generator) * 0.1 + 0.01)


def numbered(name, scale):
    """The same number in all of a tensor, another one in each: hardly any memory, and every exchange would show."""
    number = count(1)
    return released(name, scale, lambda shape: torch.tensor(float(next(number))).expand(shape))


def convert(radloupe, source, network, scale, output, *more):
    return radloupe("convert", source, "--network", network, "--scale", scale, "-o", output, *more)


@pytest.fixture
def refused(radloupe, tmp_path):
    """Convert what cannot be, and see that there is one paragraph and no output."""

    def run(held, code, words, network="psrgan", scale=4):
        source = tmp_path / "in.pth"
        source.write_bytes(held) if isinstance(held, bytes) else torch.save(held, source)
        before = sorted(tmp_path.rglob("*"))
        found, out, err = convert(radloupe, source, network, scale, tmp_path / "model")
        assert (found, out) == (code, "")
        assert words in err.replace("\n", " ")
        assert "Traceback" not in err
        assert sorted(tmp_path.rglob("*")) == before

    return run


@pytest.mark.parametrize("name", RELEASED)
def test_every_released_name_fills_its_tensor(name, tmp_path):
    scale = NETWORKS[name].scales[0]
    official = numbered(name, scale)
    torch.save({"params_ema": official}, tmp_path / "in.pth")
    held = filled(NETWORKS[name], scale, unwrapped(read(tmp_path / "in.pth"), tmp_path), tmp_path).state_dict()
    ours = {mine: official[theirs] for theirs, mine in official_names(name, scale).items() if mine}
    assert held.keys() - ours.keys() <= {key for key in held if key.endswith("num_batches_tracked")}
    assert all(held[key].flatten()[0] == value.flatten()[0] for key, value in ours.items())


@pytest.mark.parametrize("name", CHEAP)
def test_a_converted_model_answers_as_its_tensors_do(name, radloupe, tmp_path):
    scale = NETWORKS[name].scales[0]
    official = random_values(name, scale)
    source = tmp_path / "in.pth"
    torch.save({"state_dict": official, "epoch": 3}, source)
    code, out, err = convert(radloupe, source, name, scale, tmp_path / "model", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["converted_sha256"] == files.sha256(source)
    network = NETWORKS[name](scale).eval()
    network.load_state_dict({ours: official[key] for key, ours in official_names(name, scale).items() if ours}, strict=False)
    model = load_model(str(tmp_path / "model"))
    given = example(network.spec, (16, 17))
    inner = getattr(model.network, "network", model.network)  # inside what makes it one of grey images
    with torch.no_grad():
        assert torch.equal(inner(*given), network(*given))
    record = json.loads((tmp_path / "model" / "model.json").read_text())
    assert record["training"] == {"converted_from": "in.pth", "converted_sha256": files.sha256(source)}
    assert record["parameters"] == sum(p.numel() for p in network.parameters() if p.requires_grad)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda tensors: tensors,
        lambda tensors: {"params": {}, "params_ema": tensors},
        lambda tensors: {"state_dict": tensors, "optimizer": {"lr": 0.1}, "step": torch.tensor(5)},
        lambda tensors: {"gen_state_dict": tensors, "disc_state_dict": {"net.0.weight": torch.zeros(1)}},
        lambda tensors: {"model": {"name": "x", "args": {}, "sd": tensors}, "epoch": 1},
        lambda tensors: {f"module.{key}": value for key, value in tensors.items()},
        lambda tensors: {"params": {f"module.{key}": value.half() for key, value in tensors.items()}},
    ],
    ids=["bare", "ema", "state_dict", "xpgan", "liif", "module", "half"],
)
def test_wrappings_of_released_files(wrap, tmp_path):
    official = numbered("psrgan", 4)
    torch.save(wrap(official), tmp_path / "in.pth")
    held = filled(NETWORKS["psrgan"], 4, unwrapped(read(tmp_path / "in.pth"), tmp_path), tmp_path).state_dict()
    assert all(torch.equal(held[ours], official[key]) for key, ours in official_names("psrgan", 4).items())
    assert {value.dtype for value in held.values()} == {torch.float32}


def test_our_own_names_and_safetensors_are_taken_too(radloupe, tmp_path):
    own = {key: torch.rand(value.shape) for key, value in skeleton(NETWORKS["psrgan"], 2).state_dict().items()}
    save_file(own, tmp_path / "in.safetensors")
    assert convert(radloupe, tmp_path / "in.safetensors", "psrgan", 2, tmp_path / "model")[0] == 0
    written = load_file(tmp_path / "model" / "model.safetensors")
    assert written.keys() == own.keys()
    assert all(torch.equal(written[key], value) for key, value in own.items())


def test_weights_of_grey_networks_are_taken_with_their_setting(radloupe, refused, tmp_path):
    grey = skeleton(NETWORKS["edsr-baseline"], 2, channels=1).state_dict()
    official = {name: torch.rand(grey[ours].shape) for name, ours in official_names("edsr-baseline", 2).items() if ours in grey}
    refused(official, 5, "--set", network="edsr-baseline", scale=2)
    torch.save(official, tmp_path / "grey.pth")
    arguments = (tmp_path / "grey.pth", "edsr-baseline", 2, tmp_path / "grey")
    code, _, err = convert(radloupe, *arguments, "--set", "colour=1")
    assert (code, "colour" in err) == (2, True)
    assert convert(radloupe, *arguments, "--set", "channels=1")[0] == 0
    model = load_model(str(tmp_path / "grey"))
    assert model.network.channels == 1  # on grey images of 0 to 255
    assert torch.equal(model.network.network.tail.weight, official["tail.1.weight"])


def test_a_file_of_one_of_several_conventions_is_enough():
    first = ("conv_first", "RRDB_trunk", "trunk_conv", "upconv", "HRconv", "conv_last")
    old = {key: value for key, value in numbered("rrdb", 4).items() if key.startswith(first)}
    assert all(value.device.type == "cpu" for value in filled(NETWORKS["rrdb"], 4, old, Path("here")).state_dict().values())


def changed(change, name="psrgan", scale=4):
    tensors = numbered(name, scale)
    change(tensors)
    return tensors


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.pop("head.weight"), "found no head.weight"),
        (lambda t: t.update({"strange.weight": torch.zeros(1)}), "found strange.weight"),
        (lambda t: t.update({f"strange\x1b{n}": torch.zeros(1) for n in range(9)}), "and 6 more"),
        (lambda t: t.update({"head.weight": torch.zeros(64, 1, 3, 3)}), "head.weight of shape (64, 1, 3, 3) for (64, 3, 3, 3)"),
        (lambda t: t.update({"head.bias": torch.full((64,), torch.nan)}), "head.bias with values that are not finite"),
        (lambda t: t.update({"head.bias": torch.zeros(64).to_sparse()}), "head.bias with values that are not finite"),
        (lambda t: t.update({"head.bias": torch.zeros(64, device="meta")}), "head.bias with values that are not finite"),
        (lambda t: t.clear(), "found nothing"),
    ],
    ids=["missing", "unknown", "many", "shape", "nan", "sparse", "meta", "empty"],
)
def test_tensors_that_do_not_fit_are_named(refused, change, words):
    refused(changed(change), 5, words)


def test_copies_that_disagree_are_named(refused):
    other = changed(lambda t: t.update({"dncnn_head.0.bias": torch.zeros(64)}), "aid-srgan")
    refused(other, 5, "found other values in dncnn_head.0.bias", "aid-srgan")


def test_srmd_needs_the_basis_of_its_training(refused):
    refused(changed(lambda t: t.pop("basis"), "srmd", 4), 5, "found no basis", "srmd", 4)


def test_another_scale_or_network_is_not_taken(refused):
    refused(numbered("psrgan", 4), 5, "Expected", scale=2)
    refused(numbered("psrgan", 4), 5, "Expected", "xpgan")
    refused(numbered("psrgan", 4), 2, "scales 4, 2, not for 3", scale=3)
    refused(numbered("psrgan", 4), 2, "Did you mean 'psrgan'", "psrgam")


def test_an_existing_output_stays_unless_it_may_go(radloupe, tmp_path):
    torch.save(numbered("psrgan", 4), tmp_path / "in.pth")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine.txt").write_text("kept")
    code, _, err = convert(radloupe, tmp_path / "in.pth", "psrgan", 4, tmp_path / "model")
    assert (code, "exists already" in err.replace("\n", " ")) == (2, True)
    assert (tmp_path / "model" / "mine.txt").read_text() == "kept"
    assert convert(radloupe, tmp_path / "in.pth", "psrgan", 4, tmp_path / "model", "--overwrite")[0] == 2
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["mine.txt"]
    for _ in range(2):
        assert convert(radloupe, tmp_path / "in.pth", "psrgan", 4, tmp_path / "new", "--overwrite")[0] == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [RECORD, "README.md", "model.json", "model.safetensors"]
