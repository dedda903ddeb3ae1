"""What a recipe names is looked up before anything is trained: its last phase may begin after days."""

from radloupe.core.errors import UsageError
from radloupe.core.tables import suggest
from radloupe.losses import GAMES, LOSSES
from radloupe.losses.perceptual import PERCEPTIONS
from radloupe.networks.registry import NETWORKS, PARTS
from radloupe.training.procedures import PROCEDURES
from radloupe.training.recipe import Phase, Recipe


def check_names(recipe: Recipe) -> None:
    """Raise `UsageError` with the nearest name for a row or a network that does not exist."""
    for net in recipe.nets.values():
        _ = PARTS[net.row] if net.scale is None else NETWORKS[net.row]
    for phase in recipe.phases:
        for name in (*phase.trains, *(duel.critic for duel in phase.duels)):
            if name not in recipe.nets:
                raise UsageError(f"Unknown network {name!r} in the phase {phase.name!r}.{suggest(name, recipe.nets)}")
        check_rows(phase)


def check_rows(phase: Phase) -> None:
    """Raise `UsageError` for a procedure, loss or game that does not exist."""
    _ = PROCEDURES[phase.procedure]
    for aim in phase.aims:
        _ = LOSSES[aim.loss]
        like = aim.settings.get("like", "ttsr")
        if aim.loss == "perceptual" and like not in PERCEPTIONS:
            raise UsageError(f"Unknown perceptual loss {like!r}.{suggest(like, PERCEPTIONS)}")
    for duel in phase.duels:
        _ = GAMES[duel.game]
