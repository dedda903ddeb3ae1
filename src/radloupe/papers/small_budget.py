"""Reduced recipes: the same parts and procedures, for a few minutes on two cores."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from radloupe.core.errors import UsageError
from radloupe.core.settings import changed_at
from radloupe.losses.loss_table import LOSSES
from radloupe.networks.registry import NETWORKS
from radloupe.papers.recipes import RECIPES
from radloupe.training.recipe import LearningRateSchedule, LossTerm, NetworkConfig, Phase, Recipe
from radloupe.training.run_options import BUDGETS
from radloupe.zoo.old_recipes import current_path

LOSS_BY_NAME = re.compile(r"phases\.(?P<phase>\d+)\.loss_terms\.(?P<loss>[a-z][a-z0-9-]*)")
"""A path that names a loss term by its loss rather than by its number."""
STEPS = 40  # of each phase
BATCH = 4
SEEN = 10  # steps between looks
DISCRIMINATORS = ("vgg96-discriminator", "vgg128-discriminator", "patchgan", "srgan-discriminator", "gap-discriminator", "ttsr-critic")
NARROW: Mapping[str, Mapping[str, Any]] = {"sr-cyclegan-down": {"blocks": 1, "width": 8}} | {name: {"width": 8} for name in DISCRIMINATORS}
"""Settings of the rows of `PARTS` in small."""


def small(recipe: Recipe, steps: int = STEPS) -> Recipe:
    """A recipe for trials: shrunken networks, few steps, small batches, constant rates ten times as high as the paper's.

    Its results show that the parts work together; they do not evaluate the method.
    """
    return replace(
        recipe,
        networks={name: small_net(net) for name, net in recipe.networks.items()},
        phases=tuple(small_phase(phase, steps) for phase in recipe.phases),
        data=replace(recipe.data, batch=min(BATCH, recipe.data.batch), accumulate=1),
        validate_every=steps,
        save_every=steps,
        log_every=SEEN,
    )


def small_net(net: NetworkConfig) -> NetworkConfig:
    """A network with fewer and narrower layers, where its architecture defines a small form."""
    shrunk: Mapping[str, Any] = NETWORKS[net.architecture].small if net.scale is not None else NARROW[net.architecture]
    optimiser = replace(net.optimiser, lr=10 * net.optimiser.lr)
    initialisation = "default" if net.initialisation == "vgg19" else net.initialisation  # VGG19's weights do not fit a narrow extractor
    return replace(net, settings={**net.settings, **shrunk}, optimiser=optimiser, initialisation=initialisation)


def small_phase(phase: Phase, steps: int) -> Phase:
    """A phase of few steps."""
    return replace(phase, steps=steps, unit="steps", schedule=LearningRateSchedule())


def chosen(name: str, budget: str, settings: Mapping[str, str], generator: str | None = None) -> Recipe:
    """A recipe at a budget, with another generator if one is named, and with some of its values changed.

    The other generator is built with its defaults, which `networks.generator.settings` can change. Raises `UsageError` with the nearest
    name for unknown names.
    """
    if budget not in BUDGETS:
        raise UsageError(f"Expected a `budget` of {' or '.join(BUDGETS)}, found {budget!r}.")
    recipe: Recipe = RECIPES[name]
    if generator:
        own = NETWORKS[generator].default_settings()
        net = replace(recipe.networks["generator"], architecture=generator, settings=own, initialisation="default")
        recipe = replace(recipe, networks={**recipe.networks, "generator": net})
    recipe = small(recipe) if budget == "small" else recipe
    for path, value in settings.items():
        term = LOSS_BY_NAME.fullmatch(path)
        recipe = with_loss(recipe, int(term["phase"]), term["loss"], value) if term else changed_at(recipe, current_path(path), value)
    return recipe


def with_loss(recipe: Recipe, number: int, loss: str, weight: str) -> Recipe:
    """A recipe with the weight of a loss of `sr` and `high` in one phase; the term is added where the phase has none.

    Raises `UsageError` for a phase or a loss that does not exist, and for a weight that is no number.

    >>> with_loss(RECIPES["srresnet"], 0, "frequency", "0.01").phases[0].loss_terms[-1].weight
    0.01
    """
    LOSSES[loss]  # an unknown one is refused with the nearest name
    if number >= len(recipe.phases):
        raise UsageError(f"Expected a phase from 0 to {len(recipe.phases) - 1} of {recipe.name}, found {number}.")
    terms = recipe.phases[number].loss_terms
    index = next((n for n, term in enumerate(terms) if (term.loss, term.inputs) == (loss, LossTerm(loss).inputs)), len(terms))
    terms = terms if index < len(terms) else (*terms, LossTerm(loss))
    phases = tuple(replace(phase, loss_terms=terms) if n == number else phase for n, phase in enumerate(recipe.phases))
    return changed_at(replace(recipe, phases=phases), f"phases.{number}.loss_terms.{index}.weight", weight)
