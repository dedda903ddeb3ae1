"""Small pieces of training: names are looked up first, phases rank their own checkpoints, pairs that must not be turned are not."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from test_training import ONE, RECIPE, gan, sources

from radloupe.core import seeds
from radloupe.core.errors import UsageError
from radloupe.data.pairs import Pair, Slices
from radloupe.degradation import centred
from radloupe.networks.registry import NETWORKS
from radloupe.papers.recipes import RECIPES
from radloupe.training.lookup import check_names
from radloupe.training.loop import train
from radloupe.training.non_blind import non_blind
from radloupe.training.recipe import LossTerm, NetworkConfig, Phase
from radloupe.training.state import BEST, CHECKPOINTS, read


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"procedure": "supervized"}, "Did you mean 'supervised'"),
        ({"trains": ("generater",)}, "Did you mean 'generator'"),
        ({"loss_terms": (LossTerm("l11"),)}, "Did you mean 'l1'"),
        ({"loss_terms": (LossTerm("perceptual", settings={"like": "ttsrr"}),)}, "Did you mean 'ttsr'"),
    ],
)
def test_names_of_a_late_phase_are_looked_up_first(change, words):
    late = replace(RECIPE, phases=(RECIPE.phases[0], replace(RECIPE.phases[1], **change)))
    with pytest.raises(UsageError, match=words):
        check_names(late)


def test_a_discriminator_that_is_not_there_is_named():
    with pytest.raises(UsageError, match="Unknown network 'discriminator'"):
        check_names(replace(gan(), networks={"generator": RECIPE.networks["generator"]}))
    with pytest.raises(UsageError, match="Did you mean 'loupe'"):
        check_names(replace(RECIPE, networks={"generator": NetworkConfig("loup", 2)}))


@pytest.mark.parametrize("name", RECIPES)
def test_the_names_of_every_recipe_exist(name):
    check_names(RECIPES[name])


def test_each_phase_ranks_its_own_checkpoints(tmp_path):
    """The second phase goes at once away from what the first one found; its best is still one of its own."""
    phases = (Phase(4), Phase(4, loss_terms=(LossTerm("mse", 1e-3),), lr=1e3))
    train(replace(RECIPE, phases=phases, validate_every=2), sources(), tmp_path, ONE)
    assert read(tmp_path / CHECKPOINTS / BEST)[0]["step"] > 4


@pytest.mark.parametrize(
    ("preset", "turned"), [("kspace", False), ("pyramid", False), ("kspace-centred", True), ("xpgan", True), ("bicubic", True)]
)
def test_patches_are_turned_only_where_low_pixels_lie_at_centres(preset, turned):
    assert centred(preset, 4) == turned


def test_pairs_that_may_not_be_rotated_stay_aligned():
    """However it is cut, a low patch is what the degradation makes of the high one."""
    high = np.add.outer(np.arange(64.0), 100 * np.arange(64.0))[None].astype(np.float32)
    low = high[:, ::2, ::2]  # the first of each two pixels
    source = Slices([Pair("ramp", low, high)], 8, 2, turned=False)
    for index in range(8):
        item = source.item(0, seeds.generator(0, "item", index))
        assert np.array_equal(item["low"], item["high"][:, ::2, ::2])


def test_mixed_precision_leaves_conditioning_inputs_unchanged():
    network = NETWORKS["srmd"](2, **NETWORKS["srmd"].small)
    made = []
    for mixed in (False, True):
        torch.manual_seed(0)
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            made.append(non_blind({"generator": network}, {"high": torch.rand(2, network.spec.channels, 32, 32)}))
    assert torch.equal(made[0]["low"], made[1]["low"])
    assert made[1]["sr"].dtype == torch.bfloat16
