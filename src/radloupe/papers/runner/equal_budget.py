"""The training budget of a table: equal steps and images for every row and, if wanted, networks reduced by the same factor."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

from radloupe.networks.registry import NETWORKS
from radloupe.papers.runner.reproduce_options import Networks
from radloupe.training.recipe import LearningRateSchedule, NetworkConfig, Optimiser, Phase, Recipe

STEPS = {"tiny": 20, "small": 1000}
BATCH = {"tiny": 2, "small": 4}
LOOKS = 10
"""Validations of a run, of which the best one's checkpoint is measured."""
QUICK = Optimiser("muon", lr=1e-3, muon_lr=0.01, betas=(0.9, 0.99))
"""Optimiser of every reduced super-resolution network. With Adam, networks with 0-1 inputs converge more slowly than with 0-255.

Unpaired training uses Adam at its learning rate for all networks: with adversarial terms alone, Muon's large steps led to stripes.
"""
FASTER = 5.0
"""Factor on the learning rates of discriminators in paired training."""
CRITICS = {"vgg96-discriminator": 96, "vgg128-discriminator": 128}
"""Discriminators with a fixed patch size, in high pixels; rows without one use the table's."""
REDUCTION = 8
"""Ratio of the paper's parameters to those of a reduced network, within a tenth: about half the width and half the depth."""
BRANCHES: Mapping[str, Any] = {"width": 48, "features": 32, "hidden": 96, "depths": (2, 2, 2), "heads": 4, "drop": 0.0}
REDUCED: Mapping[str, Mapping[str, Any]] = {
    "ttsr": {"width": 32, "blocks": (4, 4, 2, 2), "texture_width": 16},
    "rcan": {"channels": 1, "width": 32, "groups": 8, "blocks": 12, "reduction": 8},
    "rrdb": {"width": 32, "blocks": 11, "growth": 16},
    "xpgan": {"width": 24, "blocks": 3, "output": "linear"},  # what it adds has both signs
    "edsr-baseline": {"channels": 1, "width": 32, "blocks": 6},
    "liif-edsr": {"width": 64, "inner": {"width": 32, "blocks": 8}},
    "lte-edsr": {"width": 64, "inner": {"width": 32, "blocks": 8}, "skip": False},  # it adds to the bilinear one
    "drfsa-like": {"width": 64, "inner": {"width": 32, "blocks": 8}},
    "arssr-2d": {"features": 32, "hidden": 64, "width": 32, "blocks": 4, "skip": False},  # its last rectifier can take nothing away
    "cyclegan-9": {"width": 24, "blocks": 8},
    "ct-uct": {"width": 32, "blocks": 4},
    "sr-cyclegan": {"width": 24, "blocks": 8},
    "sr-cyclegan-down": {"width": 28, "blocks": 5, "skip": True},
    "aid-srgan": {"width": 28, "blocks": 8, "groups": 7, "reduction": 7},
    "aid-srgan-plus": {"width": 28, "blocks": 8, "groups": 9, "reduction": 7, "group_size": 12},
    "psrgan": {"width": 24, "blocks": 8},
    "spsr": {"width": 32, "blocks": 10, "growth": 16, "taps": 2},
    "srmd": {"width": 60, "layers": 7},
    "dpsr": {"width": 40, "blocks": 10},
    "ttsr-critic": {"width": 11},  # on patches of 96 x 96
    "gap-discriminator": {"width": 20},
    "patchgan": {"width": 46, "layers": 2},  # three layers leave nothing of a patch of 16 x 16
    "vgg96-discriminator": {"width": 22},
    "vgg128-discriminator": {"width": 22},
    "transform-mri": BRANCHES,
    "transform-mri-low": BRANCHES,
    "transform-mri-high": BRANCHES,
}
"""Settings of reduced networks, by the row of `NETWORKS` or `PARTS`; the branches of an ablation have those of the whole."""


@dataclass(frozen=True)
class Budget:
    """The training budget of every row of a table."""

    networks: Networks = "small"
    steps: int | None = None
    """Of each row, all phases together; None for the length of its own recipe."""
    seed: int = 0
    vgg19: str = ""
    """File with VGG19's weights for perceptual losses; without it they are off in every row."""


def fitted(recipe: Recipe, degradation: str, scale: int, budget: Budget, side: int) -> Recipe:
    """A row's recipe at a scale, with the budget's networks, batch, patch and length.

    `degradation` makes the low images, except those that the data set holds.
    """
    paper = budget.networks == "paper"
    high = recipe.data.patch * recipe.scale if paper else patch(recipe, side)
    batch = recipe.data.batch if paper else BATCH[budget.networks]
    degradation = recipe.data.degradation if recipe.data.source == "triplets" else degradation
    unpaired = recipe.data.source == "unpaired"
    networks = {name: shaped(net, scale, budget.networks, high, unpaired) for name, net in recipe.networks.items()}
    channels = networks["generator"].settings.get("channels", recipe.data.channels)
    recipe = replace(
        recipe,
        networks=networks,
        data=replace(recipe.data, batch=batch, patch=high // scale, channels=channels, degradation=degradation, accumulate=1),
        seed=budget.seed,
        vgg19=budget.vgg19,
    )
    if not paper:
        recipe = replace(recipe, phases=evened(recipe.phases))
    if budget.steps is None:
        return recipe
    often = max(1, budget.steps // LOOKS)
    return replace(shortened(recipe, budget.steps), validate_every=often, save_every=max(1, budget.steps // 4), log_every=10)


def patch(recipe: Recipe, side: int) -> int:
    """The side of a high patch: the table's, or that which a discriminator requires."""
    return next((CRITICS[net.architecture] for net in recipe.networks.values() if net.architecture in CRITICS), side)


def shaped(net: NetworkConfig, scale: int, networks: Networks, high: int, unpaired: bool) -> NetworkConfig:
    """A network at a scale (translators keep theirs); reduced ones add to their input and train at higher learning rates."""
    settings = dict(net.settings)
    if networks != "paper":
        settings |= {**({"skip": True} if net.scale is not None else {}), **reduced(net, networks)}
        net = replace(net, optimiser=teacher(net, unpaired), ema_decay=None)  # an EMA over few steps is dominated by the first
        net = (
            replace(net, initialisation="default") if net.initialisation == "vgg19" else net
        )  # a narrow extractor has no place for its weights
    if net.architecture == "ttsr-critic":
        settings["side"] = high
    return replace(net, settings=settings, scale=scale if net.scale not in (None, 1) else net.scale)


def teacher(net: NetworkConfig, unpaired: bool) -> Optimiser:
    """The optimiser of a reduced network."""
    if unpaired:
        return replace(net.optimiser, lr=QUICK.lr)
    return QUICK if net.scale is not None else replace(net.optimiser, lr=FASTER * net.optimiser.lr)


def reduced(net: NetworkConfig, networks: Networks) -> Mapping[str, Any]:
    """The settings of a reduced network; `tiny` ones only show that the parts fit together."""
    tiny: Mapping[str, Any] = NETWORKS[net.architecture].small if networks == "tiny" and net.scale is not None else {}
    return tiny or REDUCED.get(net.architecture, {})


def evened(phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    """Phases at the full learning rate: rates that a paper chooses for very long training achieve nothing in few steps.

    Each warms up over a twentieth of its steps and decays to zero along half a cosine.
    """
    return tuple(replace(phase, lr=1.0, schedule=LearningRateSchedule(warmup=phase.steps // 20, cosine=True)) for phase in phases)


def shortened(recipe: Recipe, steps: int) -> Recipe:
    """A recipe of so many steps in all; its phases keep their shares of the whole, and their rates the shares of the phases."""
    lengths = [phase.steps for phase in recipe.phases]
    ends = [round(end * steps / sum(lengths)) for end in accumulate(lengths, initial=0)]
    return replace(recipe, phases=tuple(stretched(phase, b - a) for phase, (a, b) in zip(recipe.phases, pairwise(ends), strict=True)))


def stretched(phase: Phase, steps: int) -> Phase:
    """A phase of another length, with its schedule scaled along."""
    share = steps / max(1, phase.steps)
    rate = phase.schedule
    linear = None if rate.linear_from is None else round(rate.linear_from * share)
    milestones, restarts = (tuple(round(n * share) for n in numbers) for numbers in (rate.milestones, rate.restarts))
    moved = replace(rate, warmup=round(rate.warmup * share), linear_from=linear, milestones=milestones, restarts=restarts)
    return replace(phase, steps=steps, unit="steps", schedule=moved)
