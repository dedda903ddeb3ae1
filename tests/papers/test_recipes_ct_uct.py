"""The recipes from clinical CT to micro-CT have the figures of arXiv 2010.10207, of CycleGAN, and of the group's released options."""

from radloupe.papers.recipes import RECIPES
from radloupe.training.learning_rate import schedule_factor
from radloupe.training.recipe import resolved

TWO_STAGES, SR_CYCLEGAN = RECIPES["ct-uct"], RECIPES["sr-cyclegan"]


def weights(phase):
    return {(term.loss, *term.inputs): term.weight for term in phase.loss_terms}


def test_translation():
    phase = TWO_STAGES.phases[0]
    assert weights(phase) == {
        ("cycle", "reconstructed_fine", "fine"): 10.0,  # CycleGAN, released options
        ("cycle", "reconstructed_clinical", "clinical"): 10.0,
        ("identity", "identity_clinical", "clinical"): 5.0,  # CycleGAN: half of the cycle's
        ("identity", "identity_fine", "fine"): 5.0,
        ("ssim", "fake_clinical", "fine"): 0.5,  # paper: lambda 1
        ("ssim", "fake_fine", "clinical"): 0.4,  # paper: lambda 2
    }
    assert all("constants" not in term.settings for term in phase.loss_terms)  # the loss's default is the paper's 0.02 and 0.06
    assert {(term.gan_loss, term.weight, term.image_pool) for term in phase.adversarial_terms} == {("least-squares", 1.0, 50)}  # CycleGAN
    steps = resolved(TWO_STAGES, 640).phases[0]  # ten steps an epoch
    assert [round(schedule_factor(steps.schedule, step, steps.steps), 3) for step in (0, 999, 1500, 1999)] == [
        1,
        1,
        0.5,
        0.001,
    ]  # 100 + 100 epochs
    for name in ("translator", "backward", "clinical-discriminator", "fine-discriminator"):
        optimiser = TWO_STAGES.networks[name].optimiser
        assert (optimiser.lr, optimiser.betas) == (2e-4, (0.5, 0.999))  # CycleGAN
    assert TWO_STAGES.networks["fine-discriminator"].initialisation == "normal"  # CycleGAN; the generators begin so by themselves


def test_super_resolution():
    phase = TWO_STAGES.phases[1]
    assert weights(phase) == {("mse", "sr", "high"): 1.0}  # paper
    assert [(term.gan_loss, term.weight) for term in phase.adversarial_terms] == [("vanilla", 1e-3)]  # paper
    assert phase.trains == ("generator",)  # the translator is frozen
    assert [(p.steps, p.unit) for p in TWO_STAGES.phases] == [(200, "epochs")] * 2  # paper
    assert (TWO_STAGES.data.batch, TWO_STAGES.data.patch, TWO_STAGES.scale) == (64, 32, 8)  # paper
    assert TWO_STAGES.data.value_range == (-1.0, 1.0)  # paper
    assert (TWO_STAGES.networks["generator"].optimiser.lr, TWO_STAGES.networks["generator"].optimiser.betas) == (1e-4, (0.9, 0.999))


def test_sr_cyclegan():
    """Released options for x8 of zhuofeng/SR-cycleGAN."""
    (phase,) = SR_CYCLEGAN.phases
    expected = {
        ("cycle", "reconstructed_clinical", "clinical"): 1.0,
        ("cycle", "reconstructed_high", "high"): 1.0,
        ("identity", "identity_high", "high"): 0.2,
        ("identity", "identity_clinical", "clinical"): 0.02,  # a tenth
        ("l1", "pooled", "clinical"): 1.0,
        ("l1", "repeated", "high"): 1.0,
        ("ssim", "pooled", "clinical"): 1.0,
        ("ssim", "repeated", "high"): 1.0,
    }
    assert weights(phase) == expected
    assert {net.optimiser.lr for net in SR_CYCLEGAN.networks.values()} == {1e-5}
    assert SR_CYCLEGAN.data.batch == 4
