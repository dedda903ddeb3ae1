"""From the figures of images to the table: means with intervals, and whether what the paper claims holds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radloupe.evaluation.model_table import by_patient, column
from radloupe.evaluation.paired_metrics import Row
from radloupe.metrics.statistics import Interval, mean_and_interval
from radloupe.papers.printed import printed
from radloupe.papers.runner.paper_table import Claim, Study, Trial


@dataclass(frozen=True)
class Value:
    """A figure of a row in a trial."""

    mean: float
    ci95: Interval
    printed: float | None


@dataclass(frozen=True)
class Verdict:
    """What became of a claim in a trial: the paired gain of the better row, positive where the claim is right."""

    claim: str
    trial: str
    figure: str
    gain: float
    ci95: Interval
    verdict: str


@dataclass(frozen=True)
class Column:
    """A trial's part of the table."""

    trial: Trial
    images: int
    patients: int
    rows: Mapping[str, Mapping[str, Value]]
    """By row and figure."""
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Result:
    """All of a table."""

    study: Study
    header: Mapping[str, Any]
    parameters: Mapping[str, int | None]
    columns: tuple[Column, ...]
    images: Mapping[str, Sequence[Row]]
    """Every image's figures by trial."""


def summarised(study: Study, trial: Trial, rows: Sequence[Row], seed: int) -> Column:
    """A trial's part, from the figures of its images."""
    names = list(rows[0].figures)
    means = {name: {figure.name: value(study, trial, rows, name, figure.name, seed) for figure in study.figures} for name in names}
    stated = (claim for claim in study.claims if trial.name in (claim.on or [trial.name]) and {claim.better, claim.worse} <= set(names))
    verdicts = tuple(judged(study, claim, trial, rows, seed) for claim in stated)
    return Column(trial, len(rows), len({row.patient for row in rows}), means, verdicts)


def value(study: Study, trial: Trial, rows: Sequence[Row], name: str, figure: str, seed: int) -> Value:
    """One figure of one row."""
    mean, interval = mean_and_interval(by_patient(rows, column(rows, name, figure)).tolist(), seed)
    return Value(mean, interval, printed(study.name, name, trial.printed or trial.name, figure))


def judged(study: Study, claim: Claim, trial: Trial, rows: Sequence[Row], seed: int) -> Verdict:
    """Whether a claim holds in a trial."""
    sign = -1 if next(figure for figure in study.figures if figure.name == claim.figure).low_is_good else 1
    gaps = sign * (column(rows, claim.better, claim.figure) - column(rows, claim.worse, claim.figure))
    gain, interval = mean_and_interval(by_patient(rows, gaps).tolist(), seed)
    return Verdict(claim.text, trial.name, claim.figure, gain, interval, verdict(gain, interval))


def verdict(gain: float, interval: Interval) -> str:
    """A gain and its interval in words."""
    if interval is None or not math.isfinite(gain):
        return "no interval"
    low, high = interval
    return "holds" if low > 0 else "does not hold" if high < 0 else "interval touches zero"
