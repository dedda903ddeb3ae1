"""What every degradation promises."""

import json

import numpy as np
import pytest
import torch

from radloupe.degradation import PRESETS, degrade, degrade_batch, run, sample, shrink
from radloupe.imaging import geometry
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
DRAWN = [name for name, row in PRESETS.items() if row.drawn]


def scene(height, width):
    """Whole grey levels: a smooth slope, edges and texture."""
    y, x = np.mgrid[:height, :width]
    texture = np.random.default_rng(0).integers(0, 40, (height, width))
    return np.clip(40 + 2 * y + x + 60 * ((x // 11 + y // 7) % 2) + texture - 20, 0, 255).astype(np.uint8)


def image(height, width, dtype=np.uint8, slices=1):
    pixels = np.stack([scene(height, width)] * slices)[None]
    return Image(pixels.astype(dtype), np.diag([0.5, 0.5, 3, 1.0]), PixelInfo("stored", "XR"))


@pytest.mark.parametrize("name", PRESETS)
def test_same_seed_same_bytes(name):
    one, two = (degrade(image(48, 64), name, 4, seed=7) for _ in range(2))
    assert one.pixels.tobytes() == two.pixels.tobytes()
    assert one.history == two.history


@pytest.mark.parametrize("name", DRAWN)
def test_other_seeds_give_other_images(name):
    assert len({degrade(image(48, 64), name, 4, seed).pixels.tobytes() for seed in range(6)}) >= 2  # JPEG at quality 3 hides mild draws


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize(("shape", "scale"), [((48, 64), 4), ((51, 67), 4), ((33, 34), 2), ((9, 8), 8)])
def test_size_type_and_geometry_follow(name, shape, scale):
    high = image(*shape, slices=2)
    low = degrade(high, name, scale)
    assert low.shape == (2, shape[0] // scale, shape[1] // scale)
    assert low.pixels.dtype == high.pixels.dtype
    np.testing.assert_allclose(low.spacing, (0.5 * scale, 0.5 * scale, 3))
    moved = 0.0 if name in ("kspace", "pyramid") else 0.25 * (scale - 1)  # the first of the pixels of 0.5 mm, or their centre
    np.testing.assert_allclose(low.affine[:3, 3], (moved, moved, 0), atol=1e-12)
    if moved and shape == (48, 64):
        np.testing.assert_allclose(geometry.corners(low.affine, low.shape), geometry.corners(high.affine, high.shape), atol=1e-12)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_other_types_stay_what_they_are(name, dtype):
    low = degrade(image(32, 32, dtype), name, 4)
    assert low.pixels.dtype == dtype
    assert np.isfinite(low.pixels).all()


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
@pytest.mark.parametrize("device", DEVICES)
def test_torch_agrees_with_numpy(name, seed, device):
    high = scene(64, 48)
    chain = sample(name, high.shape, 4, seed)
    ours = run(chain, torch.from_numpy(high).float().to(device)[None, None])
    assert ours.dtype == torch.float32
    np.testing.assert_allclose(ours[0, 0].cpu().numpy(), run(chain, high), atol=0.5)  # half a grey level: float32 against float64


@pytest.mark.parametrize("name", PRESETS)
def test_a_batch_is_its_items(name):
    high = torch.from_numpy(np.stack([scene(32, 32), scene(32, 32)[::-1]])[:, None].copy()).float()
    low = degrade_batch(high, name, 4, seed=3)
    for index, item in enumerate(high.numpy()):
        expected = shrink(item, 4, name, seed=3 + index)
        np.testing.assert_allclose(low[index].numpy(), expected, atol=0.5)  # half a grey level, as above


@pytest.mark.parametrize("name", PRESETS)
def test_the_history_names_every_parameter(name):
    (step,) = degrade(image(32, 32), name, 4, seed=5).history
    assert name in step
    chain = sample(name, (32, 32), 4, seed=5)
    assert json.loads(step.partition(": ")[2]) == [{"step": type(one).__name__, **one.parameters} for one in chain]


@pytest.mark.parametrize("name", PRESETS)
def test_applying_draws_nothing(name):
    chain = sample(name, (32, 32), 4, seed=1)
    before = scene(32, 32)
    assert np.array_equal(run(chain, before), run(chain, before))
    assert np.array_equal(before, scene(32, 32))


@pytest.mark.parametrize("name", [name for name, row in PRESETS.items() if np.isfinite(row.receptive_field_radius)])
def test_declared_receptive_field_is_not_too_small(name):
    low, middle, reach = 24, 11, int(PRESETS[name].receptive_field_radius)
    plane = np.random.default_rng(0).random((4 * low, 4 * low))
    changed = plane.copy()
    changed[4 * middle : 4 * middle + 4, 4 * middle : 4 * middle + 4] += 1
    rows, columns = np.nonzero(shrink(plane, 4, name) != shrink(changed, 4, name))
    assert max(np.abs(rows - middle).max(), np.abs(columns - middle).max()) <= reach
