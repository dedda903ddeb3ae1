"""The baselines' recipes have the figures that their authors train with."""

import pytest
import torch

from radloupe.papers.recipes import RECIPES
from radloupe.training.recipe import NetworkConfig
from radloupe.training.setup import build

HALVED = (200_000, 400_000, 600_000, 800_000)
ROWS = {  # loss, rate, steps, batch, low patch, milestones: the authors' released options, or their papers
    "edsr-baseline": ("l1", 1e-4, 300_000, 16, 48, HALVED),
    "edsr": ("l1", 1e-4, 300_000, 16, 48, HALVED),
    "rcan": ("l1", 1e-4, 1_000_000, 16, 48, HALVED),
    "srresnet": ("mse", 1e-4, 1_000_000, 16, 24, ()),
    "rrdb": ("l1", 2e-4, 1_000_000, 16, 32, HALVED),
    "liif": ("l1", 1e-4, 1_000_000, 16, 48, HALVED),
    "lte": ("l1", 1e-4, 1_000_000, 16, 48, HALVED),
    "swinir": ("l1", 2e-4, 500_000, 32, 48, (250_000, 400_000, 450_000, 475_000)),
    "srmd": ("l1", 1e-4, 1_000_000, 16, 24, HALVED),
    "dpsr": ("l1", 1e-4, 1_000_000, 16, 24, HALVED),
    "arssr-2d": ("l1", 1e-4, 2500, 15, 10, tuple(range(200, 2500, 200))),  # in epochs
}


@pytest.mark.parametrize("name", ROWS)
def test_supervised(name):
    recipe = RECIPES[name]
    (phase,) = recipe.phases
    (term,) = phase.loss_terms
    optimiser = recipe.networks["generator"].optimiser
    assert (term.loss, optimiser.lr, phase.steps, recipe.data.batch, recipe.data.patch, phase.schedule.milestones) == ROWS[name]
    assert (optimiser.betas, phase.schedule.factor, phase.unit) == ((0.9, 0.999), 0.5, "epochs" if name == "arssr-2d" else "steps")


def test_srgan():
    """Ledig et al., CVPR 2017, section 3.2."""
    first, second, third = RECIPES["srgan"].phases
    assert [(p.steps, p.lr) for p in (first, second, third)] == [(1_000_000, 1.0), (100_000, 1.0), (100_000, 0.1)]
    assert [term.loss for term in first.loss_terms] == ["mse"]
    for phase in (second, third):
        assert (phase.loss_terms[0].loss, phase.loss_terms[0].weight, phase.loss_terms[0].settings) == (
            "perceptual",
            6e-3,
            {"like": "srgan"},
        )  # 1/12.75^2
        assert [(term.gan_loss, term.weight) for term in phase.adversarial_terms] == [("vanilla", 1e-3)]


@pytest.mark.parametrize(
    ("name", "discriminator"), [("esrgan", "vgg128-discriminator"), ("psrgan", "vgg96-discriminator"), ("spsr", "vgg128-discriminator")]
)
def test_perceptual_gans(name, discriminator):
    """Released options of ESRGAN, PSRGAN and SPSR."""
    recipe = RECIPES[name]
    phase = recipe.phases[-1]
    assert [(term.loss, term.weight) for term in phase.loss_terms[:2]] == [("l1", 1e-2), ("perceptual", 1.0)]
    assert {(term.gan_loss, term.weight) for term in phase.adversarial_terms} == {("relativistic", 5e-3)}
    assert {net.optimiser.lr * phase.lr for net in recipe.networks.values()} == {1e-4}
    assert recipe.networks["discriminator"].architecture == discriminator


def test_esrgan_begins_with_pixels_and_keeps_a_mean_of_its_weights():
    recipe = RECIPES["esrgan"]
    assert [term.loss for term in recipe.phases[0].loss_terms] == ["l1"]
    assert recipe.phases[1].schedule.milestones == (50_000, 100_000, 200_000, 300_000)
    generator = recipe.networks["generator"]
    assert (generator.ema_decay, generator.optimiser.lr, generator.optimiser.betas) == (0.999, 2e-4, (0.9, 0.99))  # BasicSR


def test_spsr_looks_at_gradients():
    (phase,) = RECIPES["spsr"].phases
    assert {(term.loss, term.inputs): term.weight for term in phase.loss_terms[2:]} == {
        ("mse", ("sr_gradient", "high_gradient")): 1e-2,
        ("l1", ("gradient", "high_gradient")): 0.5,
    }
    assert (phase.steps, RECIPES["spsr"].data.batch, RECIPES["spsr"].data.patch) == (500_000, 30, 32)


def test_spsr_begins_with_a_tenth_of_kaiming():
    net = build(NetworkConfig("vgg128-discriminator", settings={"width": 32}, initialisation="kaiming"), 0)
    kernel = net.features[2].weight  # 32 x 32 x 4 x 4
    assert kernel.std().item() == pytest.approx(0.1 * (2 / 512) ** 0.5, rel=0.05)  # 16384 draws: deviation known to 1 %
    assert not any(p.any() for name, p in net.named_parameters() if name.startswith("classifier") and name.endswith("bias"))
    assert torch.isfinite(kernel).all()
