"""GAN losses of generator and discriminator. Scores are the discriminator's outputs, one or more per image."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy, softplus

from radloupe.losses.loss import Batch, Value, in_float32

Scores = Float[Tensor, "batch *position"]
Shares = Float[Tensor, "batch"]
PENALTY_WEIGHT = 10.0  # Gulrajani et al., NeurIPS 2017


@dataclass(frozen=True)
class GANLoss:
    """Generator and discriminator loss of a GAN; both take the scores of fake and of real images."""

    generator: Callable[..., Any]
    discriminator: Callable[..., Any]
    scores: Literal["logits", "probabilities"] = "logits"
    """Kind of the discriminator's outputs: logits, or probabilities from 0 to 1 (after a sigmoid)."""


@in_float32
def vanilla_generator(fake: Scores, real: Scores) -> Value:
    """Non-saturating generator loss: -log of the probability that fake images are real (Goodfellow et al., NeurIPS 2014)."""
    return softplus(-fake).mean()


@in_float32
def vanilla_discriminator(fake: Scores, real: Scores) -> Value:
    """Binary cross entropy, the mean over real and fake images."""
    return (softplus(-real).mean() + softplus(fake).mean()) / 2


@in_float32
def least_squares_generator(fake: Scores, real: Scores) -> Value:
    """Squared distance of the scores of fake images from 1 (Mao et al., ICCV 2017), without the factor 1/2, as in CycleGAN's code."""
    return (fake - 1).square().mean()


@in_float32
def least_squares_discriminator(fake: Scores, real: Scores) -> Value:
    """Half the sum of the squared distances of real scores from 1 and of fake scores from 0."""
    return ((real - 1).square().mean() + fake.square().mean()) / 2


@in_float32
def relativistic_generator(fake: Scores, real: Scores) -> Value:
    """Relativistic average generator loss: fake images score above the mean real one, real images below the mean fake one.

    Source: Jolicoeur-Martineau, ICLR 2019, relativistic average GAN; half the sum of both, as in ESRGAN's and AID-SRGAN's code.
    """
    return relativistic_discriminator(real, fake)


@in_float32
def relativistic_discriminator(fake: Scores, real: Scores) -> Value:
    """The generator's loss with fake and real exchanged."""
    return (softplus(fake.mean() - real).mean() + softplus(fake - real.mean()).mean()) / 2


@in_float32
def wasserstein_generator(fake: Scores, real: Scores) -> Value:
    """Minus the mean score of fake images (Arjovsky et al., ICML 2017)."""
    return -fake.mean()


@in_float32
def wasserstein_critic(fake: Scores, real: Scores) -> Value:
    """Mean score of fake images minus that of real ones; `gradient_penalty` is added to it."""
    return fake.mean() - real.mean()


@in_float32
def xpgan_log(fake: Scores, real: Scores) -> Value:
    """Mean of -log of the probability of fake images (XPGAN, equation 2); PyTorch clamps the logarithm at -100."""
    return binary_cross_entropy(fake, torch.ones_like(fake))


@in_float32
def xpgan_linear(fake: Scores, real: Scores) -> Value:
    """Mean of one minus the probability of fake images (XPGAN's released code)."""
    return (1 - fake).mean()


@in_float32
def xpgan_discriminator(fake: Scores, real: Scores) -> Value:
    """One minus the mean probability of real images plus that of fake ones (XPGAN, equation 7)."""
    return 1 - real.mean() + fake.mean()


def gradient_penalty(discriminator: Callable[[Tensor], Tensor], fake: Batch, real: Batch, mix: Shares) -> Value:
    """Gradient penalty of WGAN-GP: mean of (|gradient of the score| - 1)^2 between fake and real images (Gulrajani et al., equation 3).

    `mix` is the weight of the real image at each point, drawn uniformly from 0 to 1 by the caller; multiply the result by `PENALTY_WEIGHT`.
    The discriminator runs in its caller's precision; the norm is computed in float32.
    """
    share = mix.reshape(-1, 1, 1, 1)
    point = torch.lerp(fake.detach().float(), real.detach().float(), share.float()).requires_grad_()
    (slope,) = torch.autograd.grad(discriminator(point).float().sum(), point, create_graph=True)
    return (slope.float().flatten(1).norm(dim=1) - 1).square().mean()


VANILLA = GANLoss(vanilla_generator, vanilla_discriminator)
LEAST_SQUARES = GANLoss(least_squares_generator, least_squares_discriminator)
RELATIVISTIC = GANLoss(relativistic_generator, relativistic_discriminator)
WASSERSTEIN = GANLoss(wasserstein_generator, wasserstein_critic)
XPGAN_LOG = GANLoss(xpgan_log, xpgan_discriminator, "probabilities")
XPGAN_LINEAR = GANLoss(xpgan_linear, xpgan_discriminator, "probabilities")
