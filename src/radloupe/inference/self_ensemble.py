"""Geometric self-ensemble: the mean over the eight flips and rotations of an image (Timofte et al., CVPR 2016; Lim et al., CVPRW 2017)."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from radloupe import degradation
from radloupe.core.errors import UsageError
from radloupe.inference.tiles import Run
from radloupe.networks.model import Model

Turn = Callable[[np.ndarray], np.ndarray]


def turns() -> Iterator[tuple[Turn, Turn]]:
    """Each of the eight symmetries of a square, acting on the last two axes, with its inverse."""
    for transposed, down, across in product((False, True), (1, -1), (1, -1)):

        def turn(image: np.ndarray, t: bool = transposed, y: int = down, x: int = across) -> np.ndarray:
            flipped = image[..., ::y, ::x]
            return flipped.swapaxes(-1, -2) if t else flipped

        def back(image: np.ndarray, t: bool = transposed, y: int = down, x: int = across) -> np.ndarray:
            return (image.swapaxes(-1, -2) if t else image)[..., ::y, ::x]

        yield turn, back


def self_ensemble(run: Run, model: Model) -> Run:
    """Self-ensemble of an engine: the mean over the eight symmetries, with eight times the work and the memory of one.

    Raises `UsageError` for a model without centred grids, whose output on flipped images is on another grid.
    """
    if not degradation.centred(model.degradation, model.spec.scale):
        raise UsageError(
            f"Expected a model with centred grids for the `quality` best, found {model.name} ({model.degradation}). Use default."
        )

    def mean(low: np.ndarray) -> np.ndarray:
        answers = (back(run(np.ascontiguousarray(turn(low)))) for turn, back in turns())
        total = next(answers).astype(np.float32)
        for answer in answers:
            total = total + answer
        return total / 8

    return mean
