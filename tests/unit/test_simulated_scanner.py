"""Clinical CT simulated from micro-CT, in which the translation between the domains has something to learn."""

import json

import numpy as np
import pytest
import torch
from PIL import Image as PILImage

from radloupe.core.errors import RadloupeWarning
from radloupe.data.builder import build
from radloupe.degradation.pyramid import PyramidReduce
from radloupe.degradation.step import run
from radloupe.networks.registry import NETWORKS
from radloupe.papers.ct_uct.simulated_scanner import SIMULATED_SCANNER, SimulatedScanner, scanned
from radloupe.papers.runner.measurement import items
from radloupe.papers.runner.paper_table import STORED, Column
from radloupe.papers.runner.translation_error import translation_psnr

REDUCED = (PyramidReduce("centre"),) * 3


def trabeculae(shape, seed=0):
    """Bright bars in the dark, from 0 to 1."""
    places = np.meshgrid(*map(np.arange, shape), indexing="ij")
    waves = sum(np.sin(place / (4 + axis) + seed) for axis, place in enumerate(places))
    return np.clip(waves / len(shape) + 0.3, 0, 1)


@pytest.fixture
def dataset(tmp_path):
    folder = tmp_path / "source" / "micro"
    folder.mkdir(parents=True)
    first, *others = (PILImage.fromarray((255 * plane).astype(np.uint8)) for plane in trabeculae((40, 64, 64)))
    first.save(folder / "bone.tif", save_all=True, append_images=others)
    with pytest.warns(RadloupeWarning, match="simulated"):
        build(SIMULATED_SCANNER, "scanners", tmp_path / "source", tmp_path / "d", 0, {"patches": 6, "side": 64})
    return tmp_path / "d"


def rows(dataset):
    return [json.loads(line) for line in (dataset / "manifest.jsonl").read_text().splitlines()]


def test_the_domains_differ_by_more_than_their_grid():
    micro = trabeculae((128, 128))
    reduced, clinical = run(REDUCED, micro), scanned(micro, SimulatedScanner(), 0)
    assert clinical.shape == reduced.shape == (16, 16)
    assert np.abs(clinical - reduced).mean() > 0.1  # of 0 to 1: an identity is no translation
    assert np.corrcoef(clinical.ravel(), reduced.ravel())[0, 1] > 0.8  # of the same tissue


def test_without_psf_curve_and_noise_the_grid_alone_is_left():
    plain = SimulatedScanner(width=0.0, exponent=1.0, floor=0.0, noise=0.0)
    micro = trabeculae((64, 64))
    np.testing.assert_allclose(scanned(micro, plain, 0), run(REDUCED, micro), atol=1e-12)


def test_no_slice_is_trained_on_in_both_domains(dataset):
    trained = [row for row in rows(dataset) if row["split"] == "train"]
    slices = [{row["parameters"]["corner"][0] for row in trained if row["parameters"]["domain"] == name} for name in ("micro", "clinical")]
    assert all(slices)
    assert not slices[0] & slices[1]


def test_clinical_test_images_are_measured_as_they_are_stored(dataset):
    column = Column("simulated", "scanners", 8, STORED, test_items={"domain": "micro"})
    found = items(column, dataset, 0, None, "cpu")
    slices = [row["parameters"]["corner"][0] for row in rows(dataset) if row["split"] == "test" and row["parameters"]["domain"] == "micro"]
    assert len(found) == len(set(slices))  # patches are as large as the slices here, and equal ones are measured once
    stored = next(row for row in rows(dataset) if row["image"] == found[0].name)
    np.testing.assert_array_equal(found[0].low, np.asarray(PILImage.open(dataset / stored["low"])))
    assert found[0].low.shape == (8, 8)


def test_a_translator_that_does_nothing_is_as_good_as_none(dataset):
    column = Column("translated", "scanners", 8, "pyramid-centred", test_items={"domain": "micro"})
    identity = NETWORKS["cyclegan-9"](1, **NETWORKS["cyclegan-9"].small, skip=True)
    for parameter in identity.parameters():
        torch.nn.init.zeros_(parameter)
    found = translation_psnr(column, dataset, 0, identity.eval(), "cpu")
    assert found["translated"] == pytest.approx(found["identity"], abs=0.01)  # both are rounded to 16 bits
    assert found["identity"] < 25  # dB: the domains differ by more than 5 % of their range


def test_data_sets_without_a_truth_of_the_translation_have_no_error(dataset):
    column = Column("clinical", "scanners", 8, "pyramid-centred", test_items={"domain": "clinical"})
    assert translation_psnr(column, dataset, 0, NETWORKS["cyclegan-9"](1, **NETWORKS["cyclegan-9"].small), "cpu") is None
