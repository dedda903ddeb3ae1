"""Patients count once; intervals cover, tests keep their level, corrections are those of the textbook."""

import itertools
import math

import numpy as np
import pytest

from radloupe.evaluation.patient_statistics import holm, patient_means, sign_flip, worst_decile
from radloupe.metrics.statistics import mean_and_interval


def test_a_patient_with_many_images_counts_once():
    means = patient_means(np.array([1.0, 2, 3, 10]), ["b", "b", "b", "a"])
    assert means.tolist() == [10, 2]  # a before b


def test_holm_by_hand():
    # sorted 0.005 0.01 0.03 0.04, times 4 3 2 1: 0.02 0.03 0.06 0.04, and the last may not fall below the one before it
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02], abs=1e-15)
    assert holm([0.6, 0.9]) == [1, 1]
    assert holm([]) == []


def test_holm_does_not_count_what_was_not_tested():
    one, nothing, other = holm([0.01, math.nan, 0.04])
    assert (one, other) == pytest.approx((0.02, 0.04), abs=1e-15)
    assert math.isnan(nothing)


def test_sign_flip_equals_counting_all_flips():
    differences = np.random.default_rng(3).normal(0.5, 1, 8)
    sums = [sum(s * d for s, d in zip(signs, differences, strict=True)) for signs in itertools.product((1, -1), repeat=8)]
    share = np.mean(np.abs(sums) >= abs(differences.sum()) - 1e-12)  # the observed one counts, rounding aside
    assert float(sign_flip(differences)) == pytest.approx(share, abs=1e-12)


def test_sign_flip_draws_by_its_seed_where_there_are_too_many_flips():
    differences = np.random.default_rng(0).normal(0.4, 1, 20)
    assert sign_flip(differences, 1) == sign_flip(differences, 1)
    # 9999 draws have a deviation of at most 0.005
    assert float(sign_flip(differences, 1)) == pytest.approx(float(sign_flip(differences, 2)), abs=0.02)


def test_no_test_where_nothing_can_be_tested():
    p_values = sign_flip(np.array([[1.0, 2, 3], [1, math.inf, 2], [1, math.nan, 2]]))
    assert p_values[0] == 0.25
    assert np.isnan(p_values[1:]).all()
    assert np.isnan(sign_flip(np.array([2.0])))
    assert sign_flip(np.zeros(5)) == 1  # equal models


def test_intervals_are_drawn_by_their_seed():
    values = np.random.default_rng(0).normal(size=20).tolist()
    assert mean_and_interval(values, 1) == mean_and_interval(values, 1) != mean_and_interval(values, 2)


@pytest.mark.parametrize("patients", range(1, 5))
def test_fewer_than_five_patients_have_no_interval(patients):
    values = np.random.default_rng(0).normal(size=patients).tolist()
    assert mean_and_interval(values) == (np.mean(values), None)


def test_few_patients_have_student_s_interval():
    mean, (low, high) = mean_and_interval([1.0, 2, 3, 4, 5])
    # t of 4 degrees of freedom is 2.7764 in every printed table; the deviation is sqrt(2.5), of the mean sqrt(0.5)
    assert (mean, high - mean, mean - low) == pytest.approx((3, 2.7764 * 0.5**0.5, 2.7764 * 0.5**0.5), abs=1e-4)


@pytest.mark.parametrize("patients", [5, 11, 19, 20, 40])
def test_intervals_cover_the_mean_whatever_the_number_of_patients(patients):
    rng = np.random.default_rng(1)
    draws = [mean_and_interval(rng.normal(size=patients).tolist())[1] for _ in range(400)]
    covered = np.mean([low <= 0 <= high for low, high in draws])
    # nominal 95 %; the bootstrap of 20 covers 93 %; 400 draws have a deviation of 1.1 %
    assert 0.90 <= covered <= 0.98


@pytest.mark.parametrize("patients", [10, 16])  # all flips, and drawn ones
def test_equal_models_differ_at_the_level_of_the_test(patients):
    rng = np.random.default_rng(7)
    patient = rng.normal(35, 4, (1000, patients))  # patients differ by far more than models do
    first, second = (patient + rng.standard_t(3, (1000, patients)) for _ in range(2))
    if patients > 13:
        first, second = first[:400], second[:400]  # 9999 flips each
    rate = float(np.mean(sign_flip(second - first) <= 0.05))
    # nominal 5 %; 1000 draws have a deviation of 0.7 %, 400 of 1.1 %
    assert 0.03 <= rate <= 0.07


def test_intervals_cover_over_patients_and_would_not_over_images():
    rng = np.random.default_rng(5)
    names = [f"p{n}" for n in range(20) for _ in range(6)]
    hits = {"patients": 0, "images": 0}
    for _ in range(200):
        values = np.repeat(rng.normal(0, 1, 20), 6) + rng.normal(0, 0.3, 120)
        for unit, sample in (("patients", patient_means(values, names)), ("images", values)):
            _, (low, high) = mean_and_interval(sample.tolist())
            hits[unit] += low <= 0 <= high
    # nominal 95 %, the percentile bootstrap of 20 values covers about 93 %; 200 draws have a deviation of 1.8 %
    assert hits["patients"] / 200 > 0.87
    assert hits["images"] / 200 < 0.75  # six alike images are not six patients: the interval is sqrt(6) too narrow


def test_the_worst_tenth():
    values = list(range(1, 21))
    assert worst_decile(values) == 1.5
    assert worst_decile(values, high_is_good=False) == 19.5
    assert worst_decile([3.0, 1.0]) == 1  # a tenth of two is one
    assert worst_decile([1.0, math.inf]) == 1
    assert math.isnan(worst_decile([1.0, math.nan]))
