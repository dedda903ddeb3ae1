"""Loss terms that are changed and added by the name of the loss."""

import pytest

from radloupe.core.errors import UsageError
from radloupe.papers.recipes import RECIPES
from radloupe.papers.small_budget import chosen


def terms(name, **settings):
    recipe = chosen(name, "paper", {path.replace("__", "."): value for path, value in settings.items()})
    return {term.loss: term.weight for term in recipe.phases[0].loss_terms if term.inputs == ("sr", "high")}


def test_a_loss_is_added_to_a_phase():
    assert terms("srresnet", phases__0__loss_terms__frequency="0.01") == {"mse": 1.0, "frequency": 0.01}


def test_a_loss_that_is_there_gets_another_weight():
    assert terms("ttsr-fd", phases__0__loss_terms__l1="2.5") == {"l1": 2.5}


def test_a_loss_of_other_tensors_is_left_as_it_is():
    recipe = chosen("transform-mri", "paper", {"phases.0.loss_terms.symmetry": "0.5"})
    kinds = [(term.inputs, term.weight) for term in recipe.phases[0].loss_terms if term.loss == "symmetry"]
    assert kinds == [(("returned", "lifted"), 1e-2), (("sr", "high"), 0.5)]


def test_an_added_term_can_be_changed_further():
    recipe = chosen("srresnet", "paper", {"phases.0.loss_terms.ssim": "0.1", "phases.0.loss_terms.1.weight_without_vgg": "0.3"})
    assert recipe.phases[0].loss_terms[1].weight_without_vgg == 0.3


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("phases.0.loss_terms.frequncy", "0.01", "frequency"),
        ("phases.7.loss_terms.frequency", "0.01", "phase from 0 to 0"),
        ("phases.0.loss_terms.frequency", "much", "a number"),
    ],
)
def test_what_does_not_exist_is_refused(path, value, words):
    with pytest.raises(UsageError, match=words):
        chosen("srresnet", "paper", {path: value})


def test_recipes_stay_as_they_are():
    before = RECIPES["srresnet"]
    chosen("srresnet", "paper", {"phases.0.loss_terms.frequency": "1"})
    assert RECIPES["srresnet"] == before
