"""The recipes from clinical CT to micro-CT have the figures of arXiv 2010.10207, of CycleGAN, and of the group's released options."""

from radloupe.papers.recipes import RECIPES
from radloupe.training.learning_rate import share
from radloupe.training.recipe import resolved

TWO_STAGES, SR_CYCLEGAN = RECIPES["ct-uct"], RECIPES["sr-cyclegan"]


def weights(phase):
    return {(aim.loss, *aim.of): aim.weight for aim in phase.aims}


def test_translation():
    phase = TWO_STAGES.phases[0]
    assert weights(phase) == {
        ("cycle", "back_fine", "fine"): 10.0,  # CycleGAN, released options
        ("cycle", "back_clinical", "clinical"): 10.0,
        ("identity", "same_clinical", "clinical"): 5.0,  # CycleGAN: half of the cycle's
        ("identity", "same_fine", "fine"): 5.0,
        ("ssim", "made_clinical", "fine"): 0.5,  # paper: lambda 1
        ("ssim", "made_fine", "clinical"): 0.4,  # paper: lambda 2
    }
    assert all("constants" not in aim.settings for aim in phase.aims)  # the loss's default is the paper's 0.02 and 0.06
    assert {(duel.game, duel.weight, duel.pool) for duel in phase.duels} == {("least-squares", 1.0, 50)}  # CycleGAN
    steps = resolved(TWO_STAGES, 640).phases[0]  # ten steps an epoch
    assert [round(share(steps.rate, step, steps.steps), 3) for step in (0, 999, 1500, 1999)] == [1, 1, 0.5, 0.001]  # 100 + 100 epochs
    for name in ("translator", "backward", "clinical-critic", "fine-critic"):
        optimiser = TWO_STAGES.nets[name].optimiser
        assert (optimiser.lr, optimiser.betas) == (2e-4, (0.5, 0.999))  # CycleGAN
    assert TWO_STAGES.nets["fine-critic"].begin == "normal"  # CycleGAN; the generators begin so by themselves


def test_super_resolution():
    phase = TWO_STAGES.phases[1]
    assert weights(phase) == {("mse", "sr", "high"): 1.0}  # paper
    assert [(duel.game, duel.weight) for duel in phase.duels] == [("vanilla", 1e-3)]  # paper
    assert phase.trains == ("generator",)  # the translator is held
    assert [(p.steps, p.unit) for p in TWO_STAGES.phases] == [(200, "epochs")] * 2  # paper
    assert (TWO_STAGES.data.batch, TWO_STAGES.data.patch, TWO_STAGES.scale) == (64, 32, 8)  # paper
    assert TWO_STAGES.data.values == (-1.0, 1.0)  # paper
    assert (TWO_STAGES.nets["generator"].optimiser.lr, TWO_STAGES.nets["generator"].optimiser.betas) == (1e-4, (0.9, 0.999))


def test_sr_cyclegan():
    """Released options for x8 of zhuofeng/SR-cycleGAN."""
    (phase,) = SR_CYCLEGAN.phases
    expected = {
        ("cycle", "back_clinical", "clinical"): 1.0,
        ("cycle", "back_high", "high"): 1.0,
        ("identity", "same_high", "high"): 0.2,
        ("identity", "same_clinical", "clinical"): 0.02,  # a tenth
        ("l1", "pooled", "clinical"): 1.0,
        ("l1", "repeated", "high"): 1.0,
        ("ssim", "pooled", "clinical"): 1.0,
        ("ssim", "repeated", "high"): 1.0,
    }
    assert weights(phase) == expected
    assert {net.optimiser.lr for net in SR_CYCLEGAN.nets.values()} == {1e-5}
    assert SR_CYCLEGAN.data.batch == 4
