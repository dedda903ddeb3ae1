"""Losses of features and of critics, against their equations worked out by hand."""

import math

import pytest
import torch

from radloupe.core.errors import InputError, UsageError
from radloupe.losses import GAN_LOSSES
from radloupe.losses.adversarial import gradient_penalty
from radloupe.losses.cycle import cycle, identity
from radloupe.losses.perceptual import perceptual
from radloupe.losses.symmetry import symmetry
from radloupe.losses.texture import texture

exactly = 1e-6  # float32 holds seven digits
FAKE, REAL = torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0], [3.0]])


def flat(value, side=1, channels=1):
    return torch.full((1, channels, side, side), float(value))


def softplus(x):
    return math.log1p(math.exp(x))


def test_perceptual_loss_shows_the_network_what_each_paper_does():
    # The network passes its input on, so the loss is that of the input: grey 1 and 0, copied to red, green and blue.
    inverse = [1 / 0.229, 1 / 0.224, 1 / 0.225]
    one, zero, same = flat(1), flat(0), torch.nn.Identity()
    assert perceptual(one, zero, same, like="xpgan").item() == pytest.approx(1, rel=exactly)
    assert perceptual(one, zero, same, like="ttsr").item() == pytest.approx(sum(d * d for d in inverse) / 3, rel=exactly)
    assert perceptual(one, zero, same, like="aid").item() == pytest.approx(sum(inverse) / 3, rel=exactly)
    signed = perceptual(2 * one - 1, 2 * zero - 1, same, like="ttsr", value_range=(-1.0, 1.0)).item()
    assert signed == pytest.approx(sum(d * d for d in inverse) / 3, rel=exactly)


def test_perceptual_loss_takes_the_mean_off():
    seen = []
    perceptual(flat(0.485), flat(0.485), lambda x: seen.append(x) or x, like="ttsr")
    assert seen[0].flatten().tolist() == pytest.approx([0, (0.485 - 0.456) / 0.224, (0.485 - 0.406) / 0.225], abs=exactly)


def test_an_unknown_perceptual_loss_gets_a_suggestion():
    with pytest.raises(UsageError, match="Did you mean 'ttsr'"):
        perceptual(flat(1), flat(0), torch.nn.Identity(), like="tsr")


def test_texture_loss_is_the_mean_over_levels():
    levels, textures = [flat(3), flat(1, 2), flat(0, 4)], [flat(1), flat(0, 2), flat(0, 4)]
    assert texture(levels, textures).item() == pytest.approx((4 + 1 + 0) / 3, rel=exactly)
    # A soft map of zero weighs by sigmoid(0) = 1/2, squared.
    assert texture(levels, textures, soft=flat(0)).item() == pytest.approx((4 + 1 + 0) / 3 / 4, rel=exactly)


def test_symmetry_is_a_sum_over_modules():
    restored, given = [flat(3, 2), flat(1, 4)], [flat(1, 2), flat(0, 4)]
    assert symmetry(restored, given).item() == pytest.approx(4 + 1, rel=exactly)
    assert symmetry(restored, given, reduction="sum").item() == pytest.approx(4 * 4 + 1 * 16, rel=exactly)


@pytest.mark.parametrize("loss", [texture, symmetry])
def test_lists_that_do_not_match_are_refused(loss):
    with pytest.raises(InputError, match="found 1 and 2"):
        loss([flat(1)], [flat(1)] * 2)
    with pytest.raises(InputError, match="one shape"):
        loss([flat(1)], [flat(1, 2)])


def test_cycle_and_identity_are_mean_absolute_differences():
    assert cycle(flat(3), flat(1)).item() == identity(flat(-1), flat(1)).item() == 2


# For fake scores 0, 2 and real scores 1, 3 (means 1 and 2).
BY_HAND = {
    "vanilla": ((softplus(0) + softplus(-2)) / 2, ((softplus(-1) + softplus(-3)) / 2 + (softplus(0) + softplus(2)) / 2) / 2),
    "least-squares": ((1 + 1) / 2, ((0 + 4) / 2 + (0 + 4) / 2) / 2),
    "relativistic": (
        # generator: real - mean(fake) = 0, 2 should be low; fake - mean(real) = -2, 0 should be high
        ((softplus(0) + softplus(2)) / 2 + (softplus(2) + softplus(0)) / 2) / 2,
        ((softplus(0) + softplus(-2)) / 2 + (softplus(-2) + softplus(0)) / 2) / 2,
    ),
    "wasserstein": (-1, 1 - 2),
}
# For probabilities 1/4, 1/2 of fake and 3/4, 1 of real images.
BY_HAND_PROBABILITIES = {
    "xpgan-log": ((math.log(4) + math.log(2)) / 2, 1 - 7 / 8 + 3 / 8),
    "xpgan-linear": (1 - 3 / 8, 1 - 7 / 8 + 3 / 8),
}


@pytest.mark.parametrize("name", GAN_LOSSES)
def test_gan_losses_by_hand(name):
    gan_loss = GAN_LOSSES[name]
    fake, real, (generator, discriminator) = FAKE, REAL, {**BY_HAND, **BY_HAND_PROBABILITIES}[name]
    if gan_loss.scores == "probabilities":
        fake, real = torch.tensor([0.25, 0.5]), torch.tensor([0.75, 1.0])
    assert gan_loss.generator(fake, real).item() == pytest.approx(generator, rel=exactly)
    assert gan_loss.discriminator(fake, real).item() == pytest.approx(discriminator, rel=exactly)


def test_gradient_penalty_of_a_linear_critic():
    # The score 3 x0 + 4 x1 has a gradient of length 5 everywhere: (5 - 1)^2.
    weight = torch.tensor([3.0, 4.0], requires_grad=True)
    fake, real = torch.zeros(2, 1, 1, 2), torch.ones(2, 1, 1, 2)
    penalty = gradient_penalty(lambda x: (x * weight).sum((1, 2, 3)), fake, real, torch.tensor([0.2, 0.9]))
    assert penalty.item() == pytest.approx(16, rel=exactly)
    penalty.backward()
    # d/dw of (|w| - 1)^2 = 2 (|w| - 1) w / |w| = 8 * (0.6, 0.8)
    assert weight.grad.tolist() == pytest.approx([4.8, 6.4], rel=exactly)


def test_gradient_penalty_looks_between_both_images():
    # The score sum(x^2) has the gradient 2 x, of length 2 x for one pixel: at share 1/4 of real 2, x = 1/2 and the length is 1.
    square = lambda x: x.square().sum((1, 2, 3))  # noqa: E731
    at = lambda share: gradient_penalty(square, flat(0), flat(2), torch.tensor([share])).item()  # noqa: E731
    assert at(0.25) == pytest.approx(0, abs=exactly)
    assert at(1.0) == pytest.approx((4 - 1) ** 2, rel=exactly)
