"""AID-SRGAN's recipes have the paper's figures, and the released options' where the paper says nothing."""

import torch
from torch import nn

from radloupe.losses.pixel import l1
from radloupe.losses.structure import ssim
from radloupe.papers.recipes import RECIPES
from radloupe.training.recipe import NetworkConfig
from radloupe.training.setup import build

PAPER, RELEASED = RECIPES["aid-srgan"], RECIPES["aid-srgan-released"]
PAIRS = (("sr", "high"), ("denoised", "clean"))


def test_joint_losses():
    joint = PAPER.phases[-1]
    pixels = {(term.loss, term.inputs): term.weight for term in joint.loss_terms if term.loss != "perceptual"}
    assert pixels == {(loss, of): 1e-5 for loss in ("l1", "ssim") for of in PAIRS}  # paper, table 2d: alpha = beta = 1e-5
    assert {term.weight_without_vgg for term in joint.loss_terms if term.loss != "perceptual"} == {1.0}
    assert [(term.weight, term.settings) for term in joint.loss_terms if term.loss == "perceptual"] == [
        (1.0, {"like": "aid"})
    ]  # released options
    assert [(term.gan_loss, term.weight) for term in joint.adversarial_terms] == [("relativistic", 5e-3)]  # released options


def test_schedule():
    assert [phase.name for phase in PAPER.phases] == ["denoise", "super-resolution", "joint"]  # paper, section 2
    rates = [PAPER.networks["generator"].optimiser.lr * phase.lr for phase in PAPER.phases]
    assert [f"{rate:.0e}" for rate in rates] == ["1e-04", "1e-04", "1e-05"]  # released options; paper for the joint phase
    assert PAPER.phases[-1].schedule.milestones[0] == RELEASED.phases[0].schedule.milestones[0] == 100_000  # released options
    assert (PAPER.phases[-1].schedule.factor, RELEASED.phases[0].lr) == (0.5, 1.0)
    assert RELEASED.phases[0].schedule.milestones == (100_000, 200_000, 1_200_000, 2_000_000)
    assert (PAPER.data.batch, PAPER.data.patch * PAPER.scale, PAPER.data.channels) == (32, 96, 3)  # paper, section 3
    assert (PAPER.data.degradation, RELEASED.data.degradation) == ("aid-paper", "aid-released")


def test_denoising_begins_where_ssim_cannot_tell_it_from_the_truth():
    """Why that phase compares by L1: SSIM takes products of means and of deviations, and both change sign."""
    image = torch.rand(1, 1, 24, 24)
    assert ssim(-image, image, constants="released") < 0.02 < l1(-image, image)  # the constants are a hundredth of the variance
    assert [(term.loss, term.inputs) for term in PAPER.phases[0].loss_terms] == [("l1", PAIRS[1])]


def test_super_resolution_is_trained_from_clean_images_by_itself():
    assert PAPER.phases[1].settings == {"image": "clean", "clean": True}  # paper, training strategy: (y', x)


def test_released_losses_keep_their_pixels_without_vgg():
    assert [(term.loss, term.weight, term.weight_without_vgg) for term in RELEASED.phases[0].loss_terms] == [
        ("l1", 1e-5, 1.0),
        ("l1", 1e-5, 1.0),
        ("perceptual", 1.0, None),
    ]


def test_ablations():
    direct, separate = RECIPES["aid-srgan-direct"], RECIPES["aid-srgan-separate"]  # paper, table 2b and its caption: PSRGAN, DnCNN
    assert direct.networks["generator"].architecture == "psrgan"
    assert [term.inputs for term in direct.phases[0].loss_terms] == [("sr", "high")] * 3
    assert "image" not in direct.phases[0].settings  # so the degraded one
    assert separate.networks["generator"].settings == {"head": "dncnn", "cascade": "image", "base": 1.0}
    assert [phase.name for phase in separate.phases] == ["denoise", "super-resolution"]
    assert RECIPES["aid-srgan-dropout-5"].networks["generator"].settings == {"dropout": 0.5}
    assert RECIPES["aid-srgan-dropout-1"].networks["generator"].settings == {"dropout": 0.1}
    assert RECIPES["aid-srgan-dncnn"].networks["generator"].settings == {"head": "dncnn"}


def test_first_weights_are_orthogonal():
    """Released options: gain 0.2, biases 0, normalisations from 0.1 to 1."""
    assert {net.initialisation for net in PAPER.networks.values()} == {"orthogonal"}
    for layer in build(NetworkConfig("vgg96-discriminator", settings={"width": 8}, initialisation="orthogonal"), 0).modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            rows = layer.weight.detach().flatten(1)
            rows = rows if rows.shape[0] <= rows.shape[1] else rows.T
            torch.testing.assert_close(rows @ rows.T, 0.04 * torch.eye(len(rows)), atol=1e-5, rtol=0)  # float32 QR of up to 576 columns
            assert not layer.bias.any()
        if isinstance(layer, nn.BatchNorm2d):
            assert 0.1 <= layer.weight.min() <= layer.weight.max() <= 1


def test_dncnn_is_heard_through_the_papers_first_weights():
    image = torch.rand(1, 3, 16, 16)
    deviation = {}
    for head in ("attention", "dncnn"):
        network = build(NetworkConfig("aid-srgan", 4, {"head": head}, initialisation="orthogonal"), 0)
        with torch.no_grad():
            deviation[head] = network.head(network.first(image)).std()
    # 14 gains of 0.2 would leave 1e-10 of what the attention blocks, which add to their input, keep
    assert deviation["dncnn"] > 0.1 * deviation["attention"]
