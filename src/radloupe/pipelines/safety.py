"""Safety of models on the images of a folder: planted lesions, resolution, noise."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from radloupe import formats
from radloupe.evaluation.methods import methods_named
from radloupe.evaluation.paired_metrics import Task
from radloupe.evaluation.safety import safety_table
from radloupe.evaluation.survey import survey
from radloupe.pipelines.evaluate import Progress, silent


def compare_safety(
    models: Sequence[str], data: Path, task: Task, patients: Path | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """Safety table of models beside bicubic enlargement: the record of `radloupe evaluate --safety --json`.

    Raises `UsageError`, `InputError`, `WeightsError` as `evaluate`; the images, at most a few hundred slices, are kept in memory.
    """
    methods = methods_named(models, task.scale, centred=task.centred)
    subjects = survey(data, methods, task.scale, patients, task.modality)
    images = [formats.read(subject.path, modality=task.modality) for subject in subjects]
    how = {"degrade": task.degrade, "scale": task.scale, "seed": task.seed}
    counts = {"images": len(subjects), "patients": len({subject.patient for subject in subjects})}
    with progress(data.name, None) as advance:
        return how | counts | safety_table(images, methods, task.degrade, task.scale, seed=task.seed, on_slice=advance)


def lines(found: Mapping[str, Any]) -> list[dict[str, str]]:
    """Lines of the table for a terminal: a line for each measure, a column for each method."""
    columns = {row["name"]: dict(flattened(row)) for row in found["models"]}
    return [{"": name} | {model: column.get(name, "none") for model, column in columns.items()} for name in [*columns.values()][-1]]


def flattened(row: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Names and values of a nested row, each value followed by its interval."""
    for key, value in row.items():
        name = f"{before}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from flattened(value, f"{name}, ")
        elif isinstance(value, float):
            low, high = row.get(f"{key}_ci95") or row.get("ci95" if key == "auc" else "") or (None, None)
            yield name, f"{value:.3g}" + (f" [{low:.3g}, {high:.3g}]" if low is not None else "")
