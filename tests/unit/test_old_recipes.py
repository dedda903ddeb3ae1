"""What earlier versions left on disk is read under today's names."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from radloupe.core.settings import rebuilt
from radloupe.papers.recipes import RECIPES
from radloupe.papers.small_budget import chosen
from radloupe.training.journal import CONFIG
from radloupe.training.recipe import Recipe
from radloupe.training.runs import recipe_of
from radloupe.training.state import current_names
from radloupe.zoo.old_recipes import current_recipe

OLD = json.loads((Path(__file__).parent / "old_recipes.json").read_text())
"""Recipes as version 0.1 wrote them into `config.json`: between them they have every key whose name has changed."""


FULL = replace(RECIPES["ttsr-fd"].phases[-1], steps=100)
EARLIER = {
    "ttsr-fd": replace(
        RECIPES["ttsr-fd"],
        phases=tuple(replace(phase, settings={}) for phase in (RECIPES["ttsr-fd"].phases[0], FULL)),
        note=OLD["ttsr-fd"]["note"],
    )
}
"""What version 0.1 called by a name that has another content today: TTSR-FD without related references."""


@pytest.mark.parametrize("name", OLD)
def test_an_old_recipe_is_today_s_recipe(name):
    assert rebuilt(Recipe, current_recipe(OLD[name])) == EARLIER.get(name, RECIPES[name])


@pytest.mark.parametrize("name", OLD)
def test_today_s_recipe_is_left_as_it_is(name):
    record = json.loads(json.dumps(asdict(RECIPES[name])))
    assert current_recipe(record) == record
    assert current_recipe({"converted_from": "a.pth"}) == {"converted_from": "a.pth"}  # the record of a converted model is no recipe


def test_an_old_run_is_read(tmp_path):
    (tmp_path / CONFIG).write_text(json.dumps({"recipe": OLD["ct-uct"]}))
    assert recipe_of(tmp_path) == RECIPES["ct-uct"]


def test_the_critics_of_an_old_checkpoint_are_discriminators():
    one = torch.zeros(1)
    old = {"network/clinical-critic/weight": one, "pool/clinical-critic/made_clinical": one, "network/generator/weight": one}
    found = current_names(old, ("generator", "clinical-discriminator"))
    assert set(found) == {"network/clinical-discriminator/weight", "pool/clinical-discriminator/fake_clinical", "network/generator/weight"}
    assert current_names({"network/critic/weight": one}, ("critic",)).keys() == {"network/critic/weight"}  # a Wasserstein critic


def test_old_paths_of_set_still_lead_somewhere():
    settings = {"nets.generator.optimiser.lr": "1e-3", "phases.0.duels.0.weight": "0.5", "nets.discriminator.settings.width": "16"}
    recipe = chosen("xpgan", "small", settings)
    assert recipe.networks["generator"].optimiser.lr == 1e-3
    assert recipe.phases[0].adversarial_terms[0].weight == 0.5
    assert recipe.networks["discriminator"].settings["width"] == 16
