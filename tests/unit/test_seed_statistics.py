"""Intervals over patients and training runs."""

import math

import numpy as np
import pytest

from radloupe.evaluation.seed_statistics import mean_over_seeds
from radloupe.metrics.statistics import mean_and_interval


def test_one_run_is_an_interval_over_patients():
    values = np.random.default_rng(0).standard_normal((11, 1))
    assert mean_over_seeds(values) == mean_and_interval(values[:, 0].tolist())


def test_runs_that_agree_leave_the_interval_over_patients():
    values = np.random.default_rng(1).standard_normal((11, 1)).repeat(3, 1)
    mean, interval = mean_over_seeds(values)
    alone, over_patients = mean_and_interval(values[:, 0].tolist())
    assert (mean, *interval) == pytest.approx((alone, *over_patients), rel=1e-9)


def test_patients_that_agree_leave_the_interval_over_runs():
    runs = np.array([0.0, 1.0, 2.0])
    mean, (low, high) = mean_over_seeds(np.tile(runs, (8, 1)))
    assert mean == 1
    half = 4.302653 / math.sqrt(3)  # Student's t for 2 degrees of freedom, times the standard error of 0, 1, 2, whose deviation is 1
    assert (low, high) == pytest.approx((1 - half, 1 + half), rel=1e-6)


def test_intervals_cover_the_mean_of_new_patients_and_new_runs():
    """Drawn with deviations 1 over patients, 0.5 over runs and 0.5 beside: 2000 tables of 11 patients and 3 runs."""
    rng = np.random.default_rng(2)
    patients, runs, rest = (scale * rng.standard_normal((2000, *size)) for scale, size in ((1, (11, 1)), (0.5, (1, 3)), (0.5, (11, 3))))
    intervals = [mean_over_seeds(table)[1] for table in patients + runs + rest]
    covered = np.mean([low < 0 < high for low, high in intervals])
    assert covered > 0.93  # 95 % are meant; the share of 2000 tables varies by 0.5 %
    over_patients = [mean_and_interval(table.mean(1).tolist())[1] for table in patients + runs + rest]
    assert np.mean([low < 0 < high for low, high in over_patients]) < covered - 0.02  # what is left out of these is the run


def test_few_patients_and_values_that_are_not_finite_have_no_interval():
    assert mean_over_seeds(np.ones((4, 3)))[1] is None
    assert mean_over_seeds(np.full((8, 3), np.inf))[1] is None
