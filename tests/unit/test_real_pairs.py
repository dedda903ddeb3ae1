"""Pairs of MR volumes that were acquired twice, laid out as the collection is."""

import json

import nibabel
import numpy as np
import pytest
from PIL import Image as PILImage

from radloupe.core.errors import InputError, RadloupeWarning
from radloupe.data.builder import build
from radloupe.papers.datasets import DATASETS
from radloupe.papers.transform_mri.real_pairs import RealPairs, matching
from radloupe.training.open_data import open_sources
from radloupe.training.recipe import DataConfig, NetworkConfig, Phase, Recipe

MM = 0.3
SETTINGS = {"size": 48}


def save(path, values, spacing, shift=0.0):
    """A NIfTI file of values (z, y, x) whose outer corner lies at `shift` mm, whatever its pixels' width."""
    path.parent.mkdir(parents=True, exist_ok=True)
    affine = np.diag([spacing, spacing, 4.0, 1.0])
    affine[:2, 3] = spacing / 2 + shift
    nibabel.save(nibabel.Nifti1Image(values.T, affine), path)


def kidneys(folder, count=10, shift=0.0, low_slices=3):
    """High volumes of 3 x 45 x 54 pixels, and the means of their 3 x 3 blocks as the low ones."""
    for n in range(count):
        high = np.random.default_rng(n).integers(1, 1000, (3, 45, 54)).astype(np.float32)
        low = high.reshape(3, 15, 3, 18, 3).mean((2, 4))
        save(folder / "high" / f"patient{n:02d}.nii.gz", high, MM)
        save(folder / "low" / f"patient{n:02d}.nii.gz", low[:low_slices], 3 * MM, shift)
    return folder


def made(source, out, **settings):
    build(DATASETS["mri-pairs"], "mri-pairs", source, out, 0, {**SETTINGS, **settings})
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]


def test_low_slices_lie_on_the_blocks_of_the_high_ones(tmp_path):
    rows = made(kidneys(tmp_path / "source"), tmp_path / "d")
    assert len(rows) == 30
    assert {part: len({row["patient"] for row in rows if row["split"] == part}) for part in ("train", "validation", "test")} == {
        "train": 7,
        "validation": 2,
        "test": 1,
    }  # the paper's 7:2:1 of ten patients
    high, low = (np.asarray(PILImage.open(tmp_path / "d" / rows[0][role])).astype(float) for role in ("high", "low"))
    assert (high.shape, low.shape) == ((48, 48), (16, 16))
    means = high.reshape(16, 3, 16, 3).mean((1, 3))
    inside = (means > 0) & (low > 0)
    assert np.corrcoef(means[inside], low[inside])[0, 1] > 0.999  # ranges differ, rounding to 16 bits does not show


@pytest.mark.parametrize(("rows", "size"), [(15, 48), (16, 48), (17, 48), (20, 48), (21, 48), (10, 51)])
def test_margins_are_whole_low_pixels(rows, size):
    low = np.arange(1, rows * rows + 1.0).reshape(rows, rows)
    high = np.kron(low, np.ones((3, 3)))
    planes = matching(high, low, RealPairs(size=size))
    np.testing.assert_array_equal(planes["high"], np.kron(planes["low"], np.ones((3, 3))))


def test_pairs_can_be_trained_on(tmp_path):
    made(kidneys(tmp_path / "source"), tmp_path / "d")
    recipe = Recipe("a", "b", {"generator": NetworkConfig("edsr-baseline", 3)}, (Phase(),), DataConfig(patch=8))
    item = open_sources(recipe, tmp_path / "d")["train"].item(0, np.random.default_rng(0))
    assert (item["high"].shape, item["low"].shape) == ((1, 24, 24), (1, 8, 8))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: (folder / "low" / "patient03.nii.gz").unlink(), "found none"),
        (lambda folder: kidneys(folder, low_slices=2), "3 slices"),
        (lambda folder: save(folder / "low" / "patient00.nii.gz", np.ones((3, 15, 18), np.float32), 2 * MM), "3 times as wide"),
    ],
)
def test_what_is_no_pair_is_refused(change, words, tmp_path):
    change(kidneys(tmp_path / "source"))
    with pytest.raises(InputError, match=words):
        made(tmp_path / "source", tmp_path / "d")


def test_a_shift_between_the_two_is_reported(tmp_path):
    with pytest.warns(RadloupeWarning, match="slice spacings apart"):
        made(kidneys(tmp_path / "source", shift=2.0), tmp_path / "d")


def test_a_size_that_leaves_parts_of_low_pixels_is_refused(tmp_path):
    with pytest.raises(InputError, match="multiple of the scale"):
        made(kidneys(tmp_path / "source", count=3), tmp_path / "d", size=49)
