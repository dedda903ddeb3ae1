"""Reading of run folders: recipe, trained networks, completion."""

import json
from pathlib import Path

from radloupe.core.errors import UsageError, WeightsError
from radloupe.core.settings import rebuilt
from radloupe.networks.network import Network
from radloupe.training.journal import CONFIG, LAST
from radloupe.training.recipe import Recipe
from radloupe.training.setup import build
from radloupe.training.state import BEST, CHECKPOINTS, current_names, newest, read
from radloupe.zoo.old_recipes import current_recipe


def recipe_of(run: Path) -> Recipe:
    """The resolved recipe of a run; raises `UsageError` for a folder that is none."""
    try:
        record = json.loads((run / CONFIG).read_text(encoding="utf-8"))
        recipe: Recipe = rebuilt(Recipe, current_recipe(record["recipe"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"Expected a run of `radloupe train` in {run}, found none: {error}.") from error
    return recipe


def finished(run: Path) -> bool:
    """Whether a run has completed its recipe."""
    return (run / LAST).exists() and bool(json.loads((run / LAST).read_text(encoding="utf-8"))["finished"])


def network_of(recipe: Recipe, run: Path, name: str = "generator", best: bool = False) -> Network:
    """A trained network of a run, as it is measured: the EMA of its weights where the recipe has one.

    `best` takes the checkpoint that scored highest on the validation split in place of the newest. Raises `WeightsError`.
    """
    found = read(run / CHECKPOINTS / BEST) if best else newest(run)
    if found is None:
        raise WeightsError(f"The run {run} has no checkpoint yet.")
    prefix = f"average/{name}/module." if recipe.networks[name].ema_decay is not None else f"network/{name}/"
    network = build(recipe.networks[name], recipe.seed, name)
    if not isinstance(network, Network):
        raise UsageError(f"Expected a super-resolution network as {name} of the run {run}, found a {type(network).__name__}.")
    tensors = current_names(found[1], recipe.networks)
    network.load_state_dict({key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)})
    return network.eval()
