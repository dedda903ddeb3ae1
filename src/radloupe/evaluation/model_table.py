"""From the figures of images to a table of models: means over patients, intervals, differences."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from radloupe.evaluation.methods import Way
from radloupe.evaluation.paired_metrics import ImageMetrics, Task
from radloupe.evaluation.patient_statistics import holm, patient_means, sign_flip, worst_decile
from radloupe.metrics.inside import PREFIX
from radloupe.metrics.statistics import Interval, mean_and_interval


@dataclass(frozen=True)
class Difference:
    """A figure's paired difference to the first model, over patients."""

    mean: float
    ci95: Interval
    p: float
    p_holm: float


@dataclass(frozen=True)
class Line:
    """One model's part of the table, by figure."""

    name: str
    sha256: str | None
    mean: dict[str, float]
    ci95: dict[str, Interval]
    worst_decile: dict[str, float]
    difference: dict[str, Difference]
    """Empty for the first model."""
    patients: dict[str, dict[str, float]]
    """Each patient's means."""


@dataclass(frozen=True)
class Table:
    """What `radloupe evaluate` answers."""

    task: Task
    models: list[Line]
    images: int
    patients: int
    without_anatomy: int = 0
    """Images in which no anatomy was found, and whose figures of it are of all but the rim."""


def figures_of(rows: Sequence[ImageMetrics]) -> list[str]:
    """The names of the figures, in the protocol's order."""
    return list(next(iter(rows[0].metrics.values())))


def metric_values(rows: Sequence[ImageMetrics], way: str, figure: str) -> Float[np.ndarray, " images"]:
    """One figure of one model over the images."""
    return np.array([row.metrics[way][figure] for row in rows], float)


def tabulate(rows: Sequence[ImageMetrics], ways: Sequence[Way], task: Task) -> Table:
    """The table of some images; the first model is the one that others are compared with."""
    differences = compared(rows, ways, task.seed)
    models = [line(rows, way, task, differences.get(way.name, {})) for way in ways]
    return Table(task, models, len(rows), len({row.patient for row in rows}), sum(row.whole for row in rows))


def line(rows: Sequence[ImageMetrics], way: Way, task: Task, difference: dict[str, Difference]) -> Line:
    """One model's line."""
    columns = {figure: metric_values(rows, way.name, figure) for figure in figures_of(rows)}
    patients = sorted({row.patient for row in rows})
    means = {figure: by_patient(rows, values) for figure, values in columns.items()}
    summaries = {figure: mean_and_interval(values.tolist(), task.seed) for figure, values in means.items()}
    return Line(
        way.name,
        way.sha256,
        {figure: mean for figure, (mean, _) in summaries.items()},
        {figure: interval for figure, (_, interval) in summaries.items()},
        {figure: worst_decile(values.tolist(), figure not in low_is_good(task)) for figure, values in columns.items()},
        difference,
        {patient: {figure: float(values[i]) for figure, values in means.items()} for i, patient in enumerate(patients)},
    )


def low_is_good(task: Task) -> set[str]:
    """The figures of errors and distances, which identical images have none of; larger values of all others are better."""
    return {PREFIX + "blocks_below_bicubic", *(figure.name for figure in task.figures if figure.metric.identical == 0)}


def by_patient(rows: Sequence[ImageMetrics], values: Float[np.ndarray, " images"]) -> Float[np.ndarray, " patients"]:
    """Means over the images of each patient."""
    return patient_means(values, [row.patient for row in rows])


def compared(rows: Sequence[ImageMetrics], ways: Sequence[Way], seed: int) -> dict[str, dict[str, Difference]]:
    """Every other model's paired differences to the first, by model and figure; Holm's correction is over the models of one figure."""
    first, *others = ways
    found: dict[str, dict[str, Difference]] = {way.name: {} for way in others}
    for figure in figures_of(rows) if others else ():
        base = metric_values(rows, first.name, figure)
        with np.errstate(invalid="ignore"):  # identical images have an infinite PSNR, and two of them no difference
            gaps = np.stack([by_patient(rows, metric_values(rows, way.name, figure) - base) for way in others])
        p_values = sign_flip(gaps, seed).tolist()
        for way, gap, p, adjusted in zip(others, gaps, p_values, holm(p_values), strict=True):
            found[way.name][figure] = Difference(*mean_and_interval(gap.tolist(), seed), p, adjusted)
    return found


def csv_text(rows: Sequence[ImageMetrics], task: Task) -> str:
    """One line an image and model, with the seed of its degradation and every digit of every figure."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["image", "patient", "seed", "model", *figures_of(rows)])
    for row in rows:
        place = (row.name, row.patient, task.seed_of(row.name))
        writer.writerows([*place, model, *map(repr, figures.values())] for model, figures in row.metrics.items())
    return text.getvalue()
