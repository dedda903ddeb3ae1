"""XPGAN's recipe has the paper's figures, and the released notebook's where the paper says nothing."""

from radloupe.papers.recipes import RECIPES
from radloupe.training.learning_rate import share
from radloupe.training.recipe import resolved

PAPER, RELEASED = RECIPES["xpgan"], RECIPES["xpgan-released"]


def test_losses():
    (phase,) = PAPER.phases
    assert {aim.loss: aim.weight for aim in phase.aims} == {"mse": 1.0, "perceptual": 6e-3, "total-variation": 2e-8}  # notebook
    assert phase.aims[1].settings == {"like": "xpgan"}  # conv5_2 before its rectifier, input as it is: notebook
    assert [(duel.game, duel.weight, duel.updates) for duel in phase.duels] == [("xpgan-log", 1e-3, 1)]  # paper, equation 2; notebook
    assert [duel.game for duel in RELEASED.phases[0].duels] == ["xpgan-linear"]  # notebook
    assert PAPER.nets["critic"].settings == {"scores": "probabilities"}  # paper, equation 7


def test_schedule():
    for net in PAPER.nets.values():
        assert (net.optimiser.lr, net.optimiser.betas) == (2e-4, (0.5, 0.999))  # paper's rate; notebook's betas
    (phase,) = PAPER.phases
    assert (phase.steps, phase.unit) == (200, "epochs")  # paper
    assert (PAPER.data.batch, PAPER.data.patch, PAPER.scale, PAPER.data.channels) == (16, 64, 4, 3)  # paper: patches of 256
    assert PAPER.data.degradation == "xpgan"
    epochs = resolved(PAPER, 160).phases[0]  # ten steps an epoch
    rates = [2e-4 * share(epochs.rate, step, epochs.steps) for step in (0, 499, 500, 1999)]
    assert [f"{rate:.0e}" for rate in rates] == ["2e-04", "2e-04", "2e-05", "2e-05"]  # a tenth from epoch 50: what the paper means
    assert RELEASED.nets["generator"].optimiser.lr == 2e-5  # what the notebook does
    assert RELEASED.phases[0].rate.milestones == ()
