"""Networks of other channels, ranges and inputs work on grey images like any other."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from test_training import RECIPE, sources

import radloupe as rl
from radloupe.core.errors import InputError, UsageError
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.networks.adapters import OnGrey, blind, on_grey, with_reference
from radloupe.networks.registry import NETWORKS
from radloupe.papers.publish_run import publish_run
from radloupe.training.loop import train
from radloupe.training.run_options import RunOptions
from radloupe.zoo.load import load_model


def build(name, scale, **settings):
    torch.manual_seed(0)
    return NETWORKS[name](scale, **(dict(NETWORKS[name].small) | settings)).eval()


def radiograph(side=24, seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (1, 1, side, side), np.uint8)
    return Image(pixels, info=PixelInfo("stored", "XR", storage=Storage("uint8", 8)))


@pytest.mark.parametrize(("name", "scale", "span"), [("xpgan", 4, (0, 1)), ("edsr-baseline", 2, (0, 255)), ("liif-edsr", 2, (-1, 1))])
def test_grey_enters_and_leaves_as_the_network_wants_it(name, scale, span):
    network = build(name, scale)
    assert network.spec.input_range == span
    low = torch.rand(2, 1, 12, 12)
    with torch.no_grad():
        inner = network((low * (span[1] - span[0]) + span[0]).repeat(1, 3, 1, 1))
        grey = on_grey(network)(low)
    expected = (inner.mean(1, keepdim=True) - span[0]) / (span[1] - span[0])
    torch.testing.assert_close(grey, expected)
    assert on_grey(network).spec == replace(network.spec, channels=1, input_range=(0.0, 1.0))


def test_a_network_that_fits_is_left_alone():
    network = build("loupe", 2)
    assert on_grey(network) is network
    assert blind(network) is network


@pytest.mark.parametrize("name", ["srmd", "dpsr"])
def test_missing_conditioning_means_sharp_and_clean(name):
    network = blind(on_grey(build(name, 2)))
    assert network.spec.needs == ()
    assert network(torch.rand(1, 1, 16, 16)).shape == (1, 1, 32, 32)


def test_a_reference_is_bound_and_matters():
    network = on_grey(build("ttsr", 4))
    low = torch.rand(1, 1, 12, 12)
    first, second = (with_reference(network, torch.rand(1, 1, 48, 40))(low) for _ in range(2))
    assert first.shape == (1, 1, 48, 48)
    assert not torch.equal(first, second)
    small, large = (with_reference(network, torch.rand(1, 1, side, side)).spec.bytes_beside for side in (48, 96))
    assert (small, large) == (12 * 12 * network.spec.bytes_per_pixel, 4 * small)  # as for an image of which it could be the enlargement
    with pytest.raises(UsageError, match="takes a reference"):
        with_reference(build("loupe", 2), torch.rand(1, 1, 8, 8))
    with pytest.raises(UsageError, match="takes a reference"):
        with_reference(on_grey(build("xpgan", 4)), torch.rand(1, 1, 8, 8))


@pytest.fixture
def referenced(tmp_path, monkeypatch):
    """A model folder of a small TTSR."""
    recipe = replace(RECIPE, networks={"generator": replace(RECIPE.networks["generator"], ema_decay=None)}, phases=RECIPE.phases[:1])
    train(recipe, sources(), tmp_path / "run", RunOptions(device="cpu"))
    publish_run(tmp_path / "run", "plain", tmp_path / "plain")
    from radloupe.zoo.manifest import read_manifest
    from radloupe.zoo.publish import publish

    manifest = replace(read_manifest(tmp_path / "plain"), name="ref", network="ttsr", scale=4, modality="XR", receptive_field_radius=None)
    publish(build("ttsr", 4), replace(manifest, arguments=dict(NETWORKS["ttsr"].small)), tmp_path / "ref")
    return tmp_path


@pytest.mark.filterwarnings("ignore:Low consistency", "ignore:.*neighbourhood")  # two steps of training suit nothing
def test_a_published_run_enlarges_files(referenced):
    image = radiograph()
    assert rl.upscale(image, str(referenced / "plain")).shape == (1, 48, 48)
    assert load_model(str(referenced / "plain")).spec.scale == 2
    assert "Not measured on a test split" in (referenced / "plain" / "README.md").read_text()


@pytest.mark.filterwarnings("ignore:Low consistency", "ignore:.*neighbourhood")  # two steps of training suit nothing
def test_a_model_with_a_reference_enlarges_files(referenced):
    image, folder = radiograph(), str(referenced / "ref")
    large = rl.upscale(image, folder, reference=radiograph(64, 1))
    assert large.shape == (1, 96, 96)
    assert not np.array_equal(large.pixels, rl.upscale(image, folder, reference=radiograph(64, 2)).pixels)
    with pytest.raises(UsageError, match="give its `reference`"):
        rl.upscale(image, folder)
    with pytest.raises(InputError, match="one slice"):
        rl.upscale(image, folder, reference=replace(image, pixels=image.pixels.repeat(2, 1)))
    with pytest.raises(UsageError, match="Drop `reference`"):
        rl.upscale(image, "xray-x4", reference=image)


def test_wrapped_networks_keep_their_kind():
    assert isinstance(on_grey(build("dpsr", 2)), OnGrey)
