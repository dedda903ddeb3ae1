"""Levenberg-Marquardt on masked local correlation, from coarse volumes and few pixels to fine ones.

A start that leads to no agreement is tried again from random offsets around it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from radloupe.core import seeds
from radloupe.core.errors import InputError
from radloupe.drr.engines.engine import LineIntegrals, Render
from radloupe.drr.engines.jit import run_parallel
from radloupe.drr.registration.camera_motion import Motion
from radloupe.drr.registration.levenberg_marquardt import Fit, Parameters, minimise
from radloupe.drr.registration.local_correlation import LocalCorrelation
from radloupe.drr.registration.xray_target import Target, reduce_target
from radloupe.imaging.camera import View


@dataclass(frozen=True)
class Level:
    """A step from coarse to fine."""

    mm: float
    """Voxels of the CT."""
    pixels: int
    """Of an X-ray image along its longer side."""
    sigma: float
    """Of the local correlation, in pixels."""
    difference: float
    """Step of the derivatives, in parameters of `Motion`."""
    iterations: int


LEVELS = (Level(8.0, 32, 4.0, 1.0, 12), Level(4.0, 64, 6.0, 0.5, 10), Level(2.0, 128, 8.0, 0.25, 6))
AGREES, SURELY_AGREES = 0.15, 0.1  # 1 - similarity at the last level: of no agreement above, of what needs no second look below
ROUNDS, STARTS = 4, 8  # of random offsets
OFFSET_DEGREES, OFFSET_MM = 4.0, 8.0  # their standard deviations
OUTSIDE_MM = 10.0  # of body beyond the CT's ends that a ray may cross
IN_BODY = 0.2  # line integral from which on a flat part of an image must be a collimator and no air
LEAST_USED = 0.1  # share of the pixels below which images agree by chance


@dataclass(frozen=True)
class Renders:
    """A CT prepared for registration."""

    levels: Sequence[Render]
    """Render the DRRs of each level."""
    beyond: Render | None
    """Renders the path in mm through the body beyond the CT's ends; None where there is none."""


@dataclass(frozen=True)
class Match:
    """X-ray images in agreement with the CT."""

    fit: Fit
    polarity: int
    """-1 where the images show bone dark."""
    similarity: float
    """Mean local correlation at the finest level."""
    pixels: int
    """That could be compared there."""
    used: float
    """The same as a share of all."""
    starts: int


def match(renders: Renders, planes: Sequence[LineIntegrals], views: Sequence[View], motion: Motion, seed: int) -> Match:
    """The best agreement of X-ray images, whose views are moved together."""
    problems = [Problem(renders, number, planes, views, motion) for number in range(len(LEVELS))]
    problems[0].check_overlap()
    best, starts, generator = coarse_to_fine(problems, [np.zeros(6)]), 1, seeds.generator(seed, "registration")
    for enough in (SURELY_AGREES, *[AGREES] * (ROUNDS - 1)):
        if best.fit.cost < enough * len(views):
            break
        offsets = generator.standard_normal((STARTS, 6)) * motion.parameters(OFFSET_DEGREES, OFFSET_MM)
        best, starts = min(best, coarse_to_fine(problems, offsets), key=lambda found: found.fit.cost), starts + STARTS
    masks = problems[-1].masks(best.fit.parameters)
    pixels = sum(int(mask.sum()) for mask in masks)
    return Match(best.fit, best.polarity, 1 - best.fit.cost / len(views), pixels, pixels / sum(mask.size for mask in masks), starts)


@dataclass(frozen=True)
class Candidate:
    """A fit, with bone bright (1) or dark (-1) in the X-ray images."""

    fit: Fit
    polarity: int


def coarse_to_fine(problems: "Sequence[Problem]", offsets: Iterable[Parameters]) -> Candidate:
    """The finest fit that the best of several starts leads to, of either polarity.

    The finest level is solved twice: the masks that held where it began are made anew where it ended.
    """
    coarse = [Candidate(problems[0].solve(offset, sign), sign) for offset in offsets for sign in (1, -1)]
    best = min(coarse, key=lambda found: found.fit.cost)
    fit = best.fit
    for problem in (*problems[1:], problems[-1]):
        fit = problem.solve(fit.parameters, best.polarity)
    return Candidate(fit, best.polarity)


class Problem:
    """The registration of X-ray images at one level."""

    def __init__(self, renders: Renders, number: int, planes: Sequence[LineIntegrals], views: Sequence[View], motion: Motion) -> None:
        self.level, self.render, self.beyond, self.motion = LEVELS[number], renders.levels[number], renders.beyond, motion
        self.targets = [reduce_target(plane, view, self.level.pixels) for plane, view in zip(planes, views, strict=True)]

    def solve(self, start: Parameters, polarity: int) -> Fit:
        """The best parameters near a start, with the masks that hold there."""
        masks = self.masks(start)
        if min(mask.mean() for mask in masks) < LEAST_USED:
            return Fit(start, float(len(masks)), np.eye(6), 0, 0)
        correlations = [LocalCorrelation(mask, self.level.sigma) for mask in masks]
        pairs = list(zip(self.targets, correlations, strict=True))
        known = [polarity * correlation.features(target.pixels[None]) for target, correlation in pairs]

        def residuals(several: Float[np.ndarray, "n 6"]) -> Float[np.ndarray, "n m"]:
            found = [correlation.features(self.images(self.render, target, several)) for target, correlation in pairs]
            return np.concatenate([one - other for one, other in zip(found, known, strict=True)], axis=1)

        return minimise(residuals, start, self.level.difference, self.level.iterations)

    def check_overlap(self) -> None:
        """Raise `InputError` where an image looks past the CT from its start."""
        for target in self.targets:
            if self.images(self.render, target, np.zeros((1, 6))).max() < IN_BODY:
                raise InputError("Expected X-ray images of what the CT shows, found one that starts beside it. Start nearer: give `start`.")

    def images(self, render: Render, target: Target, several: Float[np.ndarray, "n 6"]) -> Float[np.ndarray, "n rows columns"]:
        """DRRs for several sets of parameters."""
        images = np.zeros((len(several), *target.view.shape), np.float32)

        def one(item: int) -> None:
            images[item] = render(self.motion.view(target.view, several[item]))

        run_parallel(one, range(len(several)))
        return images

    def masks(self, parameters: Parameters) -> list[Bool[np.ndarray, "rows columns"]]:
        """The pixels that can be compared, at a pose: no collimator there, and a CT that shows all of the body on the ray."""
        return [self.mask(target, parameters[None]) for target in self.targets]

    def mask(self, target: Target, parameters: Float[np.ndarray, "1 6"]) -> Bool[np.ndarray, "rows columns"]:
        """The pixels of one image that can be compared."""
        mask = ~(target.flat & (self.images(self.render, target, parameters)[0] > IN_BODY))
        return mask if self.beyond is None else mask & (self.images(self.beyond, target, parameters)[0] < OUTSIDE_MM)
