"""XPGAN's recipe has the paper's figures, and the released notebook's where the paper says nothing."""

from dataclasses import replace

from radloupe.papers.recipes import RECIPES
from radloupe.training.learning_rate import schedule_factor
from radloupe.training.recipe import resolved

PAPER, RELEASED = RECIPES["xpgan"], RECIPES["xpgan-released"]


def test_losses():
    (phase,) = PAPER.phases
    assert {term.loss: term.weight for term in phase.loss_terms} == {"mse": 1.0, "perceptual": 6e-3, "total-variation": 2e-8}  # notebook
    assert phase.loss_terms[1].settings == {"like": "xpgan"}  # conv5_2 before its rectifier, input as it is: notebook
    assert [(term.gan_loss, term.weight, term.updates) for term in phase.adversarial_terms] == [
        ("xpgan-log", 1e-3, 1)
    ]  # paper, equation 2; notebook
    assert [term.gan_loss for term in RELEASED.phases[0].adversarial_terms] == ["xpgan-linear"]  # notebook
    assert PAPER.networks["discriminator"].settings == {"scores": "probabilities"}  # paper, equation 7


def test_schedule():
    for net in PAPER.networks.values():
        assert (net.optimiser.lr, net.optimiser.betas) == (2e-4, (0.5, 0.999))  # paper's rate; notebook's betas
    (phase,) = PAPER.phases
    assert (phase.steps, phase.unit) == (200, "epochs")  # paper
    assert (PAPER.data.batch, PAPER.data.patch, PAPER.scale, PAPER.data.channels) == (16, 64, 4, 3)  # paper: patches of 256
    assert PAPER.data.degradation == "xpgan"
    epochs = resolved(PAPER, 160).phases[0]  # ten steps an epoch
    rates = [2e-4 * schedule_factor(epochs.schedule, step, epochs.steps) for step in (0, 499, 500, 1999)]
    assert [f"{rate:.0e}" for rate in rates] == ["2e-04", "2e-04", "2e-05", "2e-05"]  # a tenth from epoch 50: what the paper means
    assert RELEASED.networks["generator"].optimiser.lr == 2e-5  # what the notebook does
    assert RELEASED.phases[0].schedule.milestones == ()


def test_projections_are_trained_as_radiographs_are():
    """Section 5 announces CT; all figures are those of the paper's experiments."""
    paper, projections = RECIPES["xpgan"], RECIPES["xpgan-projections"]
    assert replace(projections, name=paper.name, note=paper.note, variant=paper.variant) == paper
