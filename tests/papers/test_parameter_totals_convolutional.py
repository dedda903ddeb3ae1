"""Trainable parameters of AID-SRGAN and the convolutional baselines, exactly."""

import pytest
import torch

from radloupe.networks.registry import NETWORKS, PARTS

TOTALS = [
    ("aid-srgan", 2, {}, 876_507),
    ("aid-srgan", 4, {}, 913_435),
    ("aid-srgan-plus", 2, {}, 7_169_731),
    ("aid-srgan-plus", 4, {}, 7_206_659),
    ("psrgan", 2, {}, 312_736),
    ("psrgan", 4, {}, 349_664),
    ("rcan", 2, {}, 15_444_643),
    ("rcan", 4, {}, 15_592_355),
    ("rcan", 8, {}, 15_740_067),
    ("rrdb", 4, {}, 16_697_987),
    ("rrdb", 4, {"channels": 1}, 16_695_681),
    ("rrdb", 2, {}, 16_703_171),
    ("rrdb-upconv", 2, {}, 16_661_059),
    ("spsr", 2, {}, 24_722_374),
    ("spsr", 4, {}, 24_796_230),
    ("srmd", 2, {}, 1_511_692),
    ("srmd", 4, {}, 1_553_200),
    ("srmd", 4, {"channels": 1}, 1_514_000),
    ("dpsr", 2, {}, 3_161_664),
    ("dpsr", 4, {}, 3_493_824),
    ("dpsr", 2, {"up": "upconv"}, 2_912_544),
    ("dpsr", 4, {"up": "upconv"}, 2_995_584),
    ("srresnet-kair", 4, {}, 1_332_928),
    ("dncnn", 1, {}, 557_057),
    ("dncnn-merged", 1, {}, 555_137),
    ("dncnn-colour", 1, {}, 670_531),
    ("span", 4, {"expanded": False, "width": 52}, 498_208),  # the paper's table says 498 K
    ("span", 2, {"expanded": False, "width": 52}, 481_324),  # 481 K
    ("safmn", 2, {}, 227_820),  # 228 K in the paper
    ("safmn", 4, {}, 239_520),  # 240 K
]


def trainable(module):
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


@pytest.mark.parametrize(("name", "scale", "settings", "total"), TOTALS)
def test_networks_have_the_papers_numbers(name, scale, settings, total):
    with torch.device("meta"):
        assert trainable(NETWORKS[name](scale, **settings)) == total


def test_the_vgg96_discriminator_has_kairs_numbers():
    with torch.device("meta"):
        assert trainable(PARTS["vgg96-discriminator"]()) == 14_143_881


@pytest.mark.parametrize(("last", "total"), [(11, 555_328), (36, 20_024_384)])
def test_vgg19_has_torchvisions_numbers(last, total):
    # up to conv3_1: TTSR's extractor in table 0.1; all of them: torchvision's 143,667,240 less the dense layers' 123,642,856
    with torch.device("meta"):
        assert trainable(PARTS["vgg19"](last, trainable=True)) == total
