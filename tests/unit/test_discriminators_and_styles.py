"""Discriminators, the generators of CycleGAN and SRGAN's output forms."""

import pytest
import torch

from radloupe.core.errors import InputError
from radloupe.networks.registry import NETWORKS, PARTS


def image(channels, *shape):
    return torch.rand(2, channels, *shape, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize(("layers", "side"), [(3, 2), (2, 6), (1, 14)])
def test_patchgan_scores_patches_of_32_pixels(layers, side):
    assert PARTS["patchgan"](layers=layers, width=4)(image(1, 32, 32)).shape == (2, 1, side, side)


@pytest.mark.parametrize("shape", [(16, 16), (31, 45)])
def test_a_mean_before_the_end_takes_any_size(shape):
    torch.manual_seed(0)
    part = PARTS["gap-discriminator"](channels=1).eval()
    with torch.no_grad():
        logits = part(image(1, *shape))
        part.scores = "probabilities"
        probabilities = part(image(1, *shape))
    assert logits.shape == (2, 1)
    torch.testing.assert_close(probabilities, logits.sigmoid())


@pytest.mark.parametrize(("name", "settings"), [("srgan-discriminator", {"side": 32}), ("ttsr-critic", {"side": 32})])
def test_a_linear_layer_fixes_the_size(name, settings):
    part = PARTS[name](**settings).eval()
    assert part(image(3, 32, 32)).shape == (2, 1)
    with pytest.raises(InputError, match=r"3 32 32.*48"):
        part(image(3, 48, 48))
    with pytest.raises(InputError, match="3 32 32"):
        part(image(1, 32, 32))


@pytest.mark.parametrize("name", ["srgan-discriminator", "ttsr-critic", "patchgan"])
def test_gradients_reach_every_parameter(name):
    part = PARTS[name](**({"channels": 3} | ({} if name == "patchgan" else {"side": 32})))
    part(image(3, 32, 32)).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in part.parameters())
    silent = [key for key, p in part.named_parameters() if not p.grad.any()]
    assert not silent or name == "patchgan"
    assert all(key.endswith("bias") for key in silent)  # a bias before instance normalisation moves nothing


def test_the_reverse_generator_reduces_by_eight():
    back = PARTS["sr-cyclegan-down"](blocks=1, width=4)
    assert back(image(1, 32, 40)).shape == (2, 1, 4, 5)
    with pytest.raises(InputError, match="8"):
        back(image(1, 36, 36))


def test_with_skip_the_reverse_generator_adds_to_means():
    back = PARTS["sr-cyclegan-down"](blocks=1, width=4, skip=True)
    high = image(1, 32, 40)
    torch.nn.init.zeros_(back.layers[-1].weight)  # its bias is zero from the start
    torch.testing.assert_close(back(high), high.unflatten(-1, (5, 8)).unflatten(-3, (4, 8)).mean((-3, -1)))


@pytest.mark.parametrize(("name", "low", "high"), [("xpgan", 0, 1), ("ct-uct", -1, 1)])
def test_bounded_outputs_stay_in_range(name, low, high):
    torch.manual_seed(0)
    row = NETWORKS[name]
    network = row(row.scales[0], **row.small).eval()
    torch.nn.init.normal_(network.tail.weight, std=3)
    with torch.no_grad():
        out = network(image(network.spec.channels, 8, 8))
    assert network.spec.input_range == (low, high)
    assert low <= out.min() < out.max() <= high


def test_cyclegan_starts_as_the_paper_says():
    torch.manual_seed(0)
    weights = [m for m in NETWORKS["cyclegan-6"](1, width=16).modules() if isinstance(m, torch.nn.Conv2d | torch.nn.ConvTranspose2d)]
    assert not any(m.bias.any() for m in weights)
    spread = torch.cat([m.weight.flatten() for m in weights]).std()
    assert abs(spread - 0.02) < 1e-4  # half a million draws: four standard errors are 8e-5
