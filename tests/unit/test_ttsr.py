"""TTSR beyond what every network promises."""

import numpy as np
import pytest
import torch
from PIL import Image

from radloupe.core.errors import InputError, UsageError
from radloupe.networks.architectures.ttsr import resized
from radloupe.networks.layers.texture_extractor import TextureExtractor, start_from_vgg19
from radloupe.networks.layers.texture_search import plain_search
from radloupe.networks.layers.texture_transfer import plain_transfer
from radloupe.networks.registry import NETWORKS


def small(**settings):
    torch.manual_seed(0)
    return NETWORKS["ttsr"](4, **(dict(NETWORKS["ttsr"].small) | settings)).eval()


def images(*shape, seed=1):
    return torch.rand(1, 3, *shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_shapes_of_textures_and_similarity():
    with torch.no_grad():
        parts = small().parts(images(10, 8), images(31, 50))
    assert [tuple(t.shape) for t in parts.textures] == [(1, 32, 10, 8), (1, 16, 20, 16), (1, 8, 40, 32)]
    assert parts.soft.shape == (1, 1, 10, 8)
    assert parts.soft.abs().max() <= 1 + 1e-5  # cosines
    assert parts.enlarged.abs().max() <= 1


def test_an_image_as_its_own_reference_is_found_where_it_is():
    network, image = small(), images(40, 40)
    with torch.no_grad():
        parts = network.from_four(images(10, 10), image, image, image)
        levels = network.extractor(image)
    for texture, level, position in zip(parts.textures, reversed(levels), (1, 2, 4), strict=True):
        inside = (
            ...,
            slice(position, -position),
            slice(position, -position),
        )  # the border has fewer than nine neighbours, and TTSR divides by nine
        torch.testing.assert_close(texture[inside], level[inside], atol=1e-5, rtol=1e-5)  # means of nine equal numbers
    torch.testing.assert_close(parts.soft, torch.ones_like(parts.soft), atol=1e-5, rtol=0)


def test_forward_prepares_the_four_images():
    network, low, reference = small(), images(6, 7), images(24, 20)
    with torch.no_grad():
        prepared = network.from_four(low, resized(low, 4), reference, resized(resized(reference, 0.25), 4)).enlarged
        assert torch.equal(network(low, reference), prepared)


@pytest.mark.parametrize(("size", "factor"), [((24, 36), 0.25), ((6, 9), 4)])
def test_images_are_resized_as_pillow_does(size, factor):
    plane = torch.rand(size, generator=torch.Generator().manual_seed(0))
    wanted = Image.fromarray(plane.numpy()).resize((int(size[1] * factor), int(size[0] * factor)), Image.Resampling.BICUBIC)
    torch.testing.assert_close(
        resized(plane[None, None], factor)[0, 0], torch.from_numpy(np.array(wanted)), atol=1e-6, rtol=0
    )  # float32 sums


@pytest.mark.parametrize(("size", "other"), [((6, 8), (24, 32)), ((7, 5), (20, 45)), ((11, 13), (13, 17))])
def test_fast_forms_give_the_image_of_the_definition(size, other, monkeypatch):
    network, low, reference = small(), images(*size), images(*other)
    with torch.no_grad():
        fast = network(low, reference)
        network.find = plain_search
        monkeypatch.setattr("radloupe.networks.architectures.ttsr.transfer", plain_transfer)
        torch.testing.assert_close(fast, network(low, reference), atol=1e-5, rtol=0)  # rounding of cosines near 1


def test_one_reference_for_all_and_one_for_each():
    network, low, reference = small(), images(5, 5).repeat(2, 1, 1, 1), images(20, 20)
    with torch.no_grad():
        torch.testing.assert_close(network(low, reference), network(low, reference.repeat(2, 1, 1, 1)))


def test_the_coarse_search_is_a_setting():
    low, reference = images(16, 16), images(64, 64)
    with torch.no_grad():
        difference = (small(coarse=2)(low, reference) - small()(low, reference)).abs()
    assert 0 < difference.mean() < 0.1  # other positions, hence not the same; textures enter through one of several branches


def test_gradients_reach_both_images():
    low, reference = images(6, 6).requires_grad_(), images(24, 24).requires_grad_()
    small()(low, reference).square().sum().backward()
    assert low.grad.abs().sum() > 0
    assert reference.grad.abs().sum() > 0


def test_a_reference_of_other_channels_is_named():
    with pytest.raises(InputError, match="reference"):
        small()(images(6, 6), images(24, 24)[:, :1])


def test_another_scale_is_refused():
    with pytest.raises(UsageError, match="4"):
        NETWORKS["ttsr"](2)


def test_the_extractor_starts_from_vgg19():
    extractor = TextureExtractor()
    sizes = {0: (64, 3), 2: (64, 64), 5: (128, 64), 7: (128, 128), 10: (256, 128), 12: (256, 256)}
    weights = {f"features.{n}.weight": torch.full((*size, 3, 3), float(n)) for n, size in sizes.items()}
    weights |= {f"features.{n}.bias": torch.full((size[0],), -float(n)) for n, size in sizes.items()}
    start_from_vgg19(extractor, weights)
    assert [p.flatten()[0].item() for p in extractor.parameters()] == [0, 0, 2, -2, 5, -5, 7, -7, 10, -10]
