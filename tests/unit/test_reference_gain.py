"""What a reference gains: measured for the rows that take one, and decisive for publishing."""

from dataclasses import replace

import numpy as np
import pytest

from radloupe.core.errors import UsageError
from radloupe.networks.registry import NETWORKS
from radloupe.papers.runner.measurement import Item
from radloupe.papers.runner.publish_row import NEAR, REFERENCE_GAIN, check_reference
from radloupe.papers.runner.reference_gain import middle, near, reference_gains, takes_reference
from radloupe.papers.table_registry import TABLES

TABLE = TABLES["ttsr-fd/2"]


@pytest.fixture
def one():
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:300, :340]
    high = (127 + 90 * np.sin(x / 9) * np.cos(y / 7) + rng.normal(0, 5, (300, 340))).clip(0, 255).astype(np.uint8)
    return Item("a", "p", np.ascontiguousarray(high[::4, ::4]), high, high[::-1].copy())


def copying(part):
    """A method that answers with its reference."""
    return part.reference


def ignoring(part):
    """A method that answers with the low image, whatever its reference."""
    return np.kron(part.low, np.ones((4, 4), np.uint8))


def test_a_method_that_uses_its_reference_gains_most_by_the_truth(one):
    found = reference_gains(one, copying, TABLE, 4, seed=0)
    assert found["gain_by_truth"] == np.inf  # it answers with the truth
    assert found["gain_by_truth"] > found["gain_by_near"] > found["gain_by_reference"]


def test_a_method_that_ignores_its_reference_gains_nothing(one):
    assert set(reference_gains(one, ignoring, TABLE, 4, seed=0).values()) == {0.0}


def test_the_middle_of_large_images_is_measured(one):
    part = middle(one, 4)
    assert (part.high.shape, part.low.shape, part.reference.shape) == ((256, 256), (64, 64), (256, 256))
    np.testing.assert_array_equal(part.low, part.high[::4, ::4])
    small = replace(one, high=one.high[:40, :48], low=one.low[:10, :12], reference=None)
    assert middle(small, 4).high.shape == (40, 48)


def test_a_near_view_of_the_data_set_comes_first(one):
    assert near(replace(one, near=one.high[:, ::-1]), 0) is not one.high
    np.testing.assert_array_equal(near(replace(one, near=one.high[:, ::-1]), 0), one.high[:, ::-1])
    np.testing.assert_array_equal(near(one, 3), near(one, 3))
    assert (near(one, 3) != one.high).any()


def test_rows_of_references_are_those_whose_recipes_read_them():
    assert [row.name for row in TABLES["ttsr-fd/1"].rows if takes_reference(row)] == ["TTSR", "TTSR-FD"]


TTSR = NETWORKS["ttsr"](4, **NETWORKS["ttsr"].small)


@pytest.mark.parametrize("near_view", [None, {"mean": 0.003, "ci95": None}, {"mean": 0.003, "ci95": [-0.002, 0.008]}])
def test_a_reference_model_without_a_significant_gain_is_not_published(near_view):
    with pytest.raises(UsageError, match="significant gain"):
        check_reference(TTSR, {REFERENCE_GAIN: {NEAR: near_view}} if near_view else {})


def test_one_with_a_significant_gain_is():
    check_reference(TTSR, {REFERENCE_GAIN: {NEAR: {"mean": 0.5, "ci95": [0.3, 0.7]}}})


def test_models_without_a_reference_need_no_gain():
    check_reference(NETWORKS["edsr-baseline"](4, **NETWORKS["edsr-baseline"].small), {})
