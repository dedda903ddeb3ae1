"""HTML report of an evaluation: the table, paired differences, and the worst and median images of the first model."""

import math
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from radloupe import __version__
from radloupe.evaluation.examples import image_rows, planes
from radloupe.evaluation.methods import Method
from radloupe.evaluation.model_table import Difference, ModelTable, lower_is_better, metric_names, metric_values
from radloupe.evaluation.paired_metrics import ImageMetrics, Task
from radloupe.evaluation.survey import PatientImage
from radloupe.metrics.anatomy_mask import WHOLE
from radloupe.metrics.protocol import protocol_named, settings
from radloupe.metrics.statistics import Interval
from radloupe.reports.compare import shell
from radloupe.reports.parts import Cell, Dots, dots, images, label, table

WORST = ("The worst image", "The second worst", "The third worst")
FOOTER = f"Made by radloupe {__version__}. Research software, not a medical device: not for diagnosis."


def page(found: ModelTable, rows: Sequence[ImageMetrics], subjects: Sequence[PatientImage], methods: Sequence[Method]) -> str:
    """Self-contained HTML report; the images that it shows are super-resolved again.

    Args:
        found: The table.
        rows: Metrics of every image.
        subjects: The images, in the order of `rows`.
        methods: The methods that are compared; the images are ranked by the first.

    """
    task, first = found.task, methods[0].name
    names = ", ".join(method.name for method in methods)
    sections = [means(found), *([differences(found), plot(found)] if len(methods) > 1 else [])]
    for title, index in examples_to_show(rows, first, task).items():
        row = rows[index]
        text = f"Ranked by the {label(metric_names(rows)[0])} of {first}. Each row of images has the range of grey levels of the truth."
        sections.append(images(f"{title}: {row.name}", text, image_rows(planes(subjects[index], methods, task), row, task.scale)))
    return shell(f"{names} at x{task.scale}", introduction(found, names), sections, len(methods) + 2, FOOTER)


def introduction(found: ModelTable, names: str) -> str:
    """Introduction: methods, images, degradation and protocol."""
    task = found.task
    facts = "; ".join(f"{key} {value}" for key, value in settings(protocol_named(task.protocol), task.scale).items() if value is not None)
    text = (
        f"{names} on {count(found.images, 'image')} of {count(found.patients, 'patient')}. Low-resolution images: {task.degrade}, "
        f"1/{task.scale} of each side, seed {task.seed}. Scored under the protocol {task.protocol} ({facts})."
    )
    if not found.without_anatomy:
        return text
    return f"{text} {WHOLE} in {count(found.without_anatomy, 'image')}: its metrics cover all pixels but the rim there."


def count(number: int, noun: str) -> str:
    """A number with its noun in singular or plural."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def examples_to_show(rows: Sequence[ImageMetrics], first: str, task: Task) -> dict[str, int]:
    """Indices of the three worst images and the median one by the first metric of the first model, without repetition."""
    metric = metric_names(rows)[0]
    sign = -1 if metric in lower_is_better(task) else 1
    values = sign * np.nan_to_num(metric_values(rows, first, metric), nan=math.inf, posinf=math.inf)
    order = np.lexsort(([row.name for row in rows], values)).tolist()
    examples = dict(zip(WORST, order, strict=False))
    median = order[len(order) // 2]
    return examples if median in examples.values() else {**examples, "The median image": median}


def means(found: ModelTable) -> Markup:
    """Table of every model's means; metrics that no model has are left out."""
    caption = (
        "Mean over patients; in brackets its 95 % confidence interval over patients, where there are five or more; below it the mean of "
        "the worst tenth of the images. Anatomy: without air, shutters, burnt-in marks and the rim of the image."
    )
    names = found.metrics
    rows = [
        [Cell(m.name), *(cell(m.mean[f], ".4g", [span(m.ci95[f], found.patients), f"worst tenth {m.worst_decile[f]:.4g}"]) for f in names)]
        for m in found.models
    ]
    return table(caption, ["", *map(label, names)], rows)


def cell(value: float, form: str, notes: Sequence[str]) -> Cell:
    """A value with its notes; `none` for NaN."""
    return Cell("none") if math.isnan(value) else Cell(format(value, form), notes)


def differences(found: ModelTable) -> Markup:
    """Table of paired differences to the first model."""
    first, *others = found.models
    caption = (
        f"Paired difference to {first.name}, mean over patients with its 95 % confidence interval; p of a sign-flip permutation test over "
        "patients, and after Holm's correction over the models."
    )
    names = found.metrics
    rows = [
        [Cell(m.name), *(cell((d := m.difference[f]).mean, "+.4g", [span(d.ci95, found.patients), p_values(d)]) for f in names)]
        for m in others
    ]
    return table(caption, ["", *map(label, names)], rows)


def p_values(difference: Difference) -> str:
    """The p-values, where there is a test."""
    return "no test" if math.isnan(difference.p) else f"p {difference.p:.2g}, Holm {difference.p_holm:.2g}"


def plot(found: ModelTable) -> Markup:
    """Dot plot of every patient's difference in the first metric; empty where one is not finite."""
    first, *others = found.models
    metric = next(iter(first.mean))
    lines = []
    for model in others:
        gaps = [model.patients[patient][metric] - means[metric] for patient, means in first.patients.items()]
        if not all(map(math.isfinite, gaps)):
            return Markup("")
        difference = model.difference[metric]
        lines.append(Dots(model.name, gaps, difference.mean, difference.ci95))
    return dots(f"{label(metric)}: difference to {first.name}, one dot per patient; the mean and its confidence interval", lines)


def span(interval: Interval, patients: int) -> str:
    """An interval in brackets; the number of patients where they are too few for one."""
    return f"[{interval[0]:.4g}, {interval[1]:.4g}]" if interval else count(patients, "patient")
