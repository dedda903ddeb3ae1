"""References that resemble the image, and training that rewards their use."""

import numpy as np
import pytest
import torch

from radloupe.networks.architectures.ttsr import TTSR
from radloupe.networks.layers.texture_extractor import TextureExtractor
from radloupe.training.reference_based import reference
from radloupe.training.related_reference import related_reference

SMALL = {"width": 8, "blocks": (1, 1, 1, 1), "texture_width": 8, "tile": 8}


def waves(count=4, side=32):
    """Images of crossed waves in -1..1, all channels alike."""
    y, x = np.mgrid[:side, :side]
    planes = [0.8 * np.sin(x / (2 + n)) * np.cos(y / 3) for n in range(count)]
    return torch.from_numpy(np.stack(planes)).float()[:, None].expand(-1, 3, -1, -1).contiguous()


def test_the_level_decides_how_far_references_deviate():
    torch.manual_seed(0)
    image = waves(16)
    errors = [float((related_reference(image, level) - image).abs().mean()) for level in (0.0, 0.2, 1.0)]
    assert errors[0] == pytest.approx(0, abs=1e-5)  # float32 and the coordinates of the grid
    assert errors[0] < errors[1] < errors[2]


def test_references_stay_in_range_and_are_grey():
    torch.manual_seed(0)
    found = related_reference(waves())
    assert found.abs().max() <= 1
    assert torch.equal(found[:, 0], found[:, 1])


def test_the_same_seed_draws_the_same_references():
    drawn = []
    for _ in range(2):
        torch.manual_seed(3)
        drawn.append(related_reference(waves()))
    assert torch.equal(*drawn)


@pytest.mark.parametrize(("related", "replaced"), [(0.0, 0), (1.0, 8)])
def test_a_share_of_the_references_is_replaced(related, replaced, monkeypatch):
    seen = []
    generator = TTSR(**SMALL)
    parts = generator.parts
    monkeypatch.setattr(generator, "parts", lambda low, given: (seen.append(given), parts(low, given))[1])
    high, stored = waves(8), torch.zeros(8, 3, 32, 32)
    reference({"generator": generator}, {"low": high[..., ::4, ::4].contiguous(), "high": high, "reference": stored}, related=related)
    assert int((seen[0].abs().amax((1, 2, 3)) > 0).sum()) == replaced


def test_first_features_vary_over_an_image_of_even_brightness():
    torch.manual_seed(0)
    image = 0.5 + 0.05 * waves(1)  # bright, with little contrast, as a radiograph is over the mediastinum
    with torch.no_grad():
        features = TextureExtractor(8)(image)[-1][0, :, 2:-2, 2:-2].flatten(1)  # without the rim, where zeros come in
    cosines = torch.nn.functional.normalize(features, dim=0).T @ torch.nn.functional.normalize(features, dim=0)
    assert cosines.median() < 0.95  # with PyTorch's own first weights it is above 0.999: every place looks like every other
