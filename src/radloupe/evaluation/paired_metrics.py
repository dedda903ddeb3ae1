"""Degrade an image, enlarge it every way, and measure: one image at a time in memory."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from radloupe import degradation, formats
from radloupe.core import seeds
from radloupe.core.errors import RadloupeWarning
from radloupe.evaluation.methods import Way
from radloupe.evaluation.scoring import cropped, inside
from radloupe.evaluation.survey import Subject, naming
from radloupe.imaging.image import Image
from radloupe.metrics.anatomy import anatomy
from radloupe.metrics.inside import flat
from radloupe.metrics.protocol import Figure, figures_of, measure, protocol_named

Figures = dict[str, float]


@dataclass(frozen=True)
class Task:
    """How images are degraded and measured. Raises `UsageError` for an unknown degradation or protocol."""

    degrade: str
    scale: int
    protocol: str = "plain"
    seed: int = 0
    weights: Path | None = None
    """The folder of LPIPS's weights."""

    def __post_init__(self) -> None:
        degradation.preset(self.degrade)
        protocol_named(self.protocol)

    @property
    def figures(self) -> list[Figure]:
        """What the protocol reports, in order."""
        return figures_of(protocol_named(self.protocol))

    @property
    def centred(self) -> bool:
        """How low pixels lie on the high ones; see `degradation.centred`."""
        return degradation.centred(self.degrade, self.scale)

    def seed_of(self, name: str) -> int:
        """The seed of an image's degradation: one of its own, whatever other images there are; `radloupe degrade` takes it too."""
        return int(seeds.generator(self.seed, "evaluate", name).integers(2**31))


@dataclass(frozen=True)
class ImageMetrics:
    """The figures of one image, by the name of the way."""

    name: str
    patient: str
    metrics: dict[str, Figures]
    whole: bool = False
    """Whether no anatomy could be told from the background, so that its figures are of all but the rim."""


def pair(subject: Subject, task: Task) -> tuple[Image, Image]:
    """The low image and the truth."""
    truth = cropped(formats.read(subject.path), task.scale)
    return degradation.degrade(truth, task.degrade, task.scale, task.seed_of(subject.name)), truth


def check_grid(ways: Sequence[Way], task: Task) -> None:
    """Warn of models that enlarge onto another grid than the truth's: their figures hold the distance between both."""
    for way in ways:
        if way.centred != task.centred:
            off = (task.scale - 1) / 2
            text = f"{way.name} learned from low pixels that lie otherwise than those of {task.degrade}: its result is {off:g} pixels off."
            warnings.warn(f"{text} Choose another --degrade to judge it.", RadloupeWarning, stacklevel=2)


def rows(subjects: Sequence[Subject], ways: Sequence[Way], task: Task) -> Iterator[ImageMetrics]:
    """The figures of every image, as they are made; what goes wrong names the image. Warns of ways onto another grid."""
    check_grid(ways, task)
    for subject in subjects:
        with naming(subject.name):
            yield score(subject, ways, task)


def score(subject: Subject, ways: Sequence[Way], task: Task) -> ImageMetrics:
    """The figures of one image, those in the anatomy first; its pixels are gone when this returns."""
    low, truth = pair(subject, task)
    where = anatomy(truth)
    figures: dict[str, Figures] = {}
    for way in ways:
        large = way.enlarge(low)
        found = inside(large, truth, where, task.protocol, low=low, scale=task.scale, centred=task.centred)
        figures[way.name] = flat(found) | measure(large, truth, task.protocol, scale=task.scale, weights=task.weights)
    return ImageMetrics(subject.name, subject.patient, figures, where.whole)
