"""Metrics of every method on every image: degrade, super-resolve, compare with the truth, one image in memory at a time."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from radloupe import degradation, formats
from radloupe.core import seeds
from radloupe.core.errors import RadloupeWarning
from radloupe.evaluation.evaluate_options import EvaluateOptions
from radloupe.evaluation.methods import Method
from radloupe.evaluation.scoring import cropped, inside
from radloupe.evaluation.survey import PatientImage, naming
from radloupe.imaging.image import Image
from radloupe.metrics.anatomy_mask import anatomy
from radloupe.metrics.inside import flat
from radloupe.metrics.protocol import ProtocolMetric, measure, protocol_metrics, protocol_named


@dataclass(frozen=True)
class Task(EvaluateOptions):
    """Evaluation task: degradation and metrics. Raises `UsageError` for an unknown degradation or protocol."""

    def __post_init__(self) -> None:
        degradation.preset(self.degrade)
        protocol_named(self.protocol)

    @property
    def metrics(self) -> list[ProtocolMetric]:
        """The protocol's metrics, in order."""
        return protocol_metrics(protocol_named(self.protocol))

    @property
    def centred(self) -> bool:
        """Whether low and high grid share pixel centres; see `degradation.centred`."""
        return degradation.centred(self.degrade, self.scale)

    def seed_of(self, name: str) -> int:
        """Seed of an image's degradation, independent of other images; `radloupe degrade --seed` reproduces it."""
        return int(seeds.generator(self.seed, "evaluate", name).integers(2**31))


@dataclass(frozen=True)
class ImageMetrics:
    """Metrics of one image, by method and metric."""

    name: str
    patient: str
    metrics: dict[str, dict[str, float]]
    whole: bool = False
    """Whether no anatomy was found, so that its metrics cover all pixels but the rim."""
    seed: int = 0
    """Training run of its methods."""


def degraded_pair(subject: PatientImage, task: Task) -> tuple[Image, Image]:
    """The low-resolution image and the truth."""
    truth = cropped(formats.read(subject.path, modality=task.modality), task.scale)
    return degradation.degrade(truth, task.degrade, task.scale, task.seed_of(subject.name)), truth


def check_grid(methods: Sequence[Method], task: Task) -> None:
    """Warn of models whose output grid is shifted against the truth's; the shift is part of their error."""
    for method in methods:
        if method.centred != task.centred:
            off = (task.scale - 1) / 2
            text = f"{method.name} was trained on another pixel grid than that of {task.degrade}: its result is shifted by {off:g} pixels."
            warnings.warn(f"{text} Choose a degradation on its grid to compare it.", RadloupeWarning, stacklevel=2)


def image_metrics(subjects: Sequence[PatientImage], methods: Sequence[Method], task: Task) -> Iterator[ImageMetrics]:
    """Metrics of every image, computed one by one; errors name the image. Warns of models on a shifted grid."""
    check_grid(methods, task)
    for subject in subjects:
        with naming(subject.name):
            yield measured(subject, methods, task)


def measured(subject: PatientImage, methods: Sequence[Method], task: Task) -> ImageMetrics:
    """Metrics of one image, those in the anatomy first; its pixels are released afterwards."""
    low, truth = degraded_pair(subject, task)
    where = anatomy(truth)
    metrics: dict[str, dict[str, float]] = {}
    for method in methods:
        large = method.upscale(low)
        found = inside(large, truth, where, task.protocol, low=low, scale=task.scale, centred=task.centred)
        metrics[method.name] = flat(found) | measure(large, truth, task.protocol, scale=task.scale, weights=task.weights)
    return ImageMetrics(subject.name, subject.patient, metrics, where.whole)
