"""Comparison of models on a folder of images: degrade, super-resolve, measure, and tabulate over patients."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from radloupe.evaluation.methods import Method, methods_named
from radloupe.evaluation.model_table import ModelRow, ModelTable, tabulate
from radloupe.evaluation.paired_metrics import ImageMetrics, Task, image_metrics
from radloupe.evaluation.survey import PatientImage, survey
from radloupe.metrics.inside import nested
from radloupe.metrics.protocol import protocol_named, settings, unavailable

Progress = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]
"""Function of a title and a total that returns a context of the progress display, which yields the function that advances it."""


def silent(title: str, total: int | None) -> AbstractContextManager[Callable[[int], None]]:
    """Progress without a display."""
    return nullcontext(lambda steps: None)


@dataclass(frozen=True)
class Evaluation:
    """Result of an evaluation: its table, task and images."""

    table: ModelTable
    rows: list[ImageMetrics]
    subjects: list[PatientImage]
    methods: Sequence[Method]

    @property
    def unavailable(self) -> dict[str, str]:
        """Metrics of the protocol that could not be computed, with the reason for each."""
        return unavailable(self.table.task.metrics, self.table.task.weights)

    @property
    def record(self) -> dict[str, Any]:
        """JSON record of `radloupe evaluate --json`."""
        task = self.table.task
        how = {key: getattr(task, key) for key in ("protocol", "degrade", "scale", "seed")}
        how["settings"] = settings(protocol_named(task.protocol), task.scale)
        counts = {key: getattr(self.table, key) for key in ("images", "patients", "without_anatomy")}
        return {**how, "models": [line_record(one) for one in self.table.models], **counts, "unavailable": self.unavailable}


def line_record(model: ModelRow) -> dict[str, Any]:
    """Record of a model; metrics in the anatomy are under `anatomy` throughout."""
    found = asdict(model)
    tables = {key: nested(found[key]) for key in ("mean", "ci95", "worst_decile", "difference")}
    return found | tables | {"patients": {patient: nested(values) for patient, values in found["patients"].items()}}


def compare(models: Sequence[str], data: Path, task: Task, patients: Path | None = None, progress: Progress = silent) -> Evaluation:
    """Compare models on the images of a folder. Raises `UsageError`, `InputError`, `WeightsError`."""
    methods = methods_named(models, task.scale, centred=task.centred)
    subjects = survey(data, methods, task.scale, patients, task.modality)
    with progress(data.name, len(subjects)) as advance:
        found = [row for row in image_metrics(subjects, methods, task) if not advance(1)]
    return Evaluation(tabulate(found, methods, task), found, subjects, methods)


def evaluate(
    models: str | Sequence[str],
    data: str | Path,
    *,
    degrade: str,
    scale: int,
    protocol: str = "plain",
    seed: int = 0,
    patients: str | Path | None = None,
    weights: str | Path | None = None,
    modality: str | None = None,
) -> dict[str, Any]:
    """Table of models compared on a folder of images: means, 95 % intervals over patients, paired differences to the first model.

    Args:
        models: Shipped models, model folders, or `nearest`, `bicubic`, `lanczos`, `zero-filling`.
        data: A folder of images, or of `train`, `validation` and `test` folders of them.
        degrade: Preset of `radloupe.degradation.PRESETS` for the low-resolution images.
        scale: Enlargement in plane.
        protocol: Protocol of the metrics (`radloupe.metrics`).
        seed: Seed of the degradation, the intervals and the tests.
        patients: A CSV or JSON-lines file with the columns `image` and `patient`.
        weights: Folder of the weights of LPIPS.
        modality: `XR`, `CT` or `MR`, for formats that do not store it.

    Returns:
        What `radloupe evaluate --json` prints.

    Raises:
        UsageError: For an unknown model, preset or protocol, or a model of another scale.
        InputError: For images that cannot be read or measured.
        WeightsError: For missing or damaged weights.

    >>> import radloupe as rl
    >>> from tempfile import TemporaryDirectory
    >>> from pydicom.data import get_testdata_file
    >>> with TemporaryDirectory() as folder:
    ...     written = rl.write(rl.read(get_testdata_file("MR_small.dcm")), f"{folder}/mr.nii.gz")
    ...     table = rl.evaluate(["bicubic", "mri-x2"], folder, degrade="kspace-centred", scale=2)
    >>> [(row["name"], row["mean"]["psnr"] > 25) for row in table["models"]]
    [('bicubic', True), ('mri-x2', True)]

    """
    names = [models] if isinstance(models, str) else models
    task = Task(degrade, scale, protocol, seed, Path(weights) if weights else None, modality)
    return compare(names, Path(data), task, Path(patients) if patients else None).record
