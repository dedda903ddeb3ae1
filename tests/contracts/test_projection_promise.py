"""The engine `fast` stays as near to `exact` as it promises, for any beam, angle, grid and sharpness."""

from functools import cache

import numpy as np
import pytest

from phantoms import grid, rotation
from radloupe.core import seeds
from radloupe.drr.engines import exact
from radloupe.drr.engines.fast import fast_engine
from radloupe.drr.volume import Volume
from radloupe.imaging.camera import CArm

LEAST_DB = {"default": 60.0, "fine": 70.0}
ANGLES = [(0, 0), (90, 0), (0, 90)]  # along an axis: slices are cut at the same places
ANGLES += (
    [(angle, 0) for angle in (0.05, 0.3, 1, 5, 30, 45)] + [(angle, angle) for angle in (0.05, 0.3, 1, 5, 30)] + [(45, 35.264), (0, 24)]
)
SDDS = [None, 600, 1020, 5000, 20000]  # parallel, and cones
SHEARED = np.array([[1, 0, 0], [0, 1, 0.4], [0, 0, 1.0]])
TISSUE, BONE = 0.02, 0.043  # 1/mm


def cut_box(shape, spacing, directions=None):
    """A box with a frame of zeros, its faces along the grid: the sharpest edges that voxels can have."""
    inner = np.full([n - 2 * (n // 6) for n in shape], TISSUE, np.float32)
    return Volume(np.pad(inner, [(n // 6,) * 2 for n in shape]), grid(shape, spacing, directions))


def filled(shape, spacing):
    """A volume that ends where its matter ends."""
    return Volume(np.full(shape, TISSUE, np.float32), grid(shape, spacing))


def noisy_head(shape, spacing, directions=None):
    """A skull with stepped edges around noise: 15 HU are 3e-4 / mm."""
    z, y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij")
    values = np.zeros(shape, np.float32)
    for value, (a, b, c) in ((BONE, (0.62, 0.78, 0.8)), (TISSUE, (0.56, 0.72, 0.74)), (0.0, (0.12, 0.2, 0.1)), (BONE, (0.05, 0.1, 0.04))):
        values[(x / a) ** 2 + (y / b) ** 2 + (z / c) ** 2 <= 1] = value
    noise = seeds.generator(0, "promise").standard_normal(shape, np.float32) * np.float32(3e-4)
    return Volume(np.where(values > 0, values + noise, np.float32(0)), grid(shape, spacing, directions))


SCENES = {
    "box": lambda: cut_box((70, 84, 80), (1, 1, 1.25)),
    "filled box": lambda: filled((40, 50, 60), (1, 1, 1)),
    "few thick slices": lambda: cut_box((24, 90, 84), (0.8, 0.8, 3)),
    "small head": lambda: noisy_head((50, 64, 64), (1, 1, 1.25)),
    "odd sizes": lambda: noisy_head((33, 71, 57), (1.3, 0.9, 2.1)),
    "oblique": lambda: cut_box((60, 64, 70), (1, 1.1, 1.3), rotation(15, -20, 40)),
    "hardly oblique": lambda: noisy_head((50, 64, 60), (1, 1, 1.2), rotation(0.2, 0.1, 0.3)),
    "large head": lambda: noisy_head((150, 200, 200), (1, 1, 1.25)),
    "sheared": lambda: cut_box((60, 64, 70), (1, 1, 1.2), SHEARED),
}


@cache
def scene(name):
    volume = SCENES[name]()
    return exact.prepare(volume), {quality: fast_engine.prepare(volume, quality) for quality in LEAST_DB}, volume


def view_of(volume, angles, sdd, pixels=96, part=1.2, **place):
    """A volume and a margin around it, or part of it."""
    width = part * np.linalg.norm(volume.to_lps[:3, :3] * volume.values.shape[::-1]) / 3**0.5
    sid = None if sdd is None else 0.53 * sdd
    pixel = width / pixels * (1 if sdd is None else sdd / sid)
    return CArm(size=(pixels, pixels), pixel=pixel, sdd=sdd, sid=sid, **place).view((*angles, 0))


def psnr(found, expected):
    return 10 * np.log10(expected.max() ** 2 / max(np.mean((found - expected) ** 2, dtype=float), 1e-30))


@pytest.fixture(autouse=True)
def grids_for_small_images_too(monkeypatch):
    monkeypatch.setattr(fast_engine, "RAY", np.inf)


def misses(name, views):
    """What falls short of the promise: quality, angles and dB."""
    truth, engines, _ = scene(name)
    found = {}
    for angles, view in views:
        known = truth(view)
        found |= {(quality, angles): round(psnr(render(view), known), 1) for quality, render in engines.items()}
    return {case: db for case, db in found.items() if db < LEAST_DB[case[0]]}


@pytest.mark.parametrize("sdd", SDDS)
@pytest.mark.parametrize("name", SCENES)
def test_is_as_near_to_exact_as_promised(name, sdd):
    assert misses(name, [(angles, view_of(scene(name)[2], angles, sdd)) for angles in ANGLES]) == {}


@pytest.mark.parametrize("sdd", SDDS)
@pytest.mark.parametrize("name", ["box", "small head"])
def test_is_as_near_where_few_voxels_fill_the_image(name, sdd):
    corner = scene(name)[2].to_lps @ [*(np.array(scene(name)[2].values.shape[::-1]) / 5), 1.0]
    views = [(angles, view_of(scene(name)[2], angles, sdd, part=0.3, isocentre=corner[:3])) for angles in ANGLES]
    assert misses(name, views) == {}
