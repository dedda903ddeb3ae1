"""Coarse-to-fine texture search of TTSR, for images too large for an exhaustive one; `docs/texture-search.md` reports its quality.

Means of `factor` x `factor` positions (cells) are searched exhaustively. The positions of each cell are then searched in windows three
cells wide, around the cell's own match and around those that its neighbours' matches predict.
"""

from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from radloupe.networks.layers.texture_search import Match, better, found_by, patch_lengths, relevance, search

AROUND = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
"""Offsets of the cells whose matches define a cell's windows: itself and its four neighbours."""
CELLS = 256  # compared at once; with 256 channels and factor 4 their windows take 50 MB


def coarse_search(low: Float[Tensor, "b c y x"], reference: Float[Tensor, "b c v u"], factor: int = 4) -> Match:
    """Approximate search: a position of the reference near the most similar one for each position, with its own similarity."""
    return found_by(partial(coarse_one, factor=factor), low, reference)


def coarse_one(low: Float[Tensor, "c y x"], reference: Float[Tensor, "c v u"], factor: int) -> Match:
    """The matches of one image, as a batch of one."""
    cells = search(F.avg_pool2d(low[None], factor, ceil_mode=True), F.avg_pool2d(reference[None], factor, ceil_mode=True)).position[0]
    (rows, columns), (height, width) = cells.shape, low.shape[1:]
    here = F.pad(low, (1, columns * factor - width + 1, 1, rows * factor - height + 1)).permute(1, 2, 0)
    there = F.pad(reference, (1, 1, 1, 1)).permute(1, 2, 0).contiguous()
    inverse = patch_lengths(reference[None])[0].reciprocal()
    corners = candidates(cells, -(-reference.shape[2] // factor), factor)
    found = [
        refine(here, there, inverse, n, corners[n], factor, columns)
        for n in torch.split(torch.arange(rows * columns, device=low.device), CELLS)
    ]
    maps = (torch.cat(parts).view(rows, columns, factor, factor).transpose(1, 2) for parts in zip(*found, strict=True))
    similarity, index = (values.reshape(rows * factor, columns * factor)[None, :height, :width] for values in maps)
    return Match(similarity / patch_lengths(low[None]), index)


def candidates(cells: Int[Tensor, "rows columns"], across: int, factor: int) -> Int[Tensor, "cells 5 2"]:
    """First row and column of each cell's search windows; the coarse reference has `across` columns."""
    rows, columns = (torch.arange(n, device=cells.device) for n in cells.shape)
    found = []
    for y, x in AROUND:
        match = cells[(rows + y).clamp(0, len(rows) - 1)][:, (columns + x).clamp(0, len(columns) - 1)]
        found.append(torch.stack([match // across - y - 1, match % across - x - 1], -1))
    return torch.stack(found, 2).flatten(0, 1) * factor


def refine(
    here: Float[Tensor, "h w c"],
    there: Float[Tensor, "v2 u2 c"],
    inverse: Float[Tensor, "v u"],
    cells: Int[Tensor, " n"],
    corners: Int[Tensor, "n 5 2"],
    factor: int,
    columns: int,
) -> tuple[Float[Tensor, "n f f"], Int[Tensor, "n f f"]]:
    """Best positions for some cells, and their similarity before division by the norms of the image's patches."""
    tall, wide = (min(3 * factor, n) for n in inverse.shape)
    low = windows(here, cells // columns * factor, cells % columns * factor, factor + 2, factor + 2).permute(0, 3, 1, 2)
    best = low.new_full((len(cells), factor, factor), -torch.inf)
    index = torch.zeros_like(best, dtype=torch.long)
    for corner in corners.unbind(1):
        top, left = corner[:, 0].clamp(0, inverse.shape[0] - tall), corner[:, 1].clamp(0, inverse.shape[1] - wide)
        reference = windows(there, top, left, tall + 2, wide + 2).permute(0, 3, 1, 2)
        values, positions = relevance(low, reference, windows(inverse[..., None], top, left, tall, wide)[..., 0]).max(-1)
        positions = (positions // wide + top[:, None, None]) * inverse.shape[1] + positions % wide + left[:, None, None]
        best, index = better(best, index, values, positions)
    return best, index


def windows(
    plane: Float[Tensor, "h w c"], top: Int[Tensor, " n"], left: Int[Tensor, " n"], tall: int, wide: int
) -> Float[Tensor, "n tall wide c"]:
    """Windows of one size, gathered at many positions."""
    rows = top[:, None, None] + torch.arange(tall, device=top.device)[:, None]
    return plane[rows, left[:, None, None] + torch.arange(wide, device=left.device)]
