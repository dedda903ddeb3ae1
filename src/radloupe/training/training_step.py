"""One step of training, the same for every procedure: critics first, then the networks that the phase trains."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from radloupe.core import seeds
from radloupe.core.errors import RadloupeError
from radloupe.losses import GAMES, LOSSES
from radloupe.losses.adversarial import Game, gradient_penalty
from radloupe.losses.perceptual import PERCEPTIONS
from radloupe.losses.weighted import Term, first_broken, weighted, without
from radloupe.training.image_pool import shown
from radloupe.training.learning_rate import share
from radloupe.training.optimisers import set_rate
from radloupe.training.procedures import PROCEDURES
from radloupe.training.recipe import Aim, Data, Duel, Phase
from radloupe.training.state import State
from radloupe.training.supervised import held

Made = Mapping[str, Any]
Features = Callable[[Tensor], Tensor]
DONE = "done"  # marks a batch that the procedure has been applied to


@dataclass(frozen=True)
class Tools:
    """What steps work with and do not change."""

    fabric: Fabric
    seed: int
    data: Data
    features: Mapping[int, Features] = field(default_factory=dict)
    """Frozen VGG features by layer; empty where no weights were given."""

    def generator(self, what: str, step: int) -> Any:
        """The randomness of one purpose at one step on this process."""
        return seeds.generator(self.seed, what, step, self.fabric.global_rank)


def advance(state: State, phase: Phase, first: int, terms: Sequence[Term], batch: Made, tools: Tools) -> dict[str, float]:
    """Train by one batch; returns the value of every loss by its name.

    `first` is the step at which the phase began, `terms` are its `sum_terms`. Raises `RadloupeError` that names the first loss that is no
    longer a number, before the network that it belongs to is changed.
    """
    seed_torch(int(tools.generator("torch", state.step).integers(2**31)), tools.fabric.device)
    portion = share(phase.rate, state.step - first, phase.steps)
    for name in phase.trains:
        state.networks[name].zero_grad()  # before anything is made: memory that is free by then is used again
    row: dict[str, float] = {}
    with held(network for name, network in state.networks.items() if name not in phase.trains):
        parts = split(batch, tools.data.accumulate)
        if len(parts) == 1:
            parts = [make(state, phase, parts[0], tools)]  # critics and networks look at the same images
    for duel in phase.duels:
        for turn in range(duel.updates):
            row |= train_critic(state, phase, duel, parts, portion, turn, tools)
    row |= train_networks(state, phase, terms, parts, portion, tools)
    for name, average in state.averages.items():
        if name in phase.trains:
            average.update_parameters(state.networks[name])
    state.step += 1
    return row


def make(state: State, phase: Phase, batch: Made, tools: Tools) -> Made:
    """The batch and what the phase's procedure makes of it; the same again where that is done already."""
    if DONE in batch:
        return batch
    with tools.fabric.autocast():
        return {**batch, **PROCEDURES[phase.procedure](state.networks, batch, **phase.settings), DONE: True}


def train_critic(
    state: State, phase: Phase, duel: Duel, parts: Sequence[Made], portion: float, turn: int, tools: Tools
) -> dict[str, float]:
    """One update of a critic on what the networks make now."""
    critic, optimisers = state.networks[duel.critic], state.optimisers[duel.critic]
    critic.zero_grad()
    total = 0.0
    for number, batch in enumerate(parts):
        with torch.no_grad():
            made = make(state, phase, batch, tools)
        images, real = made[duel.made].detach(), made[duel.real].detach()
        rng = tools.generator(f"{duel.critic} {turn} {number}", state.step)
        if duel.pool:
            images = shown(state.pools, f"{duel.critic}/{duel.made}", images, duel.pool, rng)
        loss = verdict(critic, duel, images, real, rng, tools)
        check({f"{duel.critic} critic": loss}, state.step)
        tools.fabric.backward(loss / len(parts))
        total += loss.item() / len(parts)
    step(critic, optimisers, phase, portion, tools)
    return {f"{duel.critic} critic": total}


def verdict(critic: nn.Module, duel: Duel, images: Tensor, real: Tensor, rng: Any, tools: Tools) -> Tensor:
    """What the critic makes smaller."""
    game: Game = GAMES[duel.game]
    with tools.fabric.autocast():
        loss: Tensor = game.critic(critic(images), critic(real))
        if duel.penalty:
            mix = torch.from_numpy(rng.random(len(real), dtype="float32")).to(real.device)
            loss = loss + duel.penalty * gradient_penalty(critic, images, real, mix)
    return loss


def train_networks(
    state: State, phase: Phase, terms: Sequence[Term], parts: Sequence[Made], portion: float, tools: Tools
) -> dict[str, float]:
    """One update of the networks that the phase trains."""
    row: dict[str, float] = {}
    with held(network for name, network in state.networks.items() if name not in phase.trains):
        for batch in parts:
            made = make(state, phase, batch, tools)
            total, values = weighted(terms, made)
            check(values, state.step)
            tools.fabric.backward(total / len(parts))
            for name, value in {"total": total, **values}.items():
                row[name] = row.get(name, 0.0) + value.item() / len(parts)
    for name in phase.trains:
        step(state.networks[name], state.optimisers[name], phase, portion, tools)
    return row


def sum_terms(state: State, phase: Phase, tools: Tools) -> tuple[Term, ...]:
    """The phase's aims and the generator's side of its duels, as terms that take what a step made."""
    aims = {label(aim, phase.aims): aim for aim in phase.aims}
    terms = [Term(name, aim.weight, partial(aimed, aim, tools=tools)) for name, aim in aims.items()]
    terms += [Term(verdict_name(duel), duel.weight, partial(fooled, duel, state, tools=tools)) for duel in phase.duels]
    if tools.features:
        return tuple(terms)
    off = {name for name, aim in aims.items() if aim.loss == "perceptual" and aim.weight}
    instead = {name: aim.weight_without_vgg for name, aim in aims.items() if aim.weight_without_vgg is not None} if off else {}
    return without(terms, off, instead)


def verdict_name(duel: Duel) -> str:
    """What the journal calls the generator's side of a duel."""
    return f"{duel.critic} {duel.made}"


def label(aim: Aim, aims: Sequence[Aim]) -> str:
    """What the journal calls an aim: its loss, and what it compares where the phase has several of that loss."""
    alone = sum(other.loss == aim.loss for other in aims) == 1
    return aim.loss if alone else f"{aim.loss} {' '.join(aim.of)}"


def aimed(aim: Aim, made: Made, *, tools: Tools) -> Tensor:
    """The value of an aim."""
    images = [made[name] for name in aim.of]
    settings = dict(aim.settings)
    if aim.loss == "perceptual":
        layer = PERCEPTIONS[settings.setdefault("like", "ttsr")].layer
        settings |= {"features": tools.features[layer], "values": tools.data.values}
    value: Tensor = LOSSES[aim.loss].value(*images, **settings)
    return value


def fooled(duel: Duel, state: State, made: Made, *, tools: Tools) -> Tensor:
    """The generator's side of a duel; the scores of real images are constants."""
    critic = state.networks[duel.critic]
    with tools.fabric.autocast():
        with torch.no_grad():
            real = critic(made[duel.real])
        value: Tensor = GAMES[duel.game].generator(critic(made[duel.made]), real)
    return value


def step(network: nn.Module, optimisers: Sequence[torch.optim.Optimizer], phase: Phase, portion: float, tools: Tools) -> None:
    """Follow the gradients of a network, averaged over processes and shortened where the phase says so."""
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    if tools.fabric.world_size > 1 and gradients:
        means: Any = tools.fabric.all_reduce(torch.cat([g.flatten() for g in gradients]), reduce_op="mean")
        for gradient, mean in zip(gradients, means.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(mean.view_as(gradient))
    if phase.clip is not None:
        torch.nn.utils.clip_grad_norm_(network.parameters(), phase.clip)
    set_rate(optimisers, portion, phase.lr)
    for optimiser in optimisers:
        optimiser.step()


def check(values: Mapping[str, Tensor], number: int) -> None:
    """Raise `RadloupeError` for a loss that is no number."""
    if name := first_broken(values):
        raise RadloupeError(
            f"The loss {name!r} became {values[name].item()} at step {number}; the last checkpoint is kept. "
            "Begin another run with a lower learning rate, or with a gradient clip (--set phases.0.clip=1)."
        )


def seed_torch(seed: int, device: torch.device) -> None:
    """Seed what dropout and drawn degradations follow; `torch.manual_seed` would queue a stack trace for absent accelerators."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)


def split(batch: Made, count: int) -> list[Made]:
    """A batch in parts of about the same size."""
    size = len(next(iter(batch.values())))
    count = min(count, size)
    pieces = {name: torch.tensor_split(value, count) for name, value in batch.items()}
    return [{name: several[k] for name, several in pieces.items()} for k in range(count)]
