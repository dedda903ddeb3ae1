"""What every recipe of the table promises, tried in small on made-up images."""

import json
from dataclasses import asdict, dataclass, replace

import numpy as np
import pytest

from radloupe.core import seeds
from radloupe.core.settings import rebuilt
from radloupe.degradation import PRESETS
from radloupe.losses import GAN_LOSSES, LOSSES
from radloupe.networks.registry import NETWORKS, PARTS
from radloupe.papers.recipes import RECIPES
from radloupe.papers.small_budget import chosen, small
from radloupe.training.journal import rows
from radloupe.training.loop import train
from radloupe.training.procedures import PROCEDURES
from radloupe.training.recipe import Recipe, resolved
from radloupe.training.run_options import RunOptions
from radloupe.training.state import newest
from radloupe.training.training_step import term_names

PAPERS = ("ttsr-fd", "xpgan", "transform-mri", "ct-uct", "aid-srgan")
LOWERED = 0.8
"""What is left of the loss after a small budget, at most: ten times the paper's rate on four simple scenes gives more than that."""


@dataclass(frozen=True)
class Scenes:
    """Eight made-up images with everything that any recipe asks for."""

    side: int
    scale: int

    def __len__(self):
        return 8

    def item(self, index, rng):
        y, x = np.mgrid[: self.side * self.scale, : self.side * self.scale] / (self.side * self.scale)
        a, b, c = seeds.generator(0, "scene", index).random(3)
        high = (0.5 + 0.25 * np.sin(20 * (x + a)) * np.cos(15 * (y + b)) + 0.25 * (x + y > 0.5 + c)).astype(np.float32)[None]
        low = high.reshape(1, self.side, self.scale, self.side, self.scale).mean((2, 4))
        noisy = low + 0.05 * seeds.generator(0, "noise", index).standard_normal(low.shape, np.float32)
        return {"low": noisy, "clean": low, "high": high, "reference": high[:, ::-1].copy(), "fine": low, "clinical": 1 - low}


def tried(name, tmp_path, steps):
    """The small form of a recipe after a run."""
    recipe = replace(small(RECIPES[name], steps), log_every=1, vgg19="")
    alone = not any(phase.adversarial_terms for phase in recipe.phases)  # discriminators may take patches of one size only
    recipe = replace(recipe, data=replace(recipe.data, batch=2, patch=min(recipe.data.patch, 16) if alone else recipe.data.patch))
    source = Scenes(recipe.data.patch, recipe.scale)
    train(recipe, {"train": source, "validation": source}, tmp_path, RunOptions(device="cpu"))
    return recipe


@pytest.mark.parametrize("name", RECIPES)
def test_names_lead_somewhere(name):
    recipe = RECIPES[name]
    assert recipe.name == name
    assert recipe.paper
    assert recipe.data.degradation in PRESETS
    assert all(net.architecture in (PARTS if net.scale is None else NETWORKS) for net in recipe.networks.values())
    for phase in recipe.phases:
        assert phase.procedure in PROCEDURES
        assert {*phase.trains, *(term.discriminator for term in phase.adversarial_terms)} <= recipe.networks.keys()
        assert {term.loss for term in phase.loss_terms} <= LOSSES.keys()
        assert {term.gan_loss for term in phase.adversarial_terms} <= GAN_LOSSES.keys()
        assert not {term.discriminator for term in phase.adversarial_terms} & set(phase.trains)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_survives_being_written_down(name):
    recipe = resolved(RECIPES[name], 1000)
    assert rebuilt(Recipe, json.loads(json.dumps(asdict(recipe)))).phases == recipe.phases
    assert recipe.steps == sum(phase.steps for phase in recipe.phases)


QUICK = (*PAPERS, "sr-cyclegan", "spsr", "srmd", "edsr-baseline", "arssr-2d")
"""Each tries parts that none before it does; the others are left to the long tests."""


@pytest.mark.filterwarnings("ignore:The loss is trained without")
@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.long) for name in RECIPES])
def test_every_recipe_trains_all_that_it_names(name, tmp_path):
    recipe = tried(name, tmp_path, 1)
    record, named = newest(tmp_path)
    assert record["step"] == len(recipe.phases)
    moving = {key.split("/")[1] for key in named if key.startswith("optimiser/")}
    assert moving == {
        name for phase in recipe.phases for name in (*phase.trains, *(term.discriminator for term in phase.adversarial_terms))
    }
    assert all(np.isfinite(row["total"]) for row in rows(tmp_path) if "total" in row)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:The loss is trained without")
@pytest.mark.parametrize("name", PAPERS)
def test_a_small_budget_lowers_the_first_loss_term(name, tmp_path):
    recipe = tried(name, tmp_path, 40)
    for phase in recipe.phases:
        label = term_names(phase.loss_terms)[0]
        losses = [row[label] for row in rows(tmp_path) if row.get("phase") == phase.name and label in row]
        assert len(losses) == phase.steps
        if phase is recipe.phases[0]:
            assert np.mean(losses[-5:]) < LOWERED * np.mean(losses[:5])


def test_budgets_and_settings_are_chosen_by_name():
    recipe = chosen("ct-uct", "small", {"data.batch": "2", "phases.1.steps": "7"})
    assert (recipe.data.batch, recipe.phases[1].steps) == (2, 7)
