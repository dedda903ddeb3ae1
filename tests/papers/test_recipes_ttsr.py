"""TTSR-FD's recipe has the paper's figures, and those of TTSR's released options where the paper says nothing."""

from dataclasses import replace

import pytest
import torch
from lightning_fabric import Fabric
from safetensors.torch import save_file

from radloupe.losses.frequency import frequency
from radloupe.networks.layers.texture_extractor import VGG19
from radloupe.papers.recipes import RECIPES
from radloupe.training.setup import start

TTSR_FD = RECIPES["ttsr-fd"]


def weights(recipe):
    return {term.loss: term.weight for term in recipe.phases[1].loss_terms}


def test_losses():
    assert weights(TTSR_FD) == {
        "l1": 1.0,  # paper, training
        "frequency": 1e-2,  # paper, equation 3 and training
        "perceptual": 1e-2,  # paper, training
        "texture": 1e-2,  # paper's one perceptual weight is for both: TTSR's released training script
    }
    (term,) = TTSR_FD.phases[1].adversarial_terms
    assert (term.gan_loss, term.weight) == ("wasserstein", 1e-3)  # paper, training
    assert (term.updates, term.gradient_penalty) == (2, 10.0)  # TTSR, released loss
    assert TTSR_FD.phases[1].loss_terms[2].settings == {"like": "ttsr"}  # relu5_1, mean square: TTSR, released loss


def test_frequencies_are_not_normalised():
    (term,) = (term for term in TTSR_FD.phases[1].loss_terms if term.loss == "frequency")
    assert term.settings == {}  # the loss's default is the un-normalised transform and the mean over its bins (PyTorch 1.8, the paper's)


def test_schedule():
    warm_up, related, full = TTSR_FD.phases
    assert (warm_up.steps, warm_up.unit) == (2, "epochs")  # TTSR's script
    assert (related.steps + full.steps, related.unit, full.unit) == (100, "epochs", "epochs")  # paper
    assert replace(related, settings=full.settings, name=full.name) == full
    assert [phase.settings["related"] for phase in TTSR_FD.phases] == [1.0, 1.0, 0.5]  # ours
    assert [term.loss for term in warm_up.loss_terms] == ["l1"]
    assert not warm_up.adversarial_terms
    assert full.schedule.milestones == ()  # no decay
    generator, critic = (TTSR_FD.networks[name].optimiser for name in ("generator", "critic"))
    assert (generator.lr, generator.betas, generator.eps) == (1e-4, (0.9, 0.999), 1e-8)  # paper
    assert generator.lr_multipliers == {"extractor": 0.1}  # 1e-5: TTSR's options
    assert (critic.lr, critic.betas) == (1e-4, (0.0, 0.9))  # TTSR, released loss
    assert (TTSR_FD.data.batch, TTSR_FD.data.patch, TTSR_FD.data.value_range, TTSR_FD.data.channels) == (
        4,
        40,
        (-1.0, 1.0),
        3,
    )  # paper: 160 high


def test_ablations():
    assert weights(RECIPES["ttsr"]) == {"l1": 1.0, "perceptual": 1e-2, "texture": 1e-2}
    assert weights(RECIPES["ttsr-rec101"])["l1"] == 1.01  # paper, table of ablations


def test_the_extractor_begins_with_imagenet_weights(tmp_path):
    width = {"0": (64, 3), "2": (64, 64), "5": (128, 64), "7": (128, 128), "10": (256, 128)}
    given = {f"features.{n}.weight": torch.full((*shape, 3, 3), float(n)) for n, shape in width.items()}
    given |= {f"features.{n}.bias": torch.zeros(shape[0]) for n, shape in width.items()}
    path = tmp_path / "vgg19.safetensors"
    save_file(given, path)
    recipe = replace(TTSR_FD, vgg19=str(path), networks={"generator": TTSR_FD.networks["generator"]})
    extractor = start(recipe, Fabric(accelerator="cpu")).networks["generator"].extractor.state_dict()
    assert all((extractor[f"{ours}.weight"] == float(n)).all() for n, ours in VGG19.items())


def test_denoising_has_the_frequency_loss():
    recipe = RECIPES["denoising-fd"]
    assert (recipe.scale, recipe.data.degradation) == (1, "photon-noise")
    assert {term.loss: term.weight for term in recipe.phases[0].loss_terms} == {"l1": 1.0, "frequency": 1e-2}  # the paper's weights
    assert recipe.networks["generator"].optimiser.lr == 1e-4  # the paper's


def test_the_control_weighs_as_much_as_reconstruction_and_frequency_loss_together():
    """An error of deviation 0.02 on 160 x 160: the un-normalised transform has moduli of about 160 * 0.02 * sqrt(pi) / 2 = 2.8."""
    recipe = RECIPES["ttsr-rec280"]
    assert weights(recipe) == {"l1": 2.8, "perceptual": 1e-2, "texture": 1e-2}
    torch.manual_seed(0)
    error = 0.02 * torch.randn(1, 1, 160, 160)
    ratio = 1e-2 * frequency(error, torch.zeros_like(error)) / error.abs().mean()
    assert 1 + float(ratio) == pytest.approx(2.8, abs=0.1)
