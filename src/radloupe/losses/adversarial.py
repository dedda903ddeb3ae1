"""What a generator and its critic play against each other. Scores are what critics give, one or more for each image."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy, softplus

from radloupe.losses.loss import Batch, Value, in_float32

Scores = Float[Tensor, "batch *place"]
Shares = Float[Tensor, "batch"]
PENALTY_WEIGHT = 10.0  # Gulrajani et al., NeurIPS 2017


@dataclass(frozen=True)
class Game:
    """The two sides of an adversarial loss; both take the scores of made and of real images."""

    generator: Callable[..., Any]
    critic: Callable[..., Any]
    scores: Literal["logits", "probabilities"] = "logits"
    """What the critic has to give: any numbers, or numbers from 0 to 1 (after a sigmoid)."""


@in_float32
def vanilla_generator(made: Scores, real: Scores) -> Value:
    """-log of the probability that made images are real (Goodfellow et al., NeurIPS 2014, the form that does not saturate)."""
    return softplus(-made).mean()


@in_float32
def vanilla_critic(made: Scores, real: Scores) -> Value:
    """Cross entropy: half of it for real images, half for made ones."""
    return (softplus(-real).mean() + softplus(made).mean()) / 2


@in_float32
def least_squares_generator(made: Scores, real: Scores) -> Value:
    """Squared distance of the scores of made images from 1 (Mao et al., ICCV 2017), without the half: CycleGAN's code."""
    return (made - 1).square().mean()


@in_float32
def least_squares_critic(made: Scores, real: Scores) -> Value:
    """Half the squared distances of real images from 1 and of made ones from 0."""
    return ((real - 1).square().mean() + made.square().mean()) / 2


@in_float32
def relativistic_generator(made: Scores, real: Scores) -> Value:
    """Made images should look more real than the average real one, and real ones less than the average made one.

    Source: Jolicoeur-Martineau, ICLR 2019, relativistic average GAN; half the sum of both, as in ESRGAN's and AID-SRGAN's code.
    """
    return relativistic_critic(real, made)


@in_float32
def relativistic_critic(made: Scores, real: Scores) -> Value:
    """The generator's loss with the parts exchanged."""
    return (softplus(made.mean() - real).mean() + softplus(made - real.mean()).mean()) / 2


@in_float32
def wasserstein_generator(made: Scores, real: Scores) -> Value:
    """Minus the mean score of made images (Arjovsky et al., ICML 2017)."""
    return -made.mean()


@in_float32
def wasserstein_critic(made: Scores, real: Scores) -> Value:
    """How much higher made images score than real ones; `gradient_penalty` is added to it."""
    return made.mean() - real.mean()


@in_float32
def xpgan_log(made: Scores, real: Scores) -> Value:
    """Mean of -log of the probability of made images (XPGAN, equation 2); PyTorch ends the logarithm at -100."""
    return binary_cross_entropy(made, torch.ones_like(made))


@in_float32
def xpgan_linear(made: Scores, real: Scores) -> Value:
    """Mean of one minus the probability of made images: XPGAN's released code."""
    return (1 - made).mean()


@in_float32
def xpgan_critic(made: Scores, real: Scores) -> Value:
    """One minus the mean probability of real images plus that of made ones (XPGAN, equation 7)."""
    return 1 - real.mean() + made.mean()


def gradient_penalty(critic: Callable[[Tensor], Tensor], made: Batch, real: Batch, mix: Shares) -> Value:
    """Mean of (|gradient of the critic's score| - 1)^2 between made and real images (WGAN-GP; Gulrajani et al., equation 3).

    `mix` is the share of the real image in each point, drawn uniformly from 0 to 1 by the caller; weigh the result by `PENALTY_WEIGHT`.
    The critic runs in the precision that it is called in, the norm is taken in float32.
    """
    share = mix.reshape(-1, 1, 1, 1)
    point = torch.lerp(made.detach().float(), real.detach().float(), share.float()).requires_grad_()
    (slope,) = torch.autograd.grad(critic(point).float().sum(), point, create_graph=True)
    return (slope.float().flatten(1).norm(dim=1) - 1).square().mean()


VANILLA = Game(vanilla_generator, vanilla_critic)
LEAST_SQUARES = Game(least_squares_generator, least_squares_critic)
RELATIVISTIC = Game(relativistic_generator, relativistic_critic)
WASSERSTEIN = Game(wasserstein_generator, wasserstein_critic)
XPGAN_LOG = Game(xpgan_log, xpgan_critic, "probabilities")
XPGAN_LINEAR = Game(xpgan_linear, xpgan_critic, "probabilities")
