"""From the figures of images to the table: means with intervals, and whether what the paper claims holds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radloupe.evaluation.model_table import by_patient, metric_values
from radloupe.evaluation.paired_metrics import ImageMetrics
from radloupe.metrics.statistics import Interval, mean_and_interval
from radloupe.papers.printed import printed
from radloupe.papers.runner.paper_table import Claim, Column, PaperTable


@dataclass(frozen=True)
class Value:
    """A figure of a row in a column."""

    mean: float
    ci95: Interval
    printed: float | None


@dataclass(frozen=True)
class Verdict:
    """What became of a claim in a column: the paired gain of the better row, positive where the claim is right."""

    claim: str
    column: str
    metric: str
    gain: float
    ci95: Interval
    verdict: str


@dataclass(frozen=True)
class ColumnResult:
    """A column's part of the table."""

    column: Column
    images: int
    patients: int
    rows: Mapping[str, Mapping[str, Value]]
    """By row and figure."""
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Result:
    """All of a table."""

    table: PaperTable
    header: Mapping[str, Any]
    parameters: Mapping[str, int | None]
    columns: tuple[ColumnResult, ...]
    images: Mapping[str, Sequence[ImageMetrics]]
    """Every image's figures by column."""


def summarised(table: PaperTable, column: Column, images: Sequence[ImageMetrics], seed: int) -> ColumnResult:
    """A column's part, from the figures of its images."""
    names = list(images[0].metrics)
    means = {name: {metric.name: value(table, column, images, name, metric.name, seed) for metric in table.metrics} for name in names}
    stated = (
        claim for claim in table.claims if column.name in (claim.columns or [column.name]) and {claim.better, claim.worse} <= set(names)
    )
    verdicts = tuple(judged(table, claim, column, images, seed) for claim in stated)
    return ColumnResult(column, len(images), len({image.patient for image in images}), means, verdicts)


def value(table: PaperTable, column: Column, images: Sequence[ImageMetrics], name: str, metric: str, seed: int) -> Value:
    """One figure of one row."""
    mean, interval = mean_and_interval(by_patient(images, metric_values(images, name, metric)).tolist(), seed)
    return Value(mean, interval, printed(table.name, name, column.printed_column or column.name, metric))


def judged(table: PaperTable, claim: Claim, column: Column, images: Sequence[ImageMetrics], seed: int) -> Verdict:
    """Whether a claim holds in a column."""
    sign = -1 if next(metric for metric in table.metrics if metric.name == claim.metric).low_is_good else 1
    gaps = sign * (metric_values(images, claim.better, claim.metric) - metric_values(images, claim.worse, claim.metric))
    gain, interval = mean_and_interval(by_patient(images, gaps).tolist(), seed)
    return Verdict(claim.text, column.name, claim.metric, gain, interval, verdict(gain, interval))


def verdict(gain: float, interval: Interval) -> str:
    """A gain and its interval in words."""
    if interval is None or not math.isfinite(gain):
        return "no interval"
    low, high = interval
    return "holds" if low > 0 else "does not hold" if high < 0 else "interval touches zero"
