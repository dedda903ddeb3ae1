"""Gain of a reference-based network by its reference: the PSNR with one over the PSNR with none, an even grey.

Published tables compare methods with one reference each, which does not tell whether the reference is used at all.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import UInt

from radloupe.data.degraded import radiograph
from radloupe.data.loading import unit
from radloupe.metrics.protocol import measure
from radloupe.networks.rng import isolated_rng
from radloupe.papers.runner.measurement import Enlarge, GreyPixels, Item
from radloupe.papers.runner.paper_table import REFERENCE_GAINS, PaperTable, Row
from radloupe.training.related_reference import related_reference

SIDE = 256
"""Largest side of the part in the middle of each test image that gains are measured on: a search takes long on whole images."""
LEVEL = 0.5
"""How far a reference deviates from the truth that stands for a near view where the data set has none."""


def takes_reference(row: Row) -> bool:
    """Whether the networks of a row take a reference."""
    return row.trained is not None and row.trained.data.source == "reference"


def reference_gains(one: Item, enlarge: Enlarge, table: PaperTable, scale: int, seed: int) -> dict[str, float]:
    """The gains of a row on a test image in dB, by the names of `REFERENCE_GAINS`.

    References are the truth, a near view (where the data set has none: the truth moved, bent and noisy), and the one that the data set
    holds, all as large as the part of the image.
    """
    part = middle(one, scale)
    references = (part.high, near(part, seed), part.reference)

    def psnr(reference: GreyPixels | None) -> float:
        made = enlarge(replace(part, reference=reference))
        return measure(radiograph(made), radiograph(part.high), table.protocol, scale=scale)["psnr"]

    without = psnr(np.full_like(part.high, np.iinfo(part.high.dtype).max // 2))
    return {metric.name: psnr(reference) - without for metric, reference in zip(REFERENCE_GAINS, references, strict=True)}


def middle(one: Item, scale: int) -> Item:
    """The part in the middle of a test image."""
    first = [max(0, n - SIDE) // 2 // scale * scale for n in one.high.shape]
    reference, view = (None if pixels is None else cut(pixels, first, SIDE) for pixels in (one.reference, one.near))
    low = cut(one.low, [n // scale for n in first], SIDE // scale)
    return replace(one, low=low, high=cut(one.high, first, SIDE), reference=reference, near=view)


def cut(pixels: UInt[np.ndarray, "y x"], first: Sequence[int], side: int) -> UInt[np.ndarray, "v u"]:
    """The part of an image from its first row and column on, at most `side` pixels wide and high."""
    rows, columns = (slice(start, start + side) for start in first)
    return np.ascontiguousarray(pixels[rows, columns])


def near(one: Item, seed: int) -> GreyPixels:
    """A near view of a test image, or what stands for it."""
    if one.near is not None:
        return one.near
    with isolated_rng(seed):
        made = related_reference(torch.from_numpy(2 * unit(one.high) - 1)[None, None], LEVEL)[0, 0].numpy()
    return np.rint((made + 1) / 2 * np.iinfo(one.high.dtype).max).astype(one.high.dtype)
