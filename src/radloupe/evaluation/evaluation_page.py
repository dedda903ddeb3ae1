"""One page for a person: the table, and what the worst and the median image look like."""

import math
from collections.abc import Sequence

import numpy as np

from radloupe import __version__
from radloupe.evaluation.examples import image_rows, planes
from radloupe.evaluation.methods import Method
from radloupe.evaluation.model_table import Difference, ModelTable, lower_is_better, metric_names, metric_values
from radloupe.evaluation.paired_metrics import ImageMetrics, Task
from radloupe.evaluation.survey import PatientImage
from radloupe.metrics.anatomy import WHOLE
from radloupe.metrics.protocol import protocol_named, settings
from radloupe.metrics.statistics import Interval
from radloupe.reports.compare import shell
from radloupe.reports.parts import Cell, Dots, dots, label, pictures, table

WORST = 3
FOOTER = f"Made by radloupe {__version__}. Research software, not a medical device: not for diagnosis."


def page(found: ModelTable, rows: Sequence[ImageMetrics], subjects: Sequence[PatientImage], methods: Sequence[Method]) -> str:
    """The report as one HTML text that needs no network; its images are enlarged once more."""
    task, first = found.task, methods[0].name
    names = ", ".join(method.name for method in methods)
    said = "; ".join(f"{key} {value}" for key, value in settings(protocol_named(task.protocol), task.scale).items() if value is not None)
    introduction = (
        f"{names} on {count(found.images, 'image')} of {count(found.patients, 'patient')}. Low images: {task.degrade}, 1/{task.scale} of "
        f"each side, seed {task.seed}. Scored under the protocol {task.protocol} ({said})."
        + (f" {WHOLE} in {count(found.without_anatomy, 'image')}: all but the rim stands for it there." if found.without_anatomy else "")
    )
    parts = [means(found), *([differences(found), plot(found)] if len(methods) > 1 else [])]
    for title, place in chosen(rows, first, task).items():
        row = rows[place]
        text = f"Ranked by the {label(metric_names(rows)[0])} of {first}. Each row of pictures has one range of grey levels, that of the truth."
        parts.append(pictures(f"{title}: {row.name}", text, image_rows(planes(subjects[place], methods, task), row, task.scale)))
    return shell(f"{names} at x{task.scale}", introduction, "\n".join(parts), len(methods) + 2, FOOTER)


def count(number: int, what: str) -> str:
    """So many of something."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def chosen(rows: Sequence[ImageMetrics], first: str, task: Task) -> dict[str, int]:
    """The places of the three worst images and of the median one, by the first figure of the first model; no image twice."""
    figure = metric_names(rows)[0]
    values = (-1 if figure in lower_is_better(task) else 1) * np.nan_to_num(
        metric_values(rows, first, figure), nan=math.inf, posinf=math.inf
    )
    order = np.lexsort(([row.name for row in rows], values)).tolist()
    titles = ["The worst image", "The second worst", "The third worst"][:WORST]
    places = dict(zip(titles, order, strict=False))
    median = order[len(order) // 2]
    return places if median in places.values() else {**places, "The median image": median}


def means(found: ModelTable) -> str:
    """Every model's figures."""
    caption = (
        "Mean over patients; in brackets its 95 % interval over patients, where there are five or more; under it the mean of the worst "
        "tenth of the images. Anatomy: without air, shutters, burnt-in marks and the rim of the image."
    )
    rows = [
        [Cell(m.name), *(cell(m.mean[f], ".4g", [span(m.ci95[f], found.patients), f"worst tenth {m.worst_decile[f]:.4g}"]) for f in m.mean)]
        for m in found.models
    ]
    return table(caption, ["", *map(label, found.models[0].mean)], rows)


def cell(value: float, form: str, notes: Sequence[str]) -> Cell:
    """A figure with what belongs to it, or that there is none."""
    return Cell("none") if math.isnan(value) else Cell(format(value, form), notes)


def differences(found: ModelTable) -> str:
    """Every other model against the first."""
    first, *others = found.models
    caption = (
        f"Paired difference to {first.name}, mean over patients with its 95 % interval; p of a sign-flip permutation test over patients, "
        "and after Holm's correction over the models."
    )
    rows = [
        [Cell(m.name), *(cell(d.mean, "+.4g", [span(d.ci95, found.patients), chance(d)]) for d in m.difference.values())] for m in others
    ]
    return table(caption, ["", *map(label, first.mean)], rows)


def chance(difference: Difference) -> str:
    """The p-values in words."""
    return "no test" if math.isnan(difference.p) else f"p {difference.p:.2g}, Holm {difference.p_holm:.2g}"


def plot(found: ModelTable) -> str:
    """Every patient's difference in the first figure; nothing where one is not finite."""
    first, *others = found.models
    figure = next(iter(first.mean))
    lines = []
    for model in others:
        gaps = [model.patients[patient][figure] - means[figure] for patient, means in first.patients.items()]
        if not all(map(math.isfinite, gaps)):
            return ""
        difference = model.difference[figure]
        lines.append(Dots(model.name, gaps, difference.mean, difference.ci95))
    return dots(f"{label(figure)}: difference to {first.name}, a dot a patient; the mean and its interval", lines)


def span(interval: Interval, patients: int) -> str:
    """An interval in brackets; how many patients there are, where they are too few for one."""
    return f"[{interval[0]:.4g}, {interval[1]:.4g}]" if interval else count(patients, "patient")
