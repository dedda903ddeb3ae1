"""EDSR, implicit functions, SwinIR and the transform-domain MRI network have the papers' and released codes' number of parameters."""

import pytest
import torch

from radloupe.networks.facts import trainable
from radloupe.networks.registry import NETWORKS

TOTALS = [
    ("edsr-baseline", 2, {}, 1_369_859),
    ("edsr-baseline", 4, {}, 1_517_571),
    ("edsr-baseline", 8, {}, 1_665_283),
    ("edsr", 2, {}, 40_729_603),
    ("edsr", 4, {}, 43_089_923),
    ("edsr", 8, {}, 45_450_243),
    ("liif-edsr", 4, {}, 1_567_299),
    ("liif-rdn", 4, {}, 22_320_835),
    ("lte-edsr", 4, {}, 1_714_243),
    ("lte-rdn", 4, {}, 22_467_779),
    ("lte-swinir", 4, {}, 12_096_871),
    ("swinir", 2, {}, 11_752_487),
    ("swinir", 4, {}, 11_900_199),
    ("swinir", 8, {}, 12_047_911),
    ("swinir", 4, {"channels": 1}, 11_895_805),
    ("swinir-light", 2, {}, 910_152),
    ("swinir-light", 4, {}, 929_628),
    ("transform-mri", 2, {}, 3_055_218),
    ("transform-mri", 4, {}, 6_164_291),
    ("transform-mri", 8, {}, 9_273_364),
    ("transform-mri", 2, {"norm": "batch"}, 3_055_218),
    ("arssr-rdn", 2, {}, 6_283_460),
    ("arssr-rescnn", 2, {}, 2_579_588),
    ("arssr-srresnet", 2, {}, 4_682_052),
]


@pytest.mark.parametrize(("name", "scale", "settings", "total"), TOTALS)
def test_parameter_total(name, scale, settings, total):
    with torch.device("meta"):
        assert trainable(NETWORKS[name](scale, **settings)) == total


@pytest.mark.parametrize(
    ("settings", "total"),
    [({}, 2_298_160), ({"ratio": 4.0}, 3_187_504), ({"side": 7}, 2_290_096), ({"side": 7, "ratio": 4.0}, 3_179_440)],
)
def test_the_mri_networks_swin_encoder_and_its_readings(settings, total):
    with torch.device("meta"):
        network = NETWORKS["transform-mri"](2, **settings).high[0]
    assert trainable(network) - trainable(network.texture) == total
    assert trainable(network.texture) == 509_504


def test_the_mri_networks_low_frequency_branch():
    with torch.device("meta"):
        assert trainable(NETWORKS["transform-mri-low"](2).low[0]) == 245_825
