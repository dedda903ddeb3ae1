"""One training step, the same for every procedure: discriminators first, then the networks that the phase trains."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from radloupe.core import seeds
from radloupe.core.errors import RadloupeError
from radloupe.losses import GAN_LOSSES, LOSSES
from radloupe.losses.adversarial import GANLoss, gradient_penalty
from radloupe.losses.perceptual import PERCEPTIONS
from radloupe.losses.weighted import Term, first_not_finite, weighted, without
from radloupe.training.image_pool import from_pool
from radloupe.training.learning_rate import schedule_factor
from radloupe.training.optimisers import set_rate
from radloupe.training.procedures import PROCEDURES
from radloupe.training.recipe import AdversarialTerm, DataConfig, LossTerm, Phase
from radloupe.training.state import State
from radloupe.training.supervised import frozen

Tensors = Mapping[str, Any]
Features = Callable[[Tensor], Tensor]
Losses = dict[str, Tensor]
"""Detached values by name, float64 on the device: fetching one waits for the device, so only the journal does."""
FORWARDED = "forwarded"  # marks a batch that the procedure has been applied to


@dataclass(frozen=True)
class StepContext:
    """Constant context of a training step."""

    fabric: Fabric
    seed: int
    data: DataConfig
    features: Mapping[int, Features] = field(default_factory=dict)
    """Frozen VGG features by layer; empty where no weights were given."""

    def rng(self, purpose: str, step: int) -> np.random.Generator:
        """Random generator of a purpose at a step on this process."""
        return seeds.generator(self.seed, purpose, step, self.fabric.global_rank)


def training_step(state: State, phase: Phase, first: int, terms: Sequence[Term], batch: Tensors, context: StepContext) -> Losses:
    """Train on one batch.

    Args:
        state: Networks, optimisers and averages; changed.
        phase: The phase of the step.
        first: The step at which the phase began.
        terms: The phase's `objective`.
        batch: Tensors (batch channel y x) by name.
        context: Devices, seed and data settings.

    Returns:
        The value of every loss by its name, left on the device.

    Raises:
        RadloupeError: Names the first loss that is not finite, before any weight of the trained networks changes. A discriminator may have
            followed its own broken loss by then; checking it separately would be a second synchronisation with the device in every step.

    """
    seed_torch(int(context.rng("torch", state.step).integers(2**31)), context.fabric.device)
    factor = schedule_factor(phase.schedule, state.step - first, phase.steps)
    for name in phase.trains:
        state.networks[name].zero_grad()  # before the forward pass, which can use the memory again
    losses: Losses = {}
    with frozen(network for name, network in state.networks.items() if name not in phase.trains):
        parts = split(batch, context.data.accumulate)
        if len(parts) == 1:
            parts = [forward(state, phase, parts[0], context)]  # discriminators and networks see the same images
    names = distinct(f"{term.discriminator} loss" for term in phase.adversarial_terms)
    for name, term in zip(names, phase.adversarial_terms, strict=True):
        for turn in range(term.updates):
            losses[name] = train_discriminator(state, phase, term, parts, factor, turn, context)
    train_networks(state, phase, terms, parts, factor, losses, context)
    for name, average in state.averages.items():
        if name in phase.trains:
            average.update_parameters(state.networks[name])
    state.step += 1
    return losses


def forward(state: State, phase: Phase, batch: Tensors, context: StepContext) -> Tensors:
    """The batch and the tensors that the phase's procedure adds; unchanged where the batch has them already."""
    if FORWARDED in batch:
        return batch
    with context.fabric.autocast():
        return {**batch, **PROCEDURES[phase.procedure](state.networks, batch, **phase.settings), FORWARDED: True}


def train_discriminator(
    state: State, phase: Phase, term: AdversarialTerm, parts: Sequence[Tensors], factor: float, turn: int, context: StepContext
) -> Tensor:
    """One update of a discriminator on real images and current fakes; returns its loss."""
    discriminator = state.networks[term.discriminator]
    discriminator.zero_grad()
    total = torch.zeros((), dtype=torch.float64, device=context.fabric.device)
    for number, batch in enumerate(parts):
        with torch.no_grad():
            tensors = forward(state, phase, batch, context)
        fake, real = tensors[term.fake].detach(), tensors[term.real].detach()
        rng = context.rng(f"{term.discriminator} {turn} {number}", state.step)
        if term.image_pool:
            fake = from_pool(state.pools, f"{term.discriminator}/{term.fake}", fake, term.image_pool, rng)
        loss = discriminator_loss(discriminator, term, fake, real, rng, context)
        context.fabric.backward(loss / len(parts))
        total += loss.detach().double() / len(parts)
    update(discriminator, state.optimisers[term.discriminator], phase, factor, context)
    return total


def discriminator_loss(
    discriminator: nn.Module, term: AdversarialTerm, fake: Tensor, real: Tensor, rng: np.random.Generator, context: StepContext
) -> Tensor:
    """The discriminator's side of an adversarial term, with the gradient penalty where the term has one."""
    gan_loss: GANLoss = GAN_LOSSES[term.gan_loss]
    with context.fabric.autocast():
        loss: Tensor = gan_loss.discriminator(discriminator(fake), discriminator(real))
        if term.gradient_penalty:
            mix = torch.from_numpy(rng.random(len(real), dtype="float32")).to(real.device)
            loss = loss + term.gradient_penalty * gradient_penalty(discriminator, fake, real, mix)
    return loss


def generator_loss(term: AdversarialTerm, state: State, tensors: Tensors, *, context: StepContext) -> Tensor:
    """The generator's side of an adversarial term; the scores of real images are constants."""
    discriminator = state.networks[term.discriminator]
    with context.fabric.autocast():
        with torch.no_grad():
            real = discriminator(tensors[term.real])
        value: Tensor = GAN_LOSSES[term.gan_loss].generator(discriminator(tensors[term.fake]), real)
    return value


def train_networks(
    state: State, phase: Phase, terms: Sequence[Term], parts: Sequence[Tensors], factor: float, losses: Losses, context: StepContext
) -> None:
    """One update of the networks that the phase trains; adds their losses to `losses` and checks all of them before the update."""
    with frozen(network for name, network in state.networks.items() if name not in phase.trains):
        for batch in parts:
            total, values = weighted(terms, forward(state, phase, batch, context))
            context.fabric.backward(total / len(parts))
            for name, value in {**values, "total": total}.items():
                share = value.detach().double() / len(parts)
                losses[name] = losses[name] + share if name in losses else share
    check(losses, state.step)
    for name in phase.trains:
        update(state.networks[name], state.optimisers[name], phase, factor, context)


def objective(state: State, phase: Phase, context: StepContext) -> tuple[Term, ...]:
    """The training objective of a phase: its loss terms and the generator's side of its adversarial terms, each under a name of its own."""
    named = dict(zip(term_names(phase.loss_terms), phase.loss_terms, strict=True))
    terms = [Term(name, term.weight, partial(loss_value, term, context=context)) for name, term in named.items()]
    sides = distinct(f"adversarial {term.discriminator}" for term in phase.adversarial_terms)
    terms += [
        Term(name, term.weight, partial(generator_loss, term, state, context=context), adversarial=True)
        for name, term in zip(sides, phase.adversarial_terms, strict=True)
    ]
    if context.features:
        return tuple(terms)
    off = {name for name, term in named.items() if term.loss == "perceptual" and term.weight}
    instead = {name: term.weight_without_vgg for name, term in named.items() if term.weight_without_vgg is not None} if off else {}
    return without(terms, off, instead)


def term_names(terms: Sequence[LossTerm]) -> tuple[str, ...]:
    """The journal's names of loss terms: the loss, with its inputs where the phase has several of that loss.

    >>> term_names((LossTerm("l1"), LossTerm("ssim"), LossTerm("ssim", settings={"window": "valid"})))
    ('l1', 'ssim sr high', 'ssim sr high (2)')
    """
    count = Counter(term.loss for term in terms)
    return distinct(term.loss if count[term.loss] == 1 else f"{term.loss} {' '.join(term.inputs)}" for term in terms)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Names with a number after those that occurred before.

    >>> distinct(("a", "b", "a"))
    ('a', 'b', 'a (2)')
    """
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)


def loss_value(term: LossTerm, tensors: Tensors, *, context: StepContext) -> Tensor:
    """The unweighted value of a loss term."""
    images = [tensors[name] for name in term.inputs]
    settings = dict(term.settings)
    if term.loss == "perceptual":
        layer = PERCEPTIONS[settings.setdefault("like", "ttsr")].layer
        settings |= {"features": context.features[layer], "value_range": context.data.value_range}
    value: Tensor = LOSSES[term.loss].value(*images, **settings)
    return value


def update(network: nn.Module, optimisers: Sequence[torch.optim.Optimizer], phase: Phase, factor: float, context: StepContext) -> None:
    """Step the optimisers of a network with its gradients averaged over processes, clipped where the phase says so.

    The mean is taken here: `fabric.setup` would wrap each network for a single forward method and one fixed set of trainable weights, while
    procedures call `parts` and phases freeze networks by turns.
    """
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    if context.fabric.world_size > 1 and gradients:
        means: Any = context.fabric.all_reduce(torch.cat([g.flatten() for g in gradients]), reduce_op="mean")
        for gradient, mean in zip(gradients, means.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(mean.view_as(gradient))
    if phase.clip is not None:
        torch.nn.utils.clip_grad_norm_(network.parameters(), phase.clip)
    set_rate(optimisers, factor, phase.lr)
    for optimiser in optimisers:
        optimiser.step()


def check(losses: Losses, step: int) -> None:
    """Raise `RadloupeError` that names the first loss that is not finite."""
    if name := first_not_finite(losses):
        raise RadloupeError(
            f"The loss {name!r} became {losses[name].item()} at step {step}; the last checkpoint is kept. "
            "Begin another run with a lower learning rate, or with a gradient clip (phases.0.clip=1)."
        )


def seed_torch(seed: int, device: torch.device) -> None:
    """Seed dropout and drawn degradations; `torch.manual_seed` would queue a stack trace for absent accelerators."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)


def split(batch: Tensors, count: int) -> list[Tensors]:
    """A batch in parts of about the same size."""
    size = len(next(iter(batch.values())))
    count = min(count, size)
    pieces = {name: torch.tensor_split(value, count) for name, value in batch.items()}
    return [{name: several[k] for name, several in pieces.items()} for k in range(count)]
