"""Texture search, TTSR's hard attention: the most similar position of a reference for each position (Yang et al., CVPR 2020, eqs. 1 to 3).

The similarity is the cosine of 3x3 feature patches with zero padding. Of equally similar positions both forms below take the first in
reading order; they differ only where two cosines agree within rounding (about 1e-6).
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from radloupe.networks.layers.blocks import exactly

TILE = 32
"""Side of the compared blocks in positions: 34**4 products are 5 MB, which fit the cache (`bench/nets.py`)."""
TINY = 1e-12  # smallest norm in a division: a patch of zeros is similar to no other


class Match(NamedTuple):
    """The best position of the reference for each position of the image."""

    similarity: Float[Tensor, "b y x"]
    """Cosine of the two patches, -1 to 1: TTSR's soft attention."""
    position: Int[Tensor, "b y x"]
    """Position in the reference, in reading order."""


def plain_search(low: Float[Tensor, "b c y x"], reference: Float[Tensor, "b c v u"]) -> Match:
    """Reference form: every patch against every patch. Takes 4 * y*x * v*u bytes."""
    patches = F.normalize(F.unfold(low, 3, padding=1), dim=1, eps=TINY)
    others = F.normalize(F.unfold(reference, 3, padding=1), dim=1, eps=TINY)
    similarity, index = (others.mT @ patches).max(1)
    return Match(similarity.view(-1, *low.shape[2:]), index.view(-1, *low.shape[2:]))


def search(low: Float[Tensor, "b c y x"], reference: Float[Tensor, "b c v u"], tile: int = TILE) -> Match:
    """Tiled search with at most `tile`**4 products in memory and a ninth of the multiplications.

    The product of two patches is the sum of nine products of pixels, and neighbouring pairs of patches share eight of them: pixels are
    multiplied once and summed along the diagonal of (image, reference). Half precision is searched in float32. Gradients reach both
    inputs through the similarity.
    """
    return found_by(partial(search_one, tile=tile), low, reference)


def found_by(
    find: Callable[[Float[Tensor, "c y x"], Float[Tensor, "c v u"]], Match],
    low: Float[Tensor, "b c y x"],
    reference: Float[Tensor, "b c v u"],
) -> Match:
    """Matches of each image by `find`, in float32 without gradients; the similarity is recomputed where gradients are needed."""
    with torch.no_grad(), exactly(low):
        found = [find(a, b) for a, b in zip(single(low), single(reference), strict=True)]
        similarity, index = (torch.cat(parts) for parts in zip(*found, strict=True))
    if torch.is_grad_enabled() and (low.requires_grad or reference.requires_grad):
        with exactly(low):
            similarity = similarity_at(index, single(low), single(reference))
    return Match(similarity.to(low.dtype), index)


def single(features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
    """The features in float32, or in float64 if they are."""
    return features.to(torch.promote_types(features.dtype, torch.float32))


def search_one(low: Float[Tensor, "c y x"], reference: Float[Tensor, "c v u"], tile: int) -> Match:
    """The matches of one image, as a batch of one."""
    inverse = patch_lengths(reference[None])[0].reciprocal()
    shape = low.shape[1:]
    similarity, index = low.new_empty(shape), low.new_empty(shape, dtype=torch.long)
    for here in blocks(shape, tile):
        similarity[here], index[here] = search_block(bordered(low, here), reference, inverse, tile)
    return Match((similarity / patch_lengths(low[None])[0])[None], index[None])


def search_block(
    low: Float[Tensor, "c h w"], reference: Float[Tensor, "c v u"], inverse: Float[Tensor, "v u"], tile: int
) -> tuple[Float[Tensor, "y x"], Int[Tensor, "y x"]]:
    """The best of all blocks of the reference for a bordered block of the image; the similarity is not divided by the image's lengths."""
    best = low.new_full((low.shape[1] - 2, low.shape[2] - 2), -torch.inf)
    index = torch.zeros_like(best, dtype=torch.long)
    for there in blocks(inverse.shape, tile):
        values, positions = relevance(low[None], bordered(reference, there)[None], inverse[there][None])[0].max(-1)
        width = inverse[there].shape[1]
        positions = (positions // width + there[0].start) * inverse.shape[1] + positions % width + there[1].start
        best, index = better(best, index, values, positions)
    return best, index


def better(best: Tensor, index: Tensor, values: Tensor, positions: Tensor) -> tuple[Tensor, Tensor]:
    """More similar of two matches; of equal ones the first in reading order."""
    taken = (values > best) | ((values == best) & (positions < index))
    return torch.where(taken, values, best), torch.where(taken, positions, index)


def relevance(
    low: Float[Tensor, "b c h w"], reference: Float[Tensor, "b c v u"], inverse: Float[Tensor, "b v2 u2"]
) -> Float[Tensor, "b h-2 w-2 positions"]:
    """Inner products of all 3x3 patches of the image with those of the reference, times a factor for each of the latter."""
    batch, _, height, width = low.shape
    tall, wide = reference.shape[2:]
    count = tall * wide
    products = (low.flatten(2).mT @ reference.flatten(2)).flatten(1)
    rows = sum_of_three(products, count + 1)  # one column on in both
    patches = sum_of_three(rows, width * count + wide)  # one row on in both
    inside = patches.as_strided(
        (batch, height - 2, width - 2, tall - 2, wide - 2), (patches.stride(0), width * count, count, wide, 1)
    )  # excludes sums that wrap around a row's end
    return (inside * inverse[:, None, None]).flatten(3)


def sum_of_three(values: Float[Tensor, "b n"], step: int) -> Float[Tensor, "b m"]:
    """Sums of each value and the two that follow at distances `step` and `2 * step`."""
    total = values[:, : -2 * step] + values[:, step:-step]
    total += values[:, 2 * step :]
    return total


def blocks(shape: tuple[int, ...], tile: int) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of the blocks of a plane, in reading order."""
    height, width = shape
    for y in range(0, height, tile):
        for x in range(0, width, tile):
            yield slice(y, min(y + tile, height)), slice(x, min(x + tile, width))


def bordered(features: Float[Tensor, "c y x"], block: tuple[slice, slice]) -> Float[Tensor, "c h w"]:
    """A block with the pixels around it, zeros beyond the image."""
    rows, columns = block
    missing = [columns.start == 0, columns.stop == features.shape[2], rows.start == 0, rows.stop == features.shape[1]]
    part = features[:, max(rows.start - 1, 0) : rows.stop + 1, max(columns.start - 1, 0) : columns.stop + 1]
    return F.pad(part, [int(border) for border in missing])


def patch_lengths(features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b y x"]:
    """Norm of the 3x3 patch around each position, at least `TINY`."""
    squares = features.square().sum(1, keepdim=True)
    return F.conv2d(squares, squares.new_ones(1, 1, 3, 3), padding=1).clamp_min(TINY**2).sqrt()[:, 0]


def similarity_at(
    index: Int[Tensor, "b y x"], low: Float[Tensor, "b c y x"], reference: Float[Tensor, "b c v u"]
) -> Float[Tensor, "b y x"]:
    """Cosine of each patch with its match, differentiable in both."""
    height, width = index.shape[1:]
    across = reference.shape[3] + 2
    padded, flat = F.pad(low, (1, 1, 1, 1)), F.pad(reference, (1, 1, 1, 1)).flatten(2)
    corner = (index // reference.shape[3] * across + index % reference.shape[3]).flatten(1)[:, None]
    product = index.new_zeros(index.shape, dtype=low.dtype)
    for y in range(3):
        for x in range(3):
            match = flat.gather(2, (corner + y * across + x).expand(-1, low.shape[1], -1)).view_as(low)
            product = product + (padded[:, :, y : y + height, x : x + width] * match).sum(1)
    lengths = patch_lengths(reference).flatten(1).gather(1, index.flatten(1)).view_as(index)
    return product / (patch_lengths(low) * lengths)
