"""A table's means with confidence intervals over patients, and verdicts on the paper's claims."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from radloupe.evaluation.model_table import by_patient, metric_values
from radloupe.evaluation.paired_metrics import ImageMetrics
from radloupe.evaluation.seed_statistics import mean_over_seeds
from radloupe.metrics.statistics import Interval
from radloupe.papers.printed import printed
from radloupe.papers.runner.paper_table import Claim, Column, PaperTable, TableMetric


@dataclass(frozen=True)
class Value:
    """A metric of a row in a column."""

    mean: float
    ci95: Interval
    printed: float | None


@dataclass(frozen=True)
class Verdict:
    """What became of a claim in a column: the paired gain of the row that the paper has ahead, positive where the claim is right."""

    claim: str
    column: str
    metric: str
    printed_gain: float | None
    """The printed gain; None where the paper prints no values and says it in words."""
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
    """By row and metric."""
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Result:
    """All of a table."""

    table: PaperTable
    header: Mapping[str, Any]
    parameters: Mapping[str, int | None]
    columns: tuple[ColumnResult, ...]
    images: Mapping[str, Sequence[ImageMetrics]]
    """Every image's metrics by column."""


def summarised(table: PaperTable, column: Column, images: Sequence[ImageMetrics], seed: int) -> ColumnResult:
    """A column's part, from the metrics of its images, those of all training runs together."""
    names = list(dict.fromkeys(name for image in images for name in image.metrics))
    means = {name: {metric.name: value(table, column, images, name, metric.name, seed) for metric in table.metrics} for name in names}
    verdicts = tuple(judged(table, claim, column, images, seed) for claim in stated(table, column, names))
    once = [image for image in images if image.seed == images[0].seed]
    return ColumnResult(column, len(once), len({image.patient for image in once}), means, verdicts)


def value(table: PaperTable, column: Column, images: Sequence[ImageMetrics], name: str, metric: str, seed: int) -> Value:
    """One metric of one row."""
    mean, interval = mean_over_seeds(by_run(images, (name,), lambda rows: metric_values(rows, name, metric)), seed)
    return Value(mean, interval, printed_beside(table, column, name, metric))


def by_run(
    images: Sequence[ImageMetrics], names: Sequence[str], values: Callable[[Sequence[ImageMetrics]], Float[np.ndarray, " images"]]
) -> Float[np.ndarray, "patients seeds"]:
    """The means of each patient's images in each training run that all of some rows have."""
    runs = [[image for image in images if image.seed == seed and set(names) <= image.metrics.keys()] for seed in sorted_seeds(images)]
    return np.stack([by_patient(rows, values(rows)) for rows in runs if rows], 1)


def sorted_seeds(images: Sequence[ImageMetrics]) -> list[int]:
    """The seeds of the training runs."""
    return sorted({image.seed for image in images})


def printed_beside(table: PaperTable, column: Column, name: str, metric: str) -> float | None:
    """The value that the paper prints for a row in a column."""
    row = next((row.printed_row for row in table.rows if row.name == name), "") or name
    return printed(table.name, row, column.printed_column or column.name, metric)


def stated(table: PaperTable, column: Column, names: Sequence[str]) -> Iterator[Claim]:
    """The claims for a column between the rows that there are, each turned the way that the paper's printed values have it."""
    for claim in table.claims:
        if column.name in (claim.columns or [column.name]) and {claim.better, claim.worse} <= set(names):
            gain = printed_gain(table, column, claim)
            if gain is None or gain > 0:
                yield claim
            elif gain < 0:
                yield replace(claim, better=claim.worse, worse=claim.better)


def printed_gain(table: PaperTable, column: Column, claim: Claim) -> float | None:
    """The gain of a claim's better row in the paper's values; None where one of them is not printed."""
    better, worse = (printed_beside(table, column, name, claim.metric) for name in (claim.better, claim.worse))
    return None if better is None or worse is None else sign(table, claim.metric) * (better - worse)


def sign(table: PaperTable, metric: str) -> int:
    """1 for a metric whose larger values are better, -1 for the others."""
    return -1 if metric_of(table, metric).low_is_good else 1


def metric_of(table: PaperTable, name: str) -> TableMetric:
    """A metric of the table."""
    return next(metric for metric in table.metrics if metric.name == name)


def in_words(table: PaperTable, claim: Claim) -> str:
    """A claim as a sentence."""
    metric = metric_of(table, claim.metric)
    return f"{claim.better} has a {'lower' if metric.low_is_good else 'higher'} {metric.label} than {claim.worse}"


def judged(table: PaperTable, claim: Claim, column: Column, images: Sequence[ImageMetrics], seed: int) -> Verdict:
    """Whether a claim holds in a column."""

    def gaps(rows: Sequence[ImageMetrics]) -> Float[np.ndarray, " images"]:
        better, worse = (metric_values(rows, name, claim.metric) for name in (claim.better, claim.worse))
        return sign(table, claim.metric) * (better - worse)

    gain, interval = mean_over_seeds(by_run(images, (claim.better, claim.worse), gaps), seed)
    in_print = printed_gain(table, column, claim)
    return Verdict(in_words(table, claim), column.name, claim.metric, in_print, gain, interval, verdict(gain, interval))


VERDICTS = ("holds", "does not hold", "interval touches zero", "no interval", "not measured")


def verdict(gain: float, interval: Interval) -> str:
    """A gain and its interval in words, one of `VERDICTS`."""
    if not math.isfinite(gain):
        return "not measured"
    if interval is None:
        return "no interval"
    low, high = interval
    return "holds" if low > 0 else "does not hold" if high < 0 else "interval touches zero"
