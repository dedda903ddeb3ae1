"""How many numbers each network trains, against totals added up from the papers' and the released code's layer lists."""

import pytest
import torch

from radloupe.networks.facts import trainable
from radloupe.networks.registry import NETWORKS, PARTS

ROWS = [
    ("ttsr", 4, {}, 6_729_603),  # 6,174,275 of the main network and 555,328 of the extractor
    ("xpgan", 4, {}, 734_219),
    ("xpgan", 4, {"channels": 1}, 713_481),
    ("ct-uct", 8, {}, 1_676_437),
    ("srresnet", 4, {}, 1_549_462),
    ("cyclegan-6", 1, {}, 7_825_153),
    ("cyclegan-9", 1, {}, 11_365_633),
    ("cyclegan-6", 1, {"channels": 3}, 7_837_699),
    ("cyclegan-9", 1, {"channels": 3}, 11_378_179),
    ("sr-cyclegan", 8, {}, 802_222),
    ("bicubic", 4, {}, 0),
]
PIECES = [
    ("ttsr-extractor", {}, 555_328),
    ("ttsr-critic", {}, 17_821_473),
    ("gap-discriminator", {}, 5_215_425),
    ("gap-discriminator", {"channels": 1}, 5_214_273),
    ("srgan-discriminator", {"channels": 1, "side": 256}, 138_907_713),  # 138.9 million: why micro-CT takes the other one
    ("patchgan", {}, 2_762_689),
    ("patchgan", {"channels": 3}, 2_764_737),
    ("sr-cyclegan-down", {}, 12_936_769),
]


@pytest.mark.parametrize(("name", "scale", "settings", "total"), ROWS)
def test_network(name, scale, settings, total):
    with torch.device("meta"):
        assert trainable(NETWORKS[name](scale, **settings)) == total


@pytest.mark.parametrize(("name", "settings", "total"), PIECES)
def test_part(name, settings, total):
    with torch.device("meta"):
        assert trainable(PARTS[name](**settings)) == total
