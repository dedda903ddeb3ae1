"""The transform-domain MRI recipes have the paper's figures (section IV, equations 11 and 12)."""

import pytest

from radloupe.degradation import centred
from radloupe.papers.recipes import RECIPES


@pytest.mark.parametrize(("name", "scale"), [("transform-mri-x2", 2), ("transform-mri", 4), ("transform-mri-x8", 8)])
def test_printed_values(name, scale):
    recipe = RECIPES[name]
    assert recipe.scale == scale
    (phase,) = recipe.phases
    assert {term.loss: term.weight for term in phase.loss_terms} == {"l1": 1.0, "symmetry": 1e-2, "edge": 1e-2}  # equation 12
    assert (phase.steps, phase.unit, phase.schedule.milestones, phase.schedule.factor) == (100, "epochs", (40, 80), 0.1)
    optimiser = recipe.networks["generator"].optimiser
    assert (optimiser.lr, optimiser.betas, optimiser.eps) == (1e-4, (0.9, 0.999), 1e-8)
    assert (recipe.data.batch, recipe.data.patch * scale) == (8, 256)  # whole slices
    assert (recipe.data.degradation, recipe.data.channels) == ("kspace", 1)


def test_ablations():
    high, low = RECIPES["transform-mri-high-only"], RECIPES["transform-mri-low-only"]
    assert [term.loss for term in high.phases[0].loss_terms] == ["l1", "edge"]  # without the transform there is no symmetry
    assert (high.networks["generator"].architecture, low.networks["generator"].architecture) == ("transform-mri-high", "transform-mri-low")


def test_pairs_on_the_grid_of_k_space_stay_upright():
    """A mirrored pair would have its low pixels on the other side of the high ones: half a low pixel off."""
    assert not centred("kspace", 4)
    assert centred("kspace-centred", 4)
