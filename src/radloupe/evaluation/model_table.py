"""Table of models: means over patients with confidence intervals, and paired differences to the first model."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from radloupe.evaluation.methods import Method
from radloupe.evaluation.paired_metrics import ImageMetrics, Task
from radloupe.evaluation.patient_statistics import holm, patient_means, sign_flip, worst_decile
from radloupe.metrics.inside import PREFIX
from radloupe.metrics.statistics import Interval, mean_and_interval


@dataclass(frozen=True)
class Difference:
    """Paired difference of a metric to the first model, over patients."""

    mean: float
    ci95: Interval
    p: float
    p_holm: float


@dataclass(frozen=True)
class ModelRow:
    """Results of one model by metric."""

    name: str
    sha256: str | None
    mean: dict[str, float]
    ci95: dict[str, Interval]
    worst_decile: dict[str, float]
    difference: dict[str, Difference]
    """Differences to the first model; empty for the first model itself."""
    patients: dict[str, dict[str, float]]
    """Means by patient and metric."""


@dataclass(frozen=True)
class ModelTable:
    """Result of `radloupe evaluate`."""

    task: Task
    models: list[ModelRow]
    images: int
    patients: int
    without_anatomy: int = 0
    """Images in which no anatomy was found, so that its metrics cover all pixels but the rim."""

    @property
    def metrics(self) -> list[str]:
        """Names of the metrics that are not NaN throughout, as LPIPS is without its weights."""
        return [name for name in self.models[0].mean if not all(math.isnan(model.mean[name]) for model in self.models)]


def metric_names(rows: Sequence[ImageMetrics]) -> list[str]:
    """The names of the metrics, in the protocol's order."""
    return list(next(iter(rows[0].metrics.values())))


def metric_values(rows: Sequence[ImageMetrics], method: str, metric: str) -> Float[np.ndarray, " images"]:
    """One metric of one method over the images."""
    return np.array([row.metrics[method][metric] for row in rows], float)


def tabulate(rows: Sequence[ImageMetrics], methods: Sequence[Method], task: Task) -> ModelTable:
    """Table of models over images; all models are compared with the first."""
    differences = paired_differences(rows, methods, task.seed)
    models = [model_row(rows, method, task, differences.get(method.name, {})) for method in methods]
    return ModelTable(task, models, len(rows), len({row.patient for row in rows}), sum(row.whole for row in rows))


def model_row(rows: Sequence[ImageMetrics], method: Method, task: Task, difference: dict[str, Difference]) -> ModelRow:
    """One model's results."""
    columns = {metric: metric_values(rows, method.name, metric) for metric in metric_names(rows)}
    patients = sorted({row.patient for row in rows})
    means = {metric: by_patient(rows, values) for metric, values in columns.items()}
    summaries = {metric: mean_and_interval(values.tolist(), task.seed) for metric, values in means.items()}
    return ModelRow(
        method.name,
        method.sha256,
        {metric: mean for metric, (mean, _) in summaries.items()},
        {metric: interval for metric, (_, interval) in summaries.items()},
        {metric: worst_decile(values.tolist(), metric not in lower_is_better(task)) for metric, values in columns.items()},
        difference,
        {patient: {metric: float(values[i]) for metric, values in means.items()} for i, patient in enumerate(patients)},
    )


def lower_is_better(task: Task) -> set[str]:
    """Metrics for which smaller values are better (errors and distances)."""
    return {PREFIX + "blocks_below_bicubic", *(metric.name for metric in task.metrics if metric.metric.identical == 0)}


def by_patient(rows: Sequence[ImageMetrics], values: Float[np.ndarray, " images"]) -> Float[np.ndarray, " patients"]:
    """Means over the images of each patient."""
    return patient_means(values, [row.patient for row in rows])


def paired_differences(rows: Sequence[ImageMetrics], methods: Sequence[Method], seed: int) -> dict[str, dict[str, Difference]]:
    """Paired differences of the other models to the first, by model and metric; Holm's correction is over the models of one metric."""
    first, *others = methods
    found: dict[str, dict[str, Difference]] = {method.name: {} for method in others}
    for metric in metric_names(rows) if others else ():
        base = metric_values(rows, first.name, metric)
        with np.errstate(invalid="ignore"):  # identical images have an infinite PSNR; the difference of two is NaN
            gaps = np.stack([by_patient(rows, metric_values(rows, method.name, metric) - base) for method in others])
        p_values = sign_flip(gaps, seed).tolist()
        for method, gap, p, adjusted in zip(others, gaps, p_values, holm(p_values), strict=True):
            found[method.name][metric] = Difference(*mean_and_interval(gap.tolist(), seed), p, adjusted)
    return found


def csv_text(rows: Sequence[ImageMetrics], task: Task) -> str:
    """CSV text with a line for each image and model: the seed of its degradation, and every metric in full precision."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["image", "patient", "seed", "model", *metric_names(rows)])
    for row in rows:
        start = (row.name, row.patient, task.seed_of(row.name))
        writer.writerows([*start, model, *map(repr, metrics.values())] for model, metrics in row.metrics.items())
    return text.getvalue()
