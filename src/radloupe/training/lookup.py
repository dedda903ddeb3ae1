"""Checks of a recipe's names before training, since its last phase may begin after days."""

from radloupe.core.errors import UsageError
from radloupe.core.tables import suggest
from radloupe.losses import GAN_LOSSES, LOSSES
from radloupe.losses.perceptual import PERCEPTIONS
from radloupe.networks.registry import NETWORKS, PARTS
from radloupe.training.procedures import PROCEDURES
from radloupe.training.recipe import Phase, Recipe


def check_names(recipe: Recipe) -> None:
    """Raise `UsageError` with the nearest name for an unknown row or network."""
    for net in recipe.networks.values():
        _ = PARTS[net.architecture] if net.scale is None else NETWORKS[net.architecture]
    for phase in recipe.phases:
        for name in (*phase.trains, *(term.discriminator for term in phase.adversarial_terms)):
            if name not in recipe.networks:
                raise UsageError(f"Unknown network {name!r} in the phase {phase.name!r}.{suggest(name, recipe.networks)}")
        check_rows(phase)


def check_rows(phase: Phase) -> None:
    """Raise `UsageError` for an unknown procedure, loss or GAN loss."""
    _ = PROCEDURES[phase.procedure]
    for term in phase.loss_terms:
        _ = LOSSES[term.loss]
        like = term.settings.get("like", "ttsr")
        if term.loss == "perceptual" and like not in PERCEPTIONS:
            raise UsageError(f"Unknown perceptual loss {like!r}.{suggest(like, PERCEPTIONS)}")
    for adversarial in phase.adversarial_terms:
        _ = GAN_LOSSES[adversarial.gan_loss]
